/** One header field as it is sent: spelling and position matter. */
export type HeaderEntry = readonly [name: string, value: string];

/** Response headers in undici's form: lower-case names, one string per byte sequence (latin1). */
export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Has only what every object inherits. */
const plain = {};

/**
 * The fields of a response without inherited ones. undici's object inherits from Object.prototype: where code of others
 * has set a property there, such as `set-cookie`, it would count as a field of every response.
 */
export function ownFields(headers: RawHeaders): RawHeaders {
  // For almost every process this loop has nothing to do. A copy of each head would take longer.
  for (const _ in plain) return Object.assign(Object.create(null), headers);
  return headers;
}

/** The fields of one hop's head as the browser sends them, including the caller's. */
export interface RequestHead {
  /**
   * In wire order and case, without Cookie. Fields that the transport writes are included only where the caller gave
   * them.
   */
  readonly headers: readonly HeaderEntry[];
  /** The index in `headers` at which a Cookie header belongs. */
  readonly cookieIndex: number;
  /**
   * Lower-case names of the whole head in wire order: those of `headers`, and `host`, `connection`, `content-length`
   * and `cookie` in the browser's places for them, sent or not; on HTTP/2 the pseudo-header fields first. One object
   * for each layout.
   */
  readonly order: readonly string[];
  /**
   * Which of `headers` have values that differ from request to request; the others are the same for the same `order`.
   */
  readonly variable: readonly number[];
}

/** How a request body is sent. `bytes` and `parts` can be sent again, a `stream` only once. */
export type RequestBody =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'parts'; readonly parts: readonly (Uint8Array | Blob)[]; readonly length: number }
  | {
      readonly kind: 'stream';
      readonly stream: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;
    };

/** RFC 9110 section 5.6.2: the characters of header names, methods and protocol names. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether `text` is a token of RFC 9110 section 5.6.2: a header name, a method, a subprotocol. */
export function isToken(text: string): boolean {
  return token.test(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const c0Control = /[\x00-\x1f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controlOrTab = /[\x00-\x1f\x7f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controlButTab = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Whether `text` holds a C0 control (Infra Standard), which a URL must not have. DEL is not one: it is escaped.
 */
export function hasC0Control(text: string): boolean {
  return c0Control.test(text);
}

/** Whether `text` holds an ASCII control character (RFC 5234: CTL), including the tab. */
export function hasControlCharacter(text: string): boolean {
  return controlOrTab.test(text);
}

/**
 * Whether `text` holds a control character that a field value must not have: any except the tab. RFC 9110 section
 * 5.5.
 */
export function hasFieldControl(text: string): boolean {
  return controlButTab.test(text);
}

/** The address in a URL's host: an IPv6 address without its brackets. RFC 3986 section 3.2.2. */
export function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/** Idempotent methods: repeating them has no further effect. RFC 9110 section 9.2.2. */
export const idempotentMethods: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'],
]);
