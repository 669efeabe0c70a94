import type { HeaderEntry } from '../core/pipeline.ts';
import {
  type ContextInput,
  hopOf,
  inferContext,
  type PresetContext,
  pageOf,
  type WeighedHop,
} from './context.ts';
import { fill } from './layout.ts';
import { layoutOf } from './layout-cache.ts';
import { type Preset, resolvePreset } from './preset.ts';
import { originText, refererText } from './referrer.ts';
import type { BrowserAlias, BrowserProfile, OperatingSystem } from './versions.ts';

export { type ContextInput, inferContext, type PresetContext } from './context.ts';
export type { Site } from './layout.ts';
export { type Preset, resolvePreset, resolveProfile } from './preset.ts';
export { siteBetween } from './site.ts';
export {
  type BrowserAlias,
  type BrowserProfile,
  getOperatingSystems,
  getProfiles,
  type OperatingSystem,
} from './versions.ts';

/** One hop of a request, as the preset stage sees it. */
export interface PresetRequest {
  readonly method: string;
  readonly url: URL;
  readonly context: PresetContext;
  /** URLs this call was redirected from, oldest first. */
  readonly redirectedFrom: readonly URL[];
  readonly http2: boolean;
  /** Languages in order, as `de-DE, en`; `null` for US English. */
  readonly acceptLanguage: string | null;
  /** The caller's headers in call order, an automatically added Content-Type included. */
  readonly headers: readonly HeaderEntry[];
  readonly hasBody: boolean;
  /** Method of the first hop. @default `method` */
  readonly initialMethod?: string | undefined;
}

/** A hop's headers, complete but for those the transport writes. */
export interface PresetHeaders {
  /** In wire order and case. */
  readonly headers: readonly HeaderEntry[];
  /** Where a Cookie header is inserted. */
  readonly cookieIndex: number;
  /**
   * Lower-case names of the whole head in wire order: those of `headers`, and `host`, `connection`,
   * `content-length` and `cookie` in the places that the browser has for them, sent or not.
   */
  readonly order: readonly string[];
}

/** Lists the headers of one hop in the browser's wire order, the caller's among them. */
export function presetHeaders(preset: Preset, request: PresetRequest): PresetHeaders {
  const weighed = hopOf(request);
  const layout = layoutOf(preset, weighed, request.headers);
  const headers = fill(layout, request.headers, (from) => urlValue(from, preset, request, weighed));
  return { headers, cookieIndex: layout.cookieIndex, order: layout.order };
}

function urlValue(
  from: 'referer' | 'origin',
  preset: Preset,
  request: PresetRequest,
  weighed: WeighedHop,
): string {
  const page = pageOf(request);
  if (from === 'origin')
    return originText(request.context, page, [...request.redirectedFrom, request.url], preset.hidesOrigin);
  return page === null ? '' : refererText(page, weighed.refererLevel);
}

/** What {@link getEmulationHeaders} may be told of a request. */
export interface EmulationContext extends Partial<Omit<ContextInput, 'url' | 'headers'>> {
  readonly url?: string | URL;
  readonly headers?: readonly HeaderEntry[];
  readonly http2?: boolean;
  readonly acceptLanguage?: string | null;
  readonly redirectedFrom?: readonly URL[];
}

/**
 * Lists the headers that a request in this context would carry, in wire order, without sending it.
 *
 * @example
 * getEmulationHeaders('chrome_156', 'windows', { destination: 'image', referrer: new URL('https://example.com/') })
 */
export function getEmulationHeaders(
  browser: BrowserProfile | BrowserAlias = 'chrome',
  os?: OperatingSystem,
  context: EmulationContext = {},
): [string, string][] {
  const { url = 'https://example.com/', method = 'GET', headers = [], contentType = null, ...rest } = context;
  const target = new URL(url);
  const { headers: list } = presetHeaders(resolvePreset(browser, os), {
    method,
    url: target,
    headers,
    hasBody: contentType !== null,
    context: inferContext({ ...rest, url: target, method, headers, contentType }),
    redirectedFrom: rest.redirectedFrom ?? [],
    http2: rest.http2 ?? false,
    acceptLanguage: rest.acceptLanguage ?? null,
  });
  return list.map(([name, value]) => [name, value]);
}
