import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder for compiled code: `$XDG_CACHE_HOME/jarfetch`, which only the user can write. Node's default is a folder
 * for temporary files that all users share.
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const given = env.XDG_CACHE_HOME;
  if (given?.startsWith('/')) return join(given, 'jarfetch');
  if (process.platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'jarfetch', 'cache');
  return join(env.HOME || homedir(), '.cache', 'jarfetch');
}
