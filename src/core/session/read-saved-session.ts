import { type CookieLimits, isLimit } from '../cookies/jar/limits.ts';
import { describe, RequestError } from '../errors.ts';
import {
  type AccountStanding,
  type DocumentCookie,
  type LoginPause,
  maxDocumentLength,
  type SessionDocument,
} from './saved-session.ts';
import { copyUserData, isTooDeep } from './user-data.ts';

/**
 * Reads a document from JSON text or from the result of `JSON.parse`. Returns a copy in which every field has its
 * type. The jar decides later whether each cookie is allowed.
 *
 * @throws RequestError ERR_INVALID_DOCUMENT that names the field, ERR_STORE_VERSION for a document of a later release; it
 *   never shows a value
 */
export function readDocument(input: unknown): SessionDocument {
  const fields = fieldsOf(typeof input === 'string' ? parse(input) : input, 'the document');
  const { version } = fields;
  if (typeof version === 'number' && version > 1) throw newer(version);
  if (version !== 1) throw invalid(`version must be 1, got ${describe(version)}`);
  return {
    version: 1,
    sessionId: text(fields, 'sessionId'),
    createdAt: count(fields, 'createdAt'),
    lastUsedAt: count(fields, 'lastUsedAt'),
    savedAt: count(fields, 'savedAt'),
    ...textsOf(fields, ['lineage', 'era']),
    revision: count(fields, 'revision'),
    requests: count(fields, 'requests'),
    logins: count(fields, 'logins'),
    ...readLoginPause(fields.loginPause),
    ...readAccount(fields.account),
    // The names of browsers and systems are checked when the session is created.
    browser: textOrNull(fields, 'browser') as SessionDocument['browser'],
    os: text(fields, 'os') as SessionDocument['os'],
    acceptLanguage: textOrNull(fields, 'acceptLanguage'),
    defaultHeaders: list(fields, 'defaultHeaders').map(readHeader),
    baseUrl: textOrNull(fields, 'baseUrl'),
    proxy: textOrNull(fields, 'proxy'),
    proxyPasswordOmitted: flag(fields, 'proxyPasswordOmitted') ?? false,
    ...readCookieLimits(fields.cookieLimits),
    cookies: list(fields, 'cookies').map(readCookie),
    userData: readUserData(fields.userData),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parse(json: string): unknown {
  if (json.length > maxDocumentLength) {
    throw invalid(`it is longer than ${maxDocumentLength} characters`);
  }
  try {
    return JSON.parse(json);
  } catch {
    // The cause is left out: it quotes the text, which holds cookie values.
    throw invalid('it is not JSON');
  }
}

/** A copy without a prototype, so that no inherited property is read. */
function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${what} must be an object, got ${describe(value)}`);
  }
  return Object.assign(Object.create(null), value);
}

function text(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw invalid(`${key} must be a string`);
  return value;
}

function textOrNull(fields: Fields, key: string): string | null {
  return fields[key] === null ? null : text(fields, key);
}

/** The optional text fields that are present. */
function textsOf<Key extends string>(fields: Fields, keys: readonly Key[]): { readonly [K in Key]?: string } {
  const present = keys.filter((key) => fields[key] !== undefined);
  return Object.fromEntries(present.map((key) => [key, text(fields, key)])) as { [K in Key]?: string };
}

function count(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw invalid(`${key} must be a number that is not negative`);
  }
  return value;
}

function flag(fields: Fields, key: string): boolean | undefined {
  const value = fields[key];
  if (value !== undefined && typeof value !== 'boolean') throw invalid(`${key} must be true or false`);
  return value;
}

function list(fields: Fields, key: string): readonly unknown[] {
  const value = fields[key];
  if (!Array.isArray(value)) throw invalid(`${key} must be an array`);
  return value;
}

function readHeader(pair: unknown): readonly [string, string | null] {
  const [name, value, ...more] = Array.isArray(pair) ? pair : [];
  const isPair = typeof name === 'string' && (typeof value === 'string' || value === null);
  if (!isPair || more.length > 0) throw invalid('a header must be a pair of name and value');
  return [name, value];
}

/** Absent flags are false; an absent hostOnly is true, so that no cookie reaches more hosts than it was set for. */
function readCookie(value: unknown, index: number): DocumentCookie {
  const what = `cookies[${index}]`;
  const fields = fieldsOf(value, what);
  try {
    const { sameSite } = fields;
    if (sameSite !== undefined && sameSite !== 'lax' && sameSite !== 'strict' && sameSite !== 'none') {
      throw invalid('sameSite must be lax, strict or none');
    }
    return {
      name: text(fields, 'name'),
      value: text(fields, 'value'),
      domain: text(fields, 'domain'),
      path: text(fields, 'path'),
      hostOnly: flag(fields, 'hostOnly') ?? true,
      secure: flag(fields, 'secure') ?? false,
      httpOnly: flag(fields, 'httpOnly') ?? false,
      ...(sameSite === undefined ? {} : { sameSite }),
      ...(flag(fields, 'partitioned') === true ? { partitioned: true } : {}),
      ...numbersOf(fields),
    };
  } catch (error) {
    throw error instanceof RequestError ? invalid(error.message.replace(prefix, `${what}.`)) : error;
  }
}

function numbersOf(fields: Fields): Pick<DocumentCookie, 'expiresAtMs' | 'creation' | 'changedAt' | 'login'> {
  const keys = ['expiresAtMs', 'creation', 'changedAt', 'login'].filter((key) => fields[key] !== undefined);
  return Object.fromEntries(keys.map((key) => [key, count(fields, key)]));
}

function readAccount(value: unknown): { readonly account?: AccountStanding } {
  if (value === undefined) return {};
  const fields = fieldsOf(value, 'account');
  return {
    account: {
      restsUntil: count(fields, 'restsUntil'),
      failures: count(fields, 'failures'),
      score: count(fields, 'score'),
      uses: count(fields, 'uses'),
      firstUsedAt: count(fields, 'firstUsedAt'),
      retired: textOrNull(fields, 'retired'),
      changedAt: count(fields, 'changedAt'),
    },
  };
}

function readCookieLimits(value: unknown): { readonly cookieLimits?: CookieLimits } {
  if (value === undefined) return {};
  const { maxCookies, maxCharacters } = fieldsOf(value, 'cookieLimits');
  if (isLimit(maxCookies) && isLimit(maxCharacters)) return { cookieLimits: { maxCookies, maxCharacters } };
  throw invalid('cookieLimits must have maxCookies and maxCharacters, each a whole number from 1');
}

function readLoginPause(value: unknown): { readonly loginPause?: LoginPause } {
  if (value === undefined) return {};
  const fields = fieldsOf(value, 'loginPause');
  return {
    loginPause: {
      failures: count(fields, 'failures'),
      until: count(fields, 'until'),
      changedAt: count(fields, 'changedAt'),
    },
  };
}

function readUserData(value: unknown): unknown {
  if (isTooDeep(value)) throw invalid('userData is nested too deep');
  try {
    return copyUserData(value);
  } catch {
    throw invalid('userData has a value that JSON cannot represent');
  }
}

const prefix = 'Not a saved session: ';

function invalid(reason: string): RequestError {
  return new RequestError('ERR_INVALID_DOCUMENT', prefix + reason);
}

/** A document of a later release has a code of its own: it is not damaged, and that release can read it. */
function newer(version: number): RequestError {
  const message = `The saved session is of version ${version}, which a later release of jarfetch wrote; this one reads version 1`;
  return new RequestError('ERR_STORE_VERSION', message);
}
