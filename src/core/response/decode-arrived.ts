import { constants } from 'node:buffer';
import { decodeError, tooLarge } from './body-errors.ts';
import { type Decoding, decodeWhole } from './decode.ts';
import type { BodySettings } from './response-body.ts';

/**
 * Decodes a body of which all bytes have arrived.
 *
 * @returns a plain value where no thread is used
 * @throws RequestError ERR_BODY_TOO_LARGE, ERR_DECODE
 */
export function decodeArrived(bytes: Uint8Array, settings: BodySettings): Uint8Array | Decoding {
  const { codings, maxBytes } = settings;
  if (bytes.length > maxBytes) throw tooLarge(settings, null);
  try {
    return decodeWhole(bytes, codings, Math.min(maxBytes, constants.MAX_LENGTH));
  } catch (cause) {
    throw decodeError(settings, cause);
  }
}
