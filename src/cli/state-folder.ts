import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileNameOf } from '../registry/file-names.ts';
import type { Io } from './command.ts';
import { UsageError } from './usage-error.ts';

/** The folder for sessions: `$XDG_STATE_HOME/jarfetch`. XDG Base Directory Specification. */
export function stateFolder({ env }: Pick<Io, 'env'>): string {
  const given = env.XDG_STATE_HOME;
  // The specification says to ignore relative paths.
  if (given?.startsWith('/')) return join(given, 'jarfetch');
  if (process.platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'jarfetch', 'state');
  return join(env.HOME || homedir(), '.local', 'state', 'jarfetch');
}

/** The session that a command line names. */
export type SessionName =
  | { readonly kind: 'none' }
  | { readonly kind: 'new' }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'path'; readonly path: string };

/** Reads `--session`, else JARFETCH_SESSION. A value with a slash or with the ending `.json` is a file. */
export function sessionNamed(given: string | undefined, { env }: Pick<Io, 'env'>): SessionName {
  const name = given ?? env.JARFETCH_SESSION;
  if (given === '') throw new UsageError('--session needs the name of a session, "new" or a path');
  if (name === undefined || name === '') return { kind: 'none' };
  if (name === 'new') return { kind: 'new' };
  if (/[/\\]|\.json$/.test(name)) return { kind: 'path', path: resolve(name) };
  return { kind: 'id', id: name };
}

/** The key in JARFETCH_KEY; without one, only the rights of the files protect them. */
export function keyOf({ env }: Pick<Io, 'env'>): string | null {
  const key = env.JARFETCH_KEY;
  if (key === '') {
    throw new UsageError(
      'JARFETCH_KEY is set but empty: give it a passphrase, or unset it to keep sessions unencrypted',
    );
  }
  return key ?? null;
}

/** The name of the files of a session, without their ending. */
export function baseOf(id: string): string {
  return fileNameOf(id).replace(/\.json$/, '');
}
