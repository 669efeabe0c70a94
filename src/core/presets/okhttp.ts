import { languageLadder } from './languages.ts';
import { callerLines, type HeaderFacts, type HeaderLine, line, listed, places } from './layout.ts';

/** Source: OkHttp's RealWebSocket, which sets Connection before BridgeInterceptor looks for it. */
const webSocketLines = places(
  ...['Upgrade', 'Connection'],
  ...['Sec-WebSocket-Key', 'Sec-WebSocket-Version', 'Sec-WebSocket-Extensions'],
);

/**
 * Returns the lines that OkHttp's BridgeInterceptor adds: the caller's headers first, then those that a request
 * lacks. It has no page, so it adds no Sec-Fetch, Origin or Referer. Source: OkHttp's BridgeInterceptor.
 */
export function okhttpLines(identity: { readonly userAgent: string }, hop: HeaderFacts): HeaderLine[] {
  const languages = hop.acceptLanguage === null ? null : languageLadder(hop.acceptLanguage, 'chromium');
  return listed(
    line('Accept-Language', languages),
    callerLines,
    hop.mode === 'websocket' && webSocketLines,
    places('Content-Type', 'Content-Length', 'Host'),
    hop.mode !== 'websocket' && places('Connection'),
    // BridgeInterceptor requests no compression for a range.
    line('Accept-Encoding', hop.names.includes('range') ? null : 'gzip'),
    places('Cookie'),
    line('User-Agent', identity.userAgent),
  );
}
