import { type CurlOption, readCurlOptions } from '../core/cookies/formats/curl-command.ts';
import type { CommandRequest } from './request.ts';
import { completeUrl } from './request.ts';
import { UsageError } from './usage-error.ts';

/** The request that a curl command describes. */
export interface CurlRequest extends CommandRequest {
  /** Options of the command that have no meaning here. */
  readonly ignored: readonly string[];
}

const dataOptions = /^(-d|--data|--data-raw|--data-binary|--data-ascii|--json)$/;
/** Options that a session does anyway, or that do not concern the request. */
const harmless =
  /^(-L|--location|--compressed|-s|-S|-i|-v|--silent|--show-error|--include|--verbose|--globoff|-b|--cookie)$/;

/**
 * Reads a curl command that was copied from a browser's developer tools or a manual. It leaves cookies out, which
 * `importCookies` reads.
 *
 * @throws UsageError
 */
export function parseCurl(text: string): CurlRequest {
  const options = readCurlOptions(text);
  if (options === null) throw new UsageError('This is not a curl command: it must begin with curl');
  const url = options.find(({ name }) => name === undefined || name === '--url')?.value;
  if (url === undefined) throw new UsageError('The curl command has no URL');
  const headers = options.flatMap(headersOf);
  const data = options.filter(({ name }) => dataOptions.test(name ?? '')).map(dataOf);
  const isGet = options.some(({ name }) => name === '-G' || name === '--get');
  const isHead = options.some(({ name }) => name === '-I' || name === '--head');
  const said = options.findLast(({ name }) => name === '-X' || name === '--request')?.value;
  const body = data.length === 0 || isGet ? undefined : data.join('&');
  const method = said ?? (isHead ? 'HEAD' : body === undefined ? 'GET' : 'POST');
  const query = isGet && data.length > 0 ? `${url.includes('?') ? '&' : '?'}${data.join('&')}` : '';
  return {
    url: completeUrl(url + query),
    init: { method, headers: withType(headers, body, options), ...(body === undefined ? {} : { body }) },
    ignored: options.flatMap(ignoredOf),
  };
}

type Header = readonly [name: string, value: string];

function headersOf({ name, value }: CurlOption): Header[] {
  if (name === '-A' || name === '--user-agent') return [['User-Agent', value]];
  if (name === '-e' || name === '--referer') return [['Referer', value]];
  if (name === '-u' || name === '--user') {
    return [['Authorization', `Basic ${Buffer.from(value).toString('base64')}`]];
  }
  if (name !== '-H' && name !== '--header') return [];
  const colon = value.indexOf(':');
  const own = value.slice(0, colon).trim();
  // The jar has the cookies; a pseudo-header of HTTP/2 is not a header field.
  if (colon < 1 || /^cookie$/i.test(own)) return [];
  return [[own, value.slice(colon + 1).trim()]];
}

/** A copied command must not choose which local files are sent. */
function dataOf({ name, value }: CurlOption): string {
  if (value.startsWith('@') && name !== '--data-raw') {
    throw new UsageError(`${name} ${value} would send a local file: send it with jarfetch and -d ${value}`);
  }
  return value;
}

/** curl sends this type for a body without one. */
function withType(
  headers: readonly Header[],
  body: string | undefined,
  options: readonly CurlOption[],
): Header[] {
  if (body === undefined || headers.some(([name]) => /^content-type$/i.test(name))) return [...headers];
  const isJson = options.some(({ name }) => name === '--json');
  return [...headers, ['Content-Type', isJson ? 'application/json' : 'application/x-www-form-urlencoded']];
}

const known = /^(-[XHAeuIGd]|--(request|header|user-agent|referer|user|head|get|url))$/;

function ignoredOf({ name }: CurlOption): string[] {
  if (name === undefined || known.test(name) || dataOptions.test(name) || harmless.test(name)) return [];
  if (name === '-F' || name === '--form' || name === '--data-urlencode') {
    throw new UsageError(
      `${name} is not supported: write the request with items, as jarfetch post URL name=value`,
    );
  }
  return [name];
}
