/**
 * Shows the headers that a browser would send, without sending them:
 *
 * npm run headers -- chrome_156 windows --destination image --referrer https://example.com/page
 */
import { parseArgs } from 'node:util';
import {
  type BrowserAlias,
  type BrowserProfile,
  type EmulationContext,
  getEmulationHeaders,
  isRequestError,
  type OperatingSystem,
} from 'jarfetch';

const usage = `npm run headers -- [browser] [os] [options]

  --url URL              the URL of the request (https://example.com/)
  --method METHOD        GET
  --destination NAME     document, image, script, style, font, iframe ...; empty for a page's fetch
  --mode MODE            navigate, cors, no-cors, same-origin, websocket
  --referrer URL         the page, or no-referrer
  --initiator NAME       xmlhttprequest, eventsource, beacon, prefetch, preload, parser, css
  --content-type TYPE    of the body, if there is one
  --header 'Name: value' one of your own; may be given again
  --redirected-from URL  an earlier hop; may be given again
  --accept-language TAGS such as 'de-DE, en'
  --cache, --credentials, --priority, --referrer-policy as in fetch
  --http2                the list for HTTP/2`;

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ url: text, method: text, destination: text, mode: text, referrer: text, initiator: text },
      ...{ 'content-type': text, 'accept-language': text, 'referrer-policy': text },
      ...{ cache: text, credentials: text, priority: text, header: texts, 'redirected-from': texts },
      http2: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) console.log(usage);
  else {
    const [browser, os] = positionals;
    const { header, help, ...rest } = values;
    const named = Object.entries(rest).map(([name, value]) => [
      name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]);
    const context = {
      ...Object.fromEntries(named),
      headers: (header ?? []).map(toField),
    } as EmulationContext;
    const list = getEmulationHeaders(
      browser as BrowserProfile | BrowserAlias,
      os as OperatingSystem,
      context,
    );
    const width = Math.max(...list.map(([name]) => name.length));
    for (const [name, value] of list) console.log(`${name.padEnd(width)}  ${value}`);
  }
} catch (error) {
  const isUsage =
    error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (!isUsage && !isRequestError(error)) throw error;
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 1;
}

function toField(field: string): [name: string, value: string] {
  const colon = field.indexOf(':');
  return [field.slice(0, colon).trim(), field.slice(colon + 1).trim()];
}
