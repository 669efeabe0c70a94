import { unknownOption } from '../checks.ts';
import { adviceOn } from '../foreign-options.ts';
import { nearName, plainName } from '../near-names.ts';
import { type OptionRow, type OptionScope, optionsIn } from '../option-row.ts';
import { optionTable } from './option-table.ts';

/**
 * Names that are not options and not misspelt options: those of the Fetch Standard, undici, node-fetch, frameworks
 * and the one-shot fetch. Without this list some would count as misspellings of an option.
 */
const ignored: ReadonlySet<string> = new Set([
  ...['integrity', 'keepalive', 'window', 'attributionReporting', 'browsingTopics', 'targetAddressSpace'],
  ...[
    'agent',
    'dispatcher',
    'size',
    'follow',
    'counter',
    'highWaterMark',
    'insecureHTTPParser',
    'next',
    'cf',
  ],
  ...['session', 'node', 'code', 'transform', 'retryDelay', 'retryStatusCodes'],
]);

/** The cached result for each name, `null` for an ignored one: clients pass the same names with each call. */
const known = new Map<string, string | null>();
const mostKnown = 256;

/**
 * Checks a key of an init that is not an option of a call. It is ignored as in `fetch`, unless it is a misspelt
 * option, an option of another scope, or another client's name for an existing option.
 *
 * @throws RequestError ERR_INVALID_OPTION that names the right option
 */
export function checkUnknown(init: object, name: string, input: unknown): void {
  let advice = known.get(name);
  if (advice === undefined) {
    advice = adviceFor(name);
    if (known.size >= mostKnown) known.clear();
    known.set(name, advice);
  }
  // An inherited key and an undefined one have no effect.
  if (advice === null || !Object.hasOwn(init, name)) return;
  const value: unknown = Reflect.get(init, name);
  if (value === undefined || isDone(init, name, value, input)) return;
  throw unknownOption('init', name, advice);
}

function adviceFor(name: string): string | null {
  if (ignored.has(name)) return null;
  const known = adviceOn(name, 'call') ?? placeOf(name);
  if (known !== undefined) return known;
  const near = nearName(name, optionsIn(optionTable, 'call'), mostEdits);
  return near === undefined ? null : `did you mean ${near}?`;
}

const places: readonly (readonly [OptionScope, string])[] = [
  ['session', 'createSession()'],
  ['call', 'session.fetch()'],
  ['transport', 'createTransport()'],
  ['webSocket', 'session.websocket()'],
  ['eventStream', 'session.eventSource()'],
];

/** The place where a misplaced option belongs, `undefined` for a name that is not an option. */
export function placeOf(name: string): string | undefined {
  if (!Object.hasOwn(optionTable, name)) return undefined;
  const { scopes }: OptionRow = optionTable[name as keyof typeof optionTable];
  const place = places.find(([scope]) => scopes.includes(scope));
  return place && `it is an option of ${place[1]}`;
}

/** Most edits of a misspelling. They are few, so that a client's own option does not count as a misspelt option. */
function mostEdits(length: number): number {
  if (length < 4) return 0;
  return length < 10 ? 1 : 2;
}

/**
 * Whether a client has already applied its own option and still passes it on: ofetch passes `baseURL` and gaxios
 * `params` and `baseURL` together with a URL that already includes them.
 */
function isDone(init: object, name: string, value: unknown, input: unknown): boolean {
  const url = typeof input === 'string' || input instanceof URL ? String(input) : '';
  switch (plainName(name)) {
    case 'data':
      return ['body', 'json', 'form'].some((body) => Object.hasOwn(init, body));
    case 'baseurl':
      return url !== '' && url.startsWith(String(value).replace(/(?<!\/)\/+$/, ''));
    case 'params':
    case 'query': {
      if (typeof value !== 'object' || value === null) return false;
      const query = new URLSearchParams(url.split('#', 1)[0]?.split('?').slice(1).join('?'));
      return Object.keys(value).every((each) => query.has(each));
    }
    case 'cookiemode':
      // An option of the one-shot fetch; the calls of a session use its jar.
      return value === 'session';
    default:
      return false;
  }
}
