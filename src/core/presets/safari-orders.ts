/** Kinds of request that Safari orders differently. `page*`: with the page's own headers. */
export type OrderKind =
  | 'typed'
  | 'link'
  | 'form'
  | 'load'
  | 'loadCors'
  | 'page'
  | 'pageCors'
  | 'post'
  | 'postCors'
  | 'pagePost'
  | 'preflight'
  | 'media'
  | 'mediaCrossSite'
  | 'websocket';

/** `http`: a cleartext target, without Sec-Fetch. */
export type OrderTransport = 'http' | 'https' | 'http2';

type Orders = Partial<Record<OrderKind, string>> & {
  readonly load: string;
  readonly post: string;
  readonly typed: string;
};

const names: Record<string, string> = {
  host: 'Host',
  connection: 'Connection',
  length: 'Content-Length',
  cookie: 'Cookie',
  accept: 'Accept',
  agent: 'User-Agent',
  language: 'Accept-Language',
  encoding: 'Accept-Encoding',
  priority: 'Priority',
  referer: 'Referer',
  origin: 'Origin',
  type: 'Content-Type',
  upgrade: 'Upgrade-Insecure-Requests',
  site: 'Sec-Fetch-Site',
  mode: 'Sec-Fetch-Mode',
  dest: 'Sec-Fetch-Dest',
  range: 'Range',
  acrm: 'Access-Control-Request-Method',
  acrh: 'Access-Control-Request-Headers',
  pragma: 'Pragma',
  cache: 'Cache-Control',
  wsKey: 'Sec-WebSocket-Key',
  wsVersion: 'Sec-WebSocket-Version',
  wsExtensions: 'Sec-WebSocket-Extensions',
  wsProtocol: 'Sec-WebSocket-Protocol',
  wsUpgrade: 'Upgrade',
};

// Safari 18 and later. HTTP/2 and HTTP/1.1 have the same orders, HTTP/1.1 without priority.
const modern: Orders = {
  typed: 'host dest agent accept referer site mode language priority encoding cookie connection',
  load: 'host dest agent accept referer site mode language priority encoding cookie connection',
  page: 'host accept site mode agent referer dest language priority encoding cookie connection',
  loadCors: 'host site accept origin mode agent referer dest language priority encoding cookie connection',
  post: 'host accept type origin site mode agent referer dest length language priority encoding cookie connection',
  postCors:
    'host accept type site origin mode agent referer dest length language priority encoding cookie connection',
  pagePost:
    'host type accept site mode origin agent referer length dest language priority encoding cookie connection',
  preflight:
    'host origin site acrm acrh mode agent referer dest length accept language priority encoding connection',
  media: 'host accept site encoding range mode agent referer dest language priority cookie connection',
  mediaCrossSite:
    'host accept site dest range mode agent referer encoding language priority cookie connection',
  websocket:
    'host wsUpgrade pragma wsKey site wsVersion wsProtocol wsExtensions cache mode origin agent connection dest accept language encoding cookie',
};

const modernHttp: Orders = {
  typed: 'host upgrade accept agent language encoding cookie connection',
  link: 'host agent accept upgrade referer language encoding cookie connection',
  form: 'host accept origin type upgrade agent referer length language encoding cookie connection',
  load: 'host referer accept agent language encoding cookie connection',
  page: 'host agent accept referer language encoding cookie connection',
  loadCors: 'host agent accept referer origin language encoding cookie connection',
  pageCors: 'host accept origin agent referer language encoding cookie connection',
  post: 'host agent accept type referer origin length language encoding cookie connection',
  pagePost: 'host accept type origin agent referer length language encoding cookie connection',
  preflight: 'host acrh agent acrm referer origin length accept language encoding connection',
  media: 'host accept range agent referer encoding language cookie connection',
  websocket:
    'host origin pragma wsVersion wsProtocol wsUpgrade wsKey agent wsExtensions cache connection accept language encoding cookie',
};

