/** Fetch Standard, Referrer Policy section 3. */
export type ReferrerPolicyName =
  | ''
  | 'no-referrer'
  | 'no-referrer-when-downgrade'
  | 'same-origin'
  | 'origin'
  | 'strict-origin'
  | 'origin-when-cross-origin'
  | 'strict-origin-when-cross-origin'
  | 'unsafe-url';

/** Fetch Standard: a request's cache mode. Nothing is cached here; it decides Cache-Control and Pragma. */
export type CacheMode = 'default' | 'no-store' | 'reload' | 'no-cache' | 'force-cache' | 'only-if-cached';

/** The initiator in the page, where it changes the headers. `''`: the usual one for the destination. */
export type Initiator =
  | ''
  | 'xmlhttprequest'
  | 'eventsource'
  | 'beacon'
  | 'prefetch'
  | 'preload'
  | 'parser'
  | 'css';

/** The kind of request and its initiator. It decides the preset's headers. Fetch Standard, section 2.2.5. */
export interface RequestContext {
  /** '' is a page's own fetch() or XMLHttpRequest. */
  readonly destination: string;
  readonly mode: 'navigate' | 'cors' | 'no-cors' | 'same-origin' | 'websocket';
  /** The page of the request; `null` for a navigation from the address bar. */
  readonly referrer: URL | null;
  /** True where the caller gave no page, so that `referrer` is the root page of the first target's own origin. */
  readonly referrerInferred?: boolean;
  /** True when `referrer` decides site and origin but must not be sent in a Referer header. */
  readonly referrerHidden: boolean;
  readonly referrerPolicy: ReferrerPolicyName;
  /** The policies of the earlier hops in order; absent where all had this policy. */
  readonly earlierPolicies?: readonly ReferrerPolicyName[];
  readonly userActivation: boolean;
  readonly cache: CacheMode;
  /** The initiator in the page; inferred from the headers when absent. */
  readonly initiator?: Initiator | undefined;
  /** Fetch Standard: fetch()'s `priority`. @default 'auto' */
  readonly priority?: 'high' | 'low' | 'auto' | undefined;
  /** Fetch Standard: credentials mode. @default 'include' for what an element loads, 'same-origin' for fetch() */
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
}
