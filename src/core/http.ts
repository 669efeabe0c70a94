/** One header field as it goes on the wire: spelling and position count. */
export type HeaderEntry = readonly [name: string, value: string];

/** Response headers as undici hands them out: lower-case names, one string per byte sequence (latin1). */
export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The fields of one hop's head as a browser has them, the caller's among them. */
export interface RequestHead {
  /** In wire order and case; without Cookie, and of those that the transport writes only what the caller gave. */
  readonly headers: readonly HeaderEntry[];
  /** Where in `headers` a Cookie header belongs. */
  readonly cookieIndex: number;
  /**
   * Lower-case names of the whole head in wire order: those of `headers`, and `host`, `connection`, `content-length` and
   * `cookie` in the places that the browser has for them, sent or not; on HTTP/2 the pseudo-header fields in front.
   * One object for one layout.
   */
  readonly order: readonly string[];
  /** Which of `headers` have values of this request's own; the others are the same wherever `order` is. */
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

/** Tells a token of RFC 9110 section 5.6.2: a header name, a method, a subprotocol. */
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
 * Tells whether `text` holds a C0 control (Infra Standard), which a URL must not have. DEL is not one: it is escaped.
 */
export function hasC0Control(text: string): boolean {
  return c0Control.test(text);
}

/** Tells whether `text` holds a control character of ASCII (RFC 5234: CTL), the tab included. */
export function hasControlCharacter(text: string): boolean {
  return controlOrTab.test(text);
}

/** Tells whether `text` holds a control character that no field value may have: any but the tab. RFC 9110 section 5.5. */
export function hasFieldControl(text: string): boolean {
  return controlButTab.test(text);
}

/** The address in a URL's host: an IPv6 address without its brackets. RFC 3986 section 3.2.2. */
export function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/** Idempotent methods: a second arrival changes nothing. RFC 9110 section 9.2.2. */
export const idempotentMethods: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'],
]);
