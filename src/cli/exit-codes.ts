import { isRequestError, type RequestErrorCode } from '../core/errors.ts';
import { UsageError } from './usage-error.ts';

/** The exit codes, as the help prints them. */
export const exitCodes = {
  0: 'done',
  1: 'any other failure',
  2: 'the command line is wrong',
  3: 'the final status is 3xx (--no-check-status: 0)',
  4: 'the final status is 4xx',
  5: 'the final status is 5xx',
  6: 'too many redirects, or one that is forbidden',
  7: 'timeout',
  8: 'no connection, or a lost one: DNS, TLS, proxy',
  9: 'not found on the page, ambiguous, or a ref of an older page',
  10: 'the session does not exist, or its store cannot be used',
  11: 'login failed',
  12: 'refused by policy',
  13: 'the form is invalid',
  14: 'not HTML, or a required field is missing',
  15: 'the recording has no answer',
  130: 'interrupted (SIGINT)',
} as const;

export type ExitCode = keyof typeof exitCodes;

/** The exit code of each error code; the compiler checks that none is missing. */
const byErrorCode: Readonly<Record<RequestErrorCode, ExitCode>> = {
  ERR_INVALID_URL: 2,
  ERR_INVALID_OPTION: 2,
  ERR_INVALID_HEADER: 2,
  ERR_INVALID_COOKIE: 2,
  ERR_INVALID_BODY: 2,
  ERR_INVALID_SELECTOR: 2,
  ERR_SESSION_CLOSED: 1,
  ERR_TRANSPORT_CLOSED: 1,
  ERR_REGISTRY_CLOSED: 1,
  ERR_POOL_CLOSED: 1,
  ERR_NO_ACCOUNT: 1,
  ERR_TIMEOUT: 7,
  ERR_DNS: 8,
  ERR_CONNECT: 8,
  ERR_TLS: 8,
  ERR_PROXY: 8,
  ERR_PROXY_AUTH: 8,
  ERR_CONNECTION_LOST: 8,
  ERR_PROTOCOL: 8,
  ERR_HEADERS_TOO_LARGE: 8,
  ERR_BODY_TRUNCATED: 8,
  ERR_ADDRESS_FORBIDDEN: 12,
  ERR_RATE_LIMITED: 12,
  ERR_NOT_NAVIGABLE: 12,
  ERR_BODY_TOO_LARGE: 1,
  ERR_DECODE: 1,
  ERR_REDIRECT: 6,
  ERR_TOO_MANY_REDIRECTS: 6,
  ERR_INVALID_REDIRECT: 6,
  ERR_BODY_NOT_REPLAYABLE: 1,
  ERR_SESSION_NOT_FOUND: 10,
  ERR_SESSION_EXISTS: 10,
  ERR_TOO_MANY_SESSIONS: 10,
  ERR_INVALID_DOCUMENT: 10,
  ERR_STORE: 10,
  ERR_STORE_CONFLICT: 10,
  ERR_STORE_KEY: 10,
  ERR_STORE_LOCKED: 10,
  ERR_STORE_VERSION: 10,
  ERR_LOGIN_FAILED: 11,
  ERR_NOT_HTML: 14,
  ERR_FIELD_MISSING: 14,
  ERR_PAGE_TOO_LARGE: 1,
  ERR_NOT_FOUND: 9,
  ERR_AMBIGUOUS: 9,
  ERR_FORM_INVALID: 13,
  ERR_CONTROL_VALUE: 13,
  ERR_STATUS: 1,
  ERR_CHECKSUM: 1,
  ERR_FILE: 1,
  ERR_MOCK_FAILED: 1,
  ERR_REPLAY_NO_MATCH: 15,
};

/** The exit code of a process that fails with `error`. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return 2;
  if (!isRequestError(error)) return 1;
  if (error.code === 'ERR_STATUS' && error.status !== undefined) return exitCodeOfStatus(error.status) || 1;
  // An error from another release of the package can have an unknown code.
  return byErrorCode[error.code] ?? 1;
}

/** The exit code of a final status; 1xx and 2xx are success. */
export function exitCodeOfStatus(status: number | null): ExitCode {
  if (status === null || status < 300) return 0;
  if (status < 400) return 3;
  return status < 500 ? 4 : 5;
}
