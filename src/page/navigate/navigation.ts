import { RequestError } from '../../core/errors.ts';
import type { ReferrerPolicyName, RequestInit } from '../../index.ts';
import type { PageDocument } from '../document/page-document.ts';

/** How a user or a script goes from a page to the next. */
export interface Navigation {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly body: Uint8Array | Blob | null;
  readonly contentType: string | null;
  readonly policy: ReferrerPolicyName;
  /** True for a user, false for a script. */
  readonly isActivated: boolean;
  readonly isForm: boolean;
  /** Name of the frame or window, empty for the current one. */
  readonly target: string;
  /** True for a form with `rel=noreferrer`. */
  readonly isNoReferrer: boolean;
  /** True: a form of an https page may be sent to http. */
  readonly allowsInsecure: boolean;
}

/** The request of a navigation. */
export interface NavigationRequest {
  readonly url: URL;
  readonly init: RequestInit;
}

/** The caller's options for the requests of a page. */
export type VisitInit = Pick<
  RequestInit,
  | 'signal'
  | 'timeout'
  | 'redirect'
  | 'maxRedirects'
  | 'retry'
  | 'onRequestEvent'
  | 'onProgress'
  | 'transport'
  | 'maxBodyBytes'
> & {
  /** Have precedence over the browser's headers. */
  readonly headers?: RequestInit['headers'];
};

/**
 * The request that a browser would send for a navigation: URL, Referer, Origin, Sec-Fetch-* and the rest by the
 * page's policies.
 *
 * @throws RequestError ERR_NOT_NAVIGABLE where a browser sends nothing
 */
export function navigationRequest(document: PageDocument, navigation: Navigation): NavigationRequest {
  const { url, isUpgraded } = upgraded(document, withoutCredentials(navigation));
  if (navigation.isForm) checkForm(document, navigation, url);
  const window = windowOf(document, navigation.target);
  const hidesReferrer = navigation.isForm && navigation.isNoReferrer;
  // Chromium reads a form's rel only for new windows.
  const isHidden = hidesReferrer && document.engine === 'chromium' && window !== 'own' && window !== 'frame';
  // In Chromium a form that is posted to a named window has no user activation.
  const hidesUser = document.engine === 'chromium' && window === 'named' && navigation.method === 'POST';
  const init: RequestInit = {
    method: navigation.method,
    headers: headersOf(document, navigation, url, isUpgraded),
    body: navigation.body as Blob | null,
    destination: window === 'frame' ? 'iframe' : 'document',
    mode: 'navigate',
    referrer: document.url,
    referrerPolicy: isHidden ? 'no-referrer' : navigation.policy,
    userActivation: navigation.isActivated && !hidesUser,
  };
  return { url, init };
}

/**
 * Whether a navigation only goes to a fragment of the page, which needs no request. HTML Standard, "navigate", step
 * "navigate to a fragment".
 *
 * @param url the target
 */
export function staysInPage(document: PageDocument, { method, target }: Navigation, url: URL): boolean {
  if (method !== 'GET' || !url.href.includes('#')) return false;
  return isSameBut(url, document.url) && windowOf(document, target) === 'own';
}

function windowOf(document: PageDocument, target: string): 'own' | 'frame' | 'blank' | 'named' {
  if (target === '') return 'own';
  if (document.index.frames.has(target)) return 'frame';
  if (target.toLowerCase() === '_blank') return 'blank';
  return target.startsWith('_') ? 'own' : 'named';
}

