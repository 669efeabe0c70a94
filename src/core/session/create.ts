import { checkOneOf, own, ownCopy } from '../checks.ts';
import { invalidOption, RequestError } from '../errors.ts';
import { optionsIn } from '../option-row.ts';
import type { RequestInit } from '../request/init.ts';
import { optionTable } from '../request/option-table.ts';
import type { SessionResponse } from '../response/response.ts';
import { keepWarm } from '../transport/sharing.ts';
import { besideTransport, type SessionOptions } from './options.ts';
import { readDocument } from './read-saved-session.ts';
import { optionsOf, type SessionDocument } from './saved-session.ts';
import { Session } from './session.ts';

/**
 * Creates a session.
 *
 * @throws RequestError ERR_INVALID_OPTION, ERR_INVALID_HEADER or ERR_INVALID_URL that names the option
 * @example
 * await using session = await createSession({ browser: 'chrome' });
 * await session.fetch('https://example.com/login', { method: 'POST', form: { user: 'ada', password } });
 * const page = await session.fetch('https://example.com/members');
 */
export async function createSession(options: SessionOptions = {}): Promise<Session> {
  return new Session(options);
}

/**
 * Creates a session from a document that {@link Session.save} wrote. Cookies must satisfy the rules for cookies of a
 * server: those that no server could have set, and expired ones, are left out.
 *
 * @param document the document, or its JSON text
 * @param options take precedence over the document; `cookieJar` is refused
 * @throws RequestError ERR_INVALID_DOCUMENT for input that is not such a document, ERR_STORE_VERSION for one of a
 * later release; ERR_INVALID_OPTION, also when the proxy's password was not saved and no `proxy` is given
 * @example
 * const session = await loadSession(await readFile('session.json', 'utf8'));
 */
export async function loadSession(
  document: SessionDocument | string,
  options: SessionOptions = {},
): Promise<Session> {
  const given = ownCopy('Session options', options);
  if (given.cookieJar !== undefined) {
    throw invalidOption('cookieJar', 'left out: the cookies are in the document', given.cookieJar);
  }
  const read = readDocument(document);
  return new Session(optionsOf(read, given), read.createdAt);
}

/**
 * Runs `fn` with a new session and closes the session afterwards, also when `fn` fails.
 *
 * @returns what `fn` returns
 */
export async function withSession<T>(
  fn: (session: Session) => Promise<T> | T,
  options: SessionOptions = {},
): Promise<T> {
  if (typeof fn !== 'function') throw invalidOption('fn', 'a function that takes a session', fn);
  const session = await createSession(options);
  try {
    return await fn(session);
  } finally {
    await session.close();
  }
}

/** The options of a session that the one-shot {@link fetch} accepts for its single call. */
export interface OneShotOptions
  extends Pick<
    SessionOptions,
    | 'browser'
    | 'os'
    | 'proxy'
    | 'insecure'
    | 'trustStore'
    | 'ca'
    | 'cert'
    | 'key'
    | 'certOrigins'
    | 'proxyTls'
    | 'http2'
    | 'middleware'
    | 'observers'
  > {}

/** Options of the one-shot {@link fetch}: those of a request, and those that a session has for all its calls. */
export interface FetchInit extends Omit<RequestInit, keyof OneShotOptions>, OneShotOptions {
  /**
   * Sends the request with this session, as `session.fetch(input, init)` does. The options that the session fixes
   * (`browser`, `os`, `proxy`, `insecure`, `trustStore`) may be repeated, but not changed; `ca`, `cert`, `key`,
   * `certOrigins`, `proxyTls`, `http2`, `middleware` and `observers` are refused.
   */
  readonly session?: Session | undefined;
  /**
   * Which cookies are used: `session` those of the option `session`, `ephemeral` those of a new jar for this call
   * alone.
   * @default 'ephemeral', or 'session' where one is given
   */
  readonly cookieMode?: 'session' | 'ephemeral' | undefined;
}

// FetchInit does not use the types of the table, which would make the whole table public.
const oneShotKeys = optionsIn(optionTable, 'oneShot') satisfies readonly (keyof OneShotOptions)[];
const callKeys: ReadonlySet<string> = new Set(optionsIn(optionTable, 'call'));
const seamKeys = optionsIn(optionTable, 'seam') satisfies readonly (keyof OneShotOptions)[];
/** Connection options that a call of a session does not accept. */
const ownConnectionKeys = oneShotKeys.filter((key) => !callKeys.has(key));

/**
 * Sends one request with a new, empty jar, which also holds the cookies of its redirects.
 *
 * @throws RequestError by code; a caller's abort rejects with the signal's reason
 */
export async function fetch(
  input: string | URL | Request,
  given?: FetchInit | null,
): Promise<SessionResponse> {
  const init = given ?? {};
  if (typeof init !== 'object') throw invalidOption('init', 'an object', init);
  const session = own(init, 'session');
  checkCookieMode(own(init, 'cookieMode'), session);
  if (session !== undefined) {
    if (!(session instanceof Session)) {
      throw new RequestError('ERR_INVALID_OPTION', '`session` must be created via createSession()');
    }
    const other = seamKeys.find((key) => own(init, key) !== undefined);
    if (other === undefined) return session.fetch(input, init as RequestInit);
    const message = `${other} cannot be combined with session: give it to createSession()`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  const oneShot = new Session(oneShotOptions(init, input));
  keepWarm();
  try {
    return await oneShot.fetch(input, callOptions(init));
  } finally {
    void oneShot.close();
  }
}

/** A client certificate is sent to the server of the request, not to the servers of its redirects. */
function certOriginsOf(
  { cert, certOrigins }: SessionOptions,
  input: string | URL | Request,
): Pick<SessionOptions, 'certOrigins'> {
  if (cert === undefined || certOrigins !== undefined) return {};
  const url = URL.parse(typeof input === 'object' && 'url' in input ? input.url : String(input));
  return url?.protocol === 'https:' ? { certOrigins: url.origin } : {};
}

function checkCookieMode(cookieMode: unknown, session: unknown): void {
  if (cookieMode === undefined) return;
  const mode = checkOneOf('cookieMode', cookieMode, ['session', 'ephemeral']);
  if (mode === 'session' && session === undefined) {
    throw new RequestError('ERR_INVALID_OPTION', "cookieMode 'session' needs the option session");
  }
  if (mode === 'ephemeral' && session !== undefined) {
    throw new RequestError('ERR_INVALID_OPTION', "cookieMode 'ephemeral' cannot be combined with session");
  }
}

/** The init without the options that create the session. When a transport is given, the call itself refuses them. */
function callOptions(init: FetchInit): RequestInit {
  const options: Record<string, unknown> = { ...init };
  if (own(init, 'transport') == null) for (const key of oneShotKeys) delete options[key];
  for (const key of seamKeys) delete options[key];
  // No longer needed: the jar of this session is for this call alone.
  delete options.cookieMode;
  return options;
}

function oneShotOptions(init: FetchInit, input: string | URL | Request): SessionOptions {
  const seams = Object.fromEntries(seamKeys.map((key) => [key, own(init, key)]));
  if (own(init, 'transport') == null) {
    const options: SessionOptions = Object.fromEntries(oneShotKeys.map((key) => [key, own(init, key)]));
    return { ...seams, ...options, ...certOriginsOf(options, input) };
  }
  // The call itself refuses the other options by name.
  const other = ownConnectionKeys.find((key) => own(init, key) !== undefined);
  if (other === undefined) return seams;
  throw besideTransport(other);
}
