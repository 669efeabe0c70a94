import { Readable } from 'node:stream';
import { tooLarge } from './body-errors.ts';
import { heard } from './readable-sink.ts';
import type { BodySettings, ResponseBody } from './response-body.ts';

/** One branch of a body that was cloned while it was arriving; already decoded. */
class StreamBody implements ResponseBody {
  readonly #stream: ReadableStream<Uint8Array>;
  readonly #settings: BodySettings;

  constructor(stream: ReadableStream<Uint8Array>, settings: BodySettings) {
    this.#stream = stream;
    this.#settings = settings;
  }

  get used(): boolean {
    return isDisturbed(this.#stream);
  }

  get locked(): boolean {
    return this.#stream.locked;
  }

  read(): Promise<Uint8Array> {
    return readStream(this.#stream, this.#settings);
  }

  stream(): ReadableStream<Uint8Array> {
    return this.#stream;
  }

  readable(): Readable {
    return toReadable(this.#stream);
  }

  tee(): [ResponseBody, ResponseBody] {
    return teeStream(this.#stream, this.#settings);
  }
}

export function teeStream(
  stream: ReadableStream<Uint8Array>,
  settings: BodySettings,
): [ResponseBody, ResponseBody] {
  const [first, second] = stream.tee();
  return [new StreamBody(first, settings), new StreamBody(second, settings)];
}

export function toReadable(stream: ReadableStream<Uint8Array>): Readable {
  return heard(Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]));
}

export async function readStream(
  stream: ReadableStream<Uint8Array>,
  settings: BodySettings,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value);
      size += next.value.length;
      if (size <= settings.maxBytes) continue;
      const error = tooLarge(settings, null);
      // Not awaited: the result of a clone resolves only when the other clone is cancelled too.
      reader.cancel(error).catch(() => {});
      throw error;
    }
  } finally {
    reader.releaseLock();
  }
  return Buffer.concat(chunks);
}

/** The stream of a body that is being read already. Fetch Standard, "unusable". */
export function takenStream(): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() });
  stream.getReader();
  return stream;
}

export function isDisturbed(stream: ReadableStream): boolean {
  // Node.js also accepts web streams here, which is missing from its types.
  return Readable.isDisturbed(stream as unknown as NodeJS.ReadableStream);
}
