import type { RequestHead } from '../http.ts';
import { type Preset, presetHeaders } from '../presets/index.ts';
import type { CallRequest, Stage } from './pipeline.ts';

/** The stage of one hop: the browser's names, values and order, with the caller's headers in their places. */
export function withPreset(preset: Preset | null, offersHttp2: boolean): Stage {
  if (preset === null) return (next) => next;
  return (next) => (request) => {
    if (!request.settings.presetHeaders) return next(request);
    // As in browsers, HTTP/2 is used over TLS only.
    const http2 = offersHttp2 && request.url.protocol === 'https:';
    const http1Head = http2 ? () => headOf(preset, false, request) : null;
    return next({ ...request, head: headOf(preset, http2, request), http1Head });
  };
}

/** The head of one hop. */
function headOf(
  preset: Preset,
  http2: boolean,
  request: Omit<CallRequest, 'deadline' | 'watch' | 'attempt'>,
): RequestHead {
  return presetHeaders(preset, {
    method: request.method,
    initialMethod: request.initialMethod,
    url: request.url,
    context: request.context,
    redirectedFrom: request.redirectedFrom,
    http2,
    acceptLanguage: request.settings.acceptLanguage,
    headers: request.headers,
    removedHeaders: request.removedHeaders,
    hasBody: request.body !== null,
  });
}
