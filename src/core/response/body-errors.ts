import { RequestError, type RequestErrorCode } from '../errors.ts';
import type { BodySettings } from './response-body.ts';

export function tooLarge(settings: BodySettings, cause: unknown): RequestError {
  const message = `The response body is larger than ${settings.maxBytes} bytes: raise maxBodyBytes, or read it as a stream`;
  return bodyError('ERR_BODY_TOO_LARGE', message, settings, cause);
}

/** The error for a stream that grows only by its codings. */
export function expandedTooMuch(settings: BodySettings, times: number): RequestError {
  const message = `The response body has grown to more than ${times} times the bytes received and to more than ${settings.maxBytes} bytes: raise maxBodyBytes if that is intended`;
  return bodyError('ERR_BODY_TOO_LARGE', message, settings, null);
}

/** The error for a failure of a decoder; its limit on bytes is the limit on the body. */
export function decodeError(settings: BodySettings, cause: unknown): RequestError {
  if (Object(cause).code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(settings, cause);
  const names = settings.codings.toReversed().join(', ');
  return bodyError('ERR_DECODE', `The response body is not valid ${names}`, settings, cause);
}

/** The error with which the connection of a discarded body ends, when the body is too long or too slow to drain. */
export function unwanted(settings: BodySettings): RequestError {
  return bodyError('ERR_CONNECTION_LOST', 'The response body was discarded', settings, null);
}

function bodyError(
  code: RequestErrorCode,
  message: string,
  settings: BodySettings,
  cause: unknown,
): RequestError {
  const details = { ...settings.describe(), phase: 'body' as const };
  return new RequestError(code, message, cause === null ? details : { ...details, cause });
}
