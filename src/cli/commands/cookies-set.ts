import type { CookieAttributes } from '../../index.ts';
import type { Arguments, Invocation, Outcome } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { readAll } from '../input.ts';
import { completeUrl } from '../request.ts';
import { withKeptSession } from '../session-of.ts';
import { UsageError } from '../usage-error.ts';

/** `cookies set`: sets a cookie as a Set-Cookie header of the URL would. */
export async function setCookie(invocation: Invocation): Promise<Outcome> {
  const { args } = invocation;
  const [word = ''] = args.positionals;
  const url = args.text('url');
  if (url === undefined)
    throw new UsageError('cookies set needs --url URL, the URL that the cookie belongs to');
  const [name, value] = await pairOf(word, invocation);
  return withKeptSession(invocation, async ({ session }) => {
    session.setCookie(name, value, completeUrl(url), attributesOf(args));
    return { data: { name } };
  });
}

/**
 * A secret value is not an argument, which other users of the machine can read: it comes from stdin or the
 * environment.
 */
async function pairOf(word: string, { args, io }: Invocation): Promise<readonly [string, string]> {
  const variable = args.text('value-env');
  const equals = word.indexOf('=');
  const sources = [variable !== undefined, args.flag('value-stdin'), equals >= 0].filter(Boolean).length;
  if (sources !== 1) {
    throw new UsageError('cookies set needs one value: NAME=VALUE, or NAME and --value-stdin or --value-env');
  }
  if (equals >= 0) return [word.slice(0, equals), word.slice(equals + 1)];
  const value = variable === undefined ? (await readAll(io)).toString('utf8') : io.env[variable];
  if (value === undefined)
    throw new UsageError(`--value-env ${variable}: this environment variable is not set`);
  return [word, value.replace(/\r?\n$/, '')];
}

function attributesOf(args: Arguments): CookieAttributes {
  const domain = args.text('domain');
  const path = args.text('path');
  const sameSite = args.text('same-site');
  const age = args.text('max-age');
  return {
    ...(domain === undefined ? {} : { domain }),
    ...(path === undefined ? {} : { path }),
    ...(sameSite === undefined ? {} : { sameSite: sameSite as NonNullable<CookieAttributes['sameSite']> }),
    ...(age === undefined ? {} : { expiresAtMs: Date.now() + parseDuration('--max-age', age) }),
    ...(args.flag('secure') ? { secure: true } : {}),
    ...(args.flag('http-only') ? { httpOnly: true } : {}),
  };
}
