import type { HeaderEntry, RequestHead } from '../http.ts';
import type { RequestContext } from './context.ts';
import { fill } from './layout.ts';
import { layoutOf } from './layout-cache.ts';
import type { Preset } from './preset.ts';
import { originText, refererText } from './referrer.ts';
import { pageInContext, type WeighedFacts, weighHop } from './weigh-hop.ts';

/** One hop of a request, as the preset stage passes it. */
export interface PresetRequest {
  readonly method: string;
  readonly url: URL;
  readonly context: RequestContext;
  /** URLs this call was redirected from, oldest first. */
  readonly redirectedFrom: readonly URL[];
  readonly http2: boolean;
  /** Languages in order of preference, such as `de-DE, en`; `null` for US English. */
  readonly acceptLanguage: string | null;
  /** The caller's headers in call order, including an automatically added Content-Type. */
  readonly headers: readonly HeaderEntry[];
  readonly hasBody: boolean;
  /** Lower-case names of headers that the caller removed. @default none */
  readonly removedHeaders?: ReadonlySet<string> | undefined;
  /** Method of the first hop. @default `method` */
  readonly initialMethod?: string | undefined;
}

/** Lists the headers of one hop in the browser's wire order, including the caller's. */
export function presetHeaders(preset: Preset, request: PresetRequest): RequestHead {
  const weighed = weighHop(request);
  const layout = layoutOf(preset, weighed, request.headers, request.removedHeaders ?? none);
  return fill(layout, request.headers, (from) => urlValue(from, preset, request, weighed));
}

const none: ReadonlySet<string> = new Set();

function urlValue(
  from: 'referer' | 'origin',
  preset: Preset,
  request: PresetRequest,
  weighed: WeighedFacts,
): string {
  const page = pageInContext(request);
  if (from === 'origin')
    return originText(request.context, page, [...request.redirectedFrom, request.url], preset.hidesOrigin);
  return page === null ? '' : refererText(page, weighed.refererLevel);
}
