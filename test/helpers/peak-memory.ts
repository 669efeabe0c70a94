import { readFileSync } from 'node:fs';

/**
 * The most memory in bytes that this process has had resident. On Linux `maxRSS` of a child also counts what its
 * parent had when it was started.
 */
export function peakMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}
