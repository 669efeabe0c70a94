import { type Preset, type PresetHeaders, presetHeaders } from '../presets/index.ts';
import type { ResolvedRequest, Stage } from './pipeline.ts';

/** The stage of one hop: the browser's names, values and order, with the caller's headers in their places. */
export function withPreset(preset: Preset | null, http2: boolean): Stage {
  return (next) => (request) => next(applyPreset(preset, http2, request));
}

/** What the stage needs of a request. */
type PresetInput = Omit<ResolvedRequest, 'deadline' | 'onEvent'>;

/** A request with its headers complete and in the browser's order; `null` leaves them as they are. */
export function applyPreset<R extends PresetInput>(
  preset: Preset | null,
  offersHttp2: boolean,
  request: R,
): R {
  if (preset === null || !request.presetHeaders) return request;
  // As with browsers, HTTP/2 is for TLS.
  const http2 = offersHttp2 && request.url.protocol === 'https:';
  const { headers, cookieIndex, order } = headOf(preset, http2, request);
  const http1 = http2 ? () => headOf(preset, false, request) : null;
  return { ...request, headers, cookieIndex, headOrder: { names: order, http1 } };
}

function headOf(preset: Preset, http2: boolean, request: PresetInput): PresetHeaders {
  const head = presetHeaders(preset, {
    method: request.method,
    initialMethod: request.initialMethod,
    url: request.url,
    context: request.context,
    redirectedFrom: request.redirectedFrom,
    http2,
    acceptLanguage: request.acceptLanguage,
    headers: request.headers,
    hasBody: request.body !== null,
  });
  if (request.removedHeaders.size === 0) return head;
  const { headers, cookieIndex, order } = head;
  const stays = (name: string): boolean => !request.removedHeaders.has(name.toLowerCase());
  const before = headers.slice(0, cookieIndex).filter(([name]) => stays(name));
  const after = headers.slice(cookieIndex).filter(([name]) => stays(name));
  return { headers: [...before, ...after], cookieIndex: before.length, order };
}
