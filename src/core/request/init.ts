import { invalidOption } from '../errors.ts';
import { type OptionRow, optionsIn } from '../option-row.ts';
import type { CacheMode, ReferrerPolicyName, RequestContext } from '../presets/context.ts';
import type { BrowserAlias, BrowserProfile, Initiator, OperatingSystem } from '../presets/index.ts';
import type { ConnectionOptions } from '../transport/connection-options.ts';
import type { Transport } from '../transport/transport.ts';
import { addSetting, type GivenSettings } from './call-settings.ts';
import type { FieldsInput } from './fields.ts';
import type { HeadersInput } from './headers.ts';
import { type CallOption, type Checked, optionTable } from './option-table.ts';
import type { BodyInput } from './request-body.ts';
import type { CallOptions } from './settings.ts';
import { checkUnknown } from './unknown-options.ts';

/**
 * The options of a request: those of `fetch` and more. Unknown keys are ignored, as in `fetch`. A misspelt key, or
 * another client's name for an option that exists here (`data`, `params`, `baseURL`), is ERR_INVALID_OPTION with the
 * right name.
 */
export interface RequestInit extends CallOptions {
  /** @default 'GET' */
  readonly method?: string | undefined;
  readonly headers?: HeadersInput | null | undefined;
  /** At most one of `body`, `json`, `form`. */
  readonly body?: BodyInput | null | undefined;
  /** Sent as JSON, with its Content-Type. */
  readonly json?: unknown;
  /** Sent as a browser's urlencoded form. */
  readonly form?: FieldsInput | undefined;
  /** Added to the URL's query. */
  readonly searchParams?: FieldsInput | undefined;
  readonly duplex?: 'half' | undefined;
  /** With `destination`: the kind of request that a browser would make. Inferred when left out. */
  readonly mode?: RequestContext['mode'] | undefined;
  readonly cache?: CacheMode | undefined;
  /** URL of the page the request comes from; `no-referrer` hides it. */
  readonly referrer?: string | URL | undefined;
  /** @default 'strict-origin-when-cross-origin' */
  readonly referrerPolicy?: ReferrerPolicyName | undefined;
  /** The Fetch Standard's destination: 'document', '' (a page's fetch), 'image', 'script', 'style', 'iframe' and so on. */
  readonly destination?: string | undefined;
  /**
   * False for a navigation by script.
   * @default true for navigations
   */
  readonly userActivation?: boolean | undefined;
  /**
   * The urgency of a page's own request. It changes the headers where the browser sends it. Fetch Standard, "internal
   * priority".
   * @default 'auto'
   */
  readonly priority?: 'high' | 'low' | 'auto' | undefined;
  /**
   * The initiator in the page, where the headers show it: XMLHttpRequest, EventSource, a beacon, a prefetch, a
   * preload, the HTML parser, a style sheet. `fetch` or `''` means the usual initiator for the destination.
   * @default inferred from the headers
   */
  readonly initiator?: Initiator | 'fetch' | undefined;
  /**
   * The transport of this call: its connections, its proxy and, if it has one, its preset. Cookies and headers stay
   * the session's.
   */
  readonly transport?: Transport | undefined;
  /** Fixed when the session is created: the same value is accepted, another one is refused. */
  readonly browser?: BrowserProfile | BrowserAlias | null | undefined;
  /** Fixed when the session is created. */
  readonly os?: OperatingSystem | undefined;
  /** Fixed when the session is created. */
  readonly proxy?: string | null | undefined;
  /** Fixed when the session is created. */
  readonly insecure?: boolean | undefined;
  /** Fixed when the session is created. */
  readonly trustStore?: ConnectionOptions['trustStore'];
}

type Table = typeof optionTable;

/** The options of a call, each an own property, so that inherited properties are ignored. */
type ReadOptions = {
  readonly [Name in CallOption]:
    | (Checked<Name> extends never ? RequestInit[Name] : Checked<Name>)
    | undefined;
};

/** The options that a call may repeat, but not change. */
export type FixedOption = {
  [Name in CallOption]: Table[Name] extends { readonly merge: 'fixed' } ? Name : never;
}[CallOption];

/** An init whose options are checked, except those that are resolved together with others. */
export interface ReadInit extends ReadOptions {
  /** The settings that the call sets for all its hops; `null` for none. */
  readonly settings: GivenSettings | null;
  /** Which options it repeats that the session has fixed; `null` for none. */
  readonly fixed: readonly FixedOption[] | null;
}

/** The options of a call without an init. */
export const noInit: ReadInit = makeNoInit();

/**
 * Created by `JSON.parse`, whose objects have one compact shape. V8 turns an object that gets so many properties one
 * by one into a dictionary, and copying a dictionary for each call takes a hundred times longer.
 */
function makeNoInit(): ReadInit {
  const names = [...optionsIn(optionTable, 'call'), 'settings', 'fixed'];
  const init: Record<string, unknown> = JSON.parse(`{${names.map((name) => `"${name}":null`).join()}}`);
  for (const name of optionsIn(optionTable, 'call')) init[name] = undefined;
  return init as unknown as ReadInit;
}

/** The rows of a call's options. Inherited keys are not options. */
const rows: Readonly<Record<string, OptionRow | undefined>> = Object.assign(
  Object.create(null),
  Object.fromEntries(optionsIn(optionTable, 'call').map((name) => [name, optionTable[name]])),
);

/**
 * Reads what a caller passes to fetch into an object of its own, each property once, and checks it. It does not
 * change the caller's object. Invariant: your objects are yours.
 *
 * @param input what is fetched; it shows whether another client has already applied its own option
 * @throws RequestError ERR_INVALID_OPTION for an init that is not an object, an option of a wrong type or value, a
 * misspelt option, and another client's name for an existing option
 */
export function readInit(init: RequestInit | null | undefined, input?: unknown): ReadInit {
  if (init === undefined || init === null) return noInit;
  if (typeof init !== 'object') throw invalidOption('init', 'an object', init);
  const read = { ...noInit, ...init } as unknown as BeingRead;
  // Set after the spread, so that properties of these names in the caller's init are not used.
  read.settings = null;
  read.fixed = null;
  for (const name in init) {
    const row = rows[name];
    if (row === undefined) checkUnknown(init, name, input);
    // The others are resolved together. Most of the options that calls use are among them.
    else if (row.check !== undefined || row.merge === 'fixed') readOption(read, name, row);
  }
  return read;
}

type BeingRead = { -readonly [Name in keyof ReadInit]: ReadInit[Name] } & Record<string, unknown>;

function readOption(read: BeingRead, name: string, row: OptionRow): void {
  const value = read[name];
  if (value === undefined) return;
  if (row.merge === 'fixed') read.fixed = [...(read.fixed ?? []), name as FixedOption];
  if (row.check === undefined) return;
  const checked = row.check(name, value);
  if (row.setting === true) read.settings = addSetting(read.settings, name, row, checked);
  if (checked !== value) read[name] = checked;
}
