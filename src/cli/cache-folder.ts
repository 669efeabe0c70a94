import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where compiled code is kept: `$XDG_CACHE_HOME/jarfetch`, which is the user's alone. Node's own choice is a folder for
 * temporary files that all users share.
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const given = env.XDG_CACHE_HOME;
  if (given?.startsWith('/')) return join(given, 'jarfetch');
  if (process.platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'jarfetch', 'cache');
  return join(env.HOME || homedir(), '.cache', 'jarfetch');
}