/** The headers that differ from those of the session; `null` removes one. */
function headersOf(
  document: PageDocument,
  navigation: Navigation,
  url: URL,
  isUpgraded: boolean,
): Record<string, string | null> {
  const { engine, security } = document;
  const headers: Record<string, string | null> = {};
  if (navigation.contentType !== null) headers['Content-Type'] = navigation.contentType;
  // For a form with rel=noreferrer, Firefox leaves out only the Referer.
  const isHidden = navigation.isForm && navigation.isNoReferrer && engine === 'firefox';
  const isHiddenByUpgrade = isUpgraded && !navigation.isForm && engine === 'chromium';
  if (isHidden || isHiddenByUpgrade) headers.Referer = null;
  if (security.sandbox !== null && !security.sandbox.allowsOrigin) {
    headers['Sec-Fetch-Site'] = 'cross-site';
    headers.Referer = engine === 'chromium' ? null : `${document.url.origin}/`;
    if (navigation.method === 'POST') headers.Origin = 'null';
  }
  const isReload = !navigation.isForm && !navigation.isActivated && isSameBut(url, document.url);
  if (isReload) headers['Cache-Control'] = 'max-age=0';
  return headers;
}

/** Whether two URLs differ only in their fragments. */
export function isSameBut(a: URL, b: URL): boolean {
  // `hash` is empty for an empty fragment, too, whose `#` is in `href`.
  return a.href.split('#', 1)[0] === b.href.split('#', 1)[0];
}

/** Browsers send the user and password of a URL only after a challenge of the server. */
function withoutCredentials(navigation: Navigation): Navigation {
  if (navigation.url.username === '' && navigation.url.password === '') return navigation;
  const url = new URL(navigation.url.href);
  url.username = '';
  url.password = '';
  return { ...navigation, url };
}

/** CSP `upgrade-insecure-requests`: applies to forms to any host, and to links to the page's own host. */
function upgraded(document: PageDocument, { url, isForm }: Navigation): { url: URL; isUpgraded: boolean } {
  const applies = document.security.upgrades && url.protocol === 'http:';
  if (!applies || !(isForm || url.hostname === document.url.hostname)) return { url, isUpgraded: false };
  const secure = new URL(url.href);
  secure.protocol = 'https:';
  return { url: secure, isUpgraded: true };
}

function checkForm(document: PageDocument, navigation: Navigation, url: URL): void {
  const { security } = document;
  const refuse = (why: string): RequestError =>
    new RequestError('ERR_NOT_NAVIGABLE', `The form is not submitted: ${why}`);
  if (security.sandbox !== null && !security.sandbox.allowsForms)
    throw refuse("the page's CSP sandbox forbids forms");
  if (!security.allowsForm(url, false)) throw refuse("the page's CSP form-action does not allow its URL");
  if (isDowngrade(document.url, url) && !navigation.allowsInsecure) {
    throw refuse('it leads from https to http, where browsers ask first; set allowHttp: true to allow it');
  }
}

/** Whether the form would go from https to http. */
function isDowngrade(from: URL, to: URL): boolean {
  if (from.protocol !== 'https:' || to.protocol !== 'http:') return false;
  return !/^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(to.hostname);
}

/**
 * Adds Chromium's checks of the redirects of a form: `form-action`, and that a body does not go to http. Firefox has
 * neither.
 */
export function guarded(
  document: PageDocument,
  navigation: Navigation,
  init: RequestInit & VisitInit,
): RequestInit {
  if (document.engine !== 'chromium' || !navigation.isForm) return init;
  const stop = new AbortController();
  const { onRequestEvent, signal } = init;
  let isResent = navigation.method === 'POST';
  return {
    ...init,
    signal: signal == null ? stop.signal : AbortSignal.any([signal, stop.signal]),
    onRequestEvent: (event) => {
      onRequestEvent?.(event);
      const url = event.type === 'redirect' ? URL.parse(event.url ?? '') : null;
      if (url === null) return;
      isResent &&= event.status === 307 || event.status === 308;
      const isBlocked = !document.security.allowsForm(url, true);
      if (!isBlocked && !(isResent && isDowngrade(document.url, url) && !navigation.allowsInsecure)) return;
      const why = isBlocked ? "the page's CSP form-action does not allow it" : 'it leads from https to http';
      stop.abort(
        new RequestError(
          'ERR_NOT_NAVIGABLE',
          `The redirect of the form to ${url.origin} is not followed: ${why}`,
        ),
      );
    },
  };
}
