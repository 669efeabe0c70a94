import { RequestError, type RequestErrorCode } from '../errors.ts';
import type { BodySettings } from './response-body.ts';

export function tooLarge({ maxBytes }: BodySettings): string {
  return `The response body is larger than ${maxBytes} bytes: raise maxBodyBytes, or read it as a stream`;
}

export function bodyError(
  code: RequestErrorCode,
  message: string,
  settings: BodySettings,
  cause: unknown,
): RequestError {
  const details = { ...settings.describe(), phase: 'body' as const };
  return new RequestError(code, message, cause === null ? details : { ...details, cause });
}
