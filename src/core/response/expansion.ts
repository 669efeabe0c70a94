import { expandedTooMuch } from './body-errors.ts';
import { decodePieces, type ResumableSink, type Sink } from './decode.ts';
import type { BodySettings } from './response-body.ts';

/**
 * The largest expansion of a stream, as bytes out for each byte in, once it has come to more than `maxBodyBytes`. One
 * coding of gzip or deflate cannot reach it: its maximum is 1032 (zlib.net, "Maximum compression factor").
 */
const maxExpansion = 1100;

/**
 * Decodes the codings of a stream piece by piece. The length of a stream is not limited, but its expansion is: past
 * `maxBodyBytes` it fails as soon as it is {@link maxExpansion} times as long as the bytes received.
 */
export function decodeStream(settings: BodySettings, target: Sink, onDrain: () => void): ResumableSink {
  let received = 0;
  let decoded = 0;
  let hasFailed = false;
  const bounded: Sink = {
    push(chunk) {
      if (hasFailed) return false;
      decoded += chunk.length;
      if (decoded <= settings.maxBytes || decoded <= maxExpansion * received) return target.push(chunk);
      hasFailed = true;
      decoder.destroy();
      target.fail(expandedTooMuch(settings, maxExpansion));
      return false;
    },
    end: () => target.end(),
    fail: (error) => target.fail(error),
  };
  const decoder = decodePieces(settings.codings, bounded, onDrain);
  return {
    ...decoder,
    push(chunk) {
      received += chunk.length;
      return decoder.push(chunk);
    },
  };
}
