import { isRequestError, type RequestError } from '../core/errors.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { ShownError } from './output.ts';
import { UsageError } from './usage-error.ts';

/**
 * A failure for the output. An error that is neither the package's nor the system's is a defect, and its name is
 * shown.
 */
export function showError(error: unknown): ShownError {
  const exitCode = exitCodeOf(error);
  if (error instanceof UsageError) return { code: error.code, message: error.message, exitCode };
  if (isRequestError(error)) {
    const { code, status, phase, hops, timeout, retryAfter, request } = error;
    const message = messageOf(error);
    const details = { status, phase, hops, timeout, retryAfter, url: request?.url, method: request?.method };
    const known = Object.entries(details).filter(([, value]) => value !== undefined);
    return { code, message, exitCode, ...Object.fromEntries(known) };
  }
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
    return { code, message: error.message, exitCode };
  }
  return { code: 'ERR_UNKNOWN', message: 'An unknown failure', exitCode };
}

/** The command that ends a session is `session close`, where the registry says `kill`. */
function messageOf({ code, message }: RequestError): string {
  return code === 'ERR_SESSION_NOT_FOUND' ? message.replace('(it was killed)', '(it was closed)') : message;
}
