import { type Preset, presetHeaders } from '../presets/index.ts';
import type { ResolvedRequest, Stage } from './pipeline.ts';

/** The stage of one hop: the browser's names, values and order, with the caller's headers in their places. */
export function withPreset(preset: Preset | null, http2: boolean): Stage {
  return (next) => (request) => next(applyPreset(preset, http2, request));
}

function applyPreset(preset: Preset | null, http2: boolean, request: ResolvedRequest): ResolvedRequest {
  if (preset === null || !request.presetHeaders) return request;
  const { headers, cookieIndex } = presetHeaders(preset, {
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
  if (request.removedHeaders.size === 0) return { ...request, headers, cookieIndex };
  const stays = (name: string): boolean => !request.removedHeaders.has(name.toLowerCase());
  const before = headers.slice(0, cookieIndex).filter(([name]) => stays(name));
  const after = headers.slice(cookieIndex).filter(([name]) => stays(name));
  return { ...request, headers: [...before, ...after], cookieIndex: before.length };
}
