import { unknownOption } from '../checks.ts';
import { adviceOn } from '../foreign-options.ts';
import { nearName, plainName } from '../near-names.ts';
import { type OptionRow, type OptionScope, optionsIn } from '../option-row.ts';
import { optionTable } from './option-table.ts';

/**
 * Names that are no options and never misspelt ones: what the Fetch Standard, undici, node-fetch, frameworks and
 * one-shot fetch have. Without them some would be near to a name of ours.
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
 * Judges a key of an init that is no option of a call: ignored as in `fetch`, unless it is a misspelt option, an option
 * of another scope, or another client's name for what exists here.
 *
 * @throws RequestError ERR_INVALID_OPTION that says what to write
 */
export function checkUnknown(init: object, name: string, input: unknown): void {
  let advice = known.get(name);
  if (advice === undefined) {
    advice = adviceFor(name);
    if (known.size >= mostKnown) known.clear();
    known.set(name, advice);
  }
  // An inherited key, and one that is undefined, says nothing.
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

/** Few: a client's own option must not count as a misspelt option. */
function mostEdits(length: number): number {
  if (length < 4) return 0;
  return length < 10 ? 1 : 2;
}

/**
 * Tells whether a client has done what its own option asks for and passes it on all the same: ofetch leaves `baseURL`
 * and gaxios `params` and `baseURL` beside a URL that they are part of already.
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
      // As the one-shot fetch has it: the calls of a session have its jar.
      return value === 'session';
    default:
      return false;
  }
}
