import assert from 'node:assert/strict';
import type { Har, HarEntry } from '../../src/har/index.ts';
import { isRequestError, type RequestError } from '../../src/index.ts';

/** As much of a recorded exchange as a test has to say. */
export interface SmallEntry {
  readonly method?: string;
  readonly url: string;
  readonly body?: string;
  readonly bodyType?: string;
  readonly requestHeaders?: readonly (readonly [string, string])[];
  readonly status?: number;
  readonly headers?: readonly (readonly [string, string])[];
  readonly text?: string;
  readonly base64?: string;
  /** Of a body that is left out. */
  readonly size?: number;
  readonly error?: string | undefined;
  readonly startedAt?: string;
  readonly time?: number;
  readonly receive?: number;
}

export function harOf(...entries: readonly SmallEntry[]): Har {
  return {
    log: { version: '1.2', creator: { name: 'jarfetch', version: '0' }, entries: entries.map(entryOf) },
  };
}

const fields = (entries: SmallEntry['headers'] = []) => entries.map(([name, value]) => ({ name, value }));

function entryOf(entry: SmallEntry): HarEntry {
  const { method = 'GET', url, body, text = entry.base64, error, time = 0, receive = 0 } = entry;
  const mimeType = entry.bodyType ?? 'application/x-www-form-urlencoded';
  return {
    startedDateTime: entry.startedAt ?? new Date().toISOString(),
    time,
    request: {
      ...{ method, url, httpVersion: 'HTTP/1.1', cookies: [], headers: fields(entry.requestHeaders) },
      ...{ queryString: [], headersSize: -1, bodySize: body?.length ?? 0 },
      ...(body !== undefined && { postData: { mimeType, text: body } }),
    },
    response: {
      ...{ status: entry.status ?? 200, statusText: '', httpVersion: 'HTTP/1.1', cookies: [] },
      headers: fields(entry.headers),
      content: {
        ...{ size: entry.size ?? text?.length ?? 0, mimeType: 'text/plain' },
        ...(text !== undefined && { text }),
        ...(entry.base64 !== undefined && { encoding: 'base64' }),
      },
      ...{ redirectURL: '', headersSize: -1, bodySize: -1 },
      ...(error !== undefined && { _error: error }),
    },
    cache: {},
    timings: { send: 0, wait: time - receive, receive },
  };
}

export async function failureOf(call: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await call.then(
    () => 'no error',
    (reason: unknown) => reason,
  );
  assert(isRequestError(error), String(error));
  return error;
}