// Safari up to 17, whose orders differ between HTTP/1.1 and HTTP/2.
const classicHttps: Orders = {
  typed: 'host site cookie connection mode accept agent language dest encoding',
  load: 'host site encoding cookie connection mode accept agent referer dest language',
  form: 'host accept site encoding language mode type origin agent referer length connection cookie dest',
  page: 'host accept site encoding language mode agent referer connection cookie dest',
  loadCors: 'host accept origin encoding cookie connection mode site agent referer dest language',
  pageCors: 'host accept site language encoding mode origin agent referer connection cookie dest',
  post: 'host accept site language encoding mode type origin agent referer length connection cookie dest',
  pagePost: 'host accept site language encoding mode origin agent referer length connection cookie type dest',
  preflight: 'host site encoding acrm mode language origin acrh agent referer length connection dest accept',
  media: 'host site encoding language mode accept agent referer connection cookie range dest',
  mediaCrossSite: 'host site language encoding mode accept agent referer connection cookie range dest',
  websocket:
    'host pragma accept wsKey site wsVersion wsProtocol wsExtensions cache mode language origin agent connection cookie encoding wsUpgrade dest',
};

const classicHttp2: Orders = {
  typed: 'accept site cookie encoding mode agent language dest',
  load: 'accept site cookie dest language mode agent referer encoding',
  form: 'type accept site encoding language mode origin agent referer length cookie dest',
  page: 'accept site encoding language mode agent referer cookie dest',
  loadCors: 'site accept origin cookie dest language mode agent referer encoding',
  pageCors: 'accept site language encoding mode origin agent referer cookie dest',
  post: 'type accept site language encoding mode origin agent referer length cookie dest',
  pagePost: 'type accept site language mode origin agent referer length cookie encoding dest',
  preflight: 'accept site encoding acrm mode language origin acrh agent referer length dest',
  media: 'accept site encoding language mode agent referer cookie range dest',
  mediaCrossSite: 'accept site language encoding mode agent referer cookie range dest',
};

const classicHttp: Orders = {
  typed: 'host upgrade accept cookie agent language encoding connection',
  link: 'host cookie connection upgrade accept agent referer language encoding',
  form: 'host accept language encoding type origin length connection upgrade agent referer cookie',
  load: 'host cookie connection accept agent language referer encoding',
  page: 'host cookie connection accept agent referer language encoding',
  loadCors: 'host origin cookie connection accept agent language referer encoding',
  pageCors: 'host origin cookie connection accept agent referer language encoding',
  post: 'host type origin encoding cookie connection accept agent referer length language',
  pagePost: 'host accept encoding language origin agent referer length connection cookie type',
  preflight: 'host origin acrm length acrh connection accept agent referer language encoding',
  media: 'host language range accept agent referer encoding cookie connection',
  websocket:
    'host pragma accept wsKey wsVersion wsProtocol language wsExtensions cache encoding origin agent connection cookie wsUpgrade',
};

// The captured kind for a kind that was not captured.
const fallbacks: Record<OrderKind, OrderKind> = {
  typed: 'typed',
  link: 'load',
  form: 'post',
  load: 'load',
  loadCors: 'load',
  page: 'load',
  pageCors: 'loadCors',
  post: 'post',
  postCors: 'post',
  pagePost: 'post',
  preflight: 'load',
  media: 'load',
  mediaCrossSite: 'media',
  websocket: 'load',
};

function ordersOf(rank: number, transport: OrderTransport): Orders {
  if (rank >= 1800) return transport === 'http' ? modernHttp : modern;
  if (transport === 'http') return classicHttp;
  return transport === 'http2' ? classicHttp2 : classicHttps;
}

const expanded = new Map<string, readonly string[]>();

/**
 * Lists the header names of a kind of request in Safari's order.
 * Source: double-agent captures of Safari 16.5 to 18.1 on macOS, as published by Ulixee; the place of
 * Priority from captures of Safari 18 to 26.5.
 *
 * @param rank Safari's version as `major * 100 + minor`
 */
export function safariOrder(rank: number, kind: OrderKind, transport: OrderTransport): readonly string[] {
  const orders = ordersOf(rank, transport);
  const words = orders[kind] ?? orders[fallbacks[kind]] ?? orders[fallbacks[fallbacks[kind]]] ?? orders.load;
  const seen = expanded.get(words);
  if (seen !== undefined) return seen;
  const order = words.split(' ').map((word) => names[word] ?? word);
  expanded.set(words, order);
  return order;
}
