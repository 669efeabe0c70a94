import { invalidOption } from '../core/errors.ts';
import type { RawResponse } from '../core/response/raw.ts';
import { createResponse, type SessionResponse } from '../core/response/response.ts';
import { hostFacts, isIpAddress } from '../core/sites.ts';

/** What of a response tells whether the login is gone: everything but its body. */
export type LoginCheck = Pick<
  SessionResponse,
  'status' | 'url' | 'redirected' | 'headers' | 'hops' | 'cookies'
>;

/**
 * Tells of a response that the login is gone.
 *
 * @param home the origins of the login; empty as long as they are not known
 */
export type LoggedOutRule = (response: RawResponse, home: ReadonlySet<string>) => boolean;

/**
 * Checks the option `isLoggedOut`.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveLoggedOut(
  given: RegExp | ((response: LoginCheck) => boolean) | false | null | undefined,
): LoggedOutRule {
  if (given === false || given === null) return () => false;
  if (typeof given === 'function') return (raw) => given(createResponse({ ...raw, body: null }));
  if (given === undefined) return ruleOf(looksLikeLogin);
  if (!(given instanceof RegExp)) {
    throw invalidOption('isLoggedOut', 'a pattern, a function of the response, or false', given);
  }
  // Without its memory of where it matched last.
  const pattern = new RegExp(given.source, given.flags.replace(/[gy]/g, ''));
  return ruleOf(({ href }) => pattern.test(href));
}

/**
 * The status is 401, or a redirect leads to a login page, on whatever hop. What a site says that has nothing to do with
 * the login does not count.
 */
function ruleOf(isLoginPage: (url: URL) => boolean): LoggedOutRule {
  return (response, home) => {
    const { status, url, hops } = response;
    if (status === 401) return isHome(url, home);
    const asked = hops[0]?.url ?? url;
    // Who asks for the login page knows that there is one.
    if (isLoginPage(asked)) return false;
    // A way that leads back to the page has logged in by itself, as single sign-on does.
    if (hops.length > 1 && status < 300 && withoutHash(url) === withoutHash(asked)) return false;
    return redirectsOf(response).some(({ from, to }) => isHome(from, home) && isLoginPage(to));
  };
}

interface Redirect {
  readonly from: URL;
  readonly to: URL;
}

/** The redirects that were followed, and one that was not. */
function redirectsOf({ status, url, headers, hops }: RawResponse): Redirect[] {
  const followed = hops.slice(1).map((hop, index) => ({ from: hops[index]?.url ?? hop.url, to: hop.url }));
  const { location } = headers;
  const isRedirect = status >= 300 && status < 400 && typeof location === 'string';
  const to = isRedirect ? URL.parse(location, url.href) : null;
  return to === null ? followed : [...followed, { from: url, to }];
}

function withoutHash(url: URL): string {
  return url.href.slice(0, url.href.length - url.hash.length);
}

/** The origin of the login, or another host of its site over the same scheme. */
function isHome(url: URL, home: ReadonlySet<string>): boolean {
  if (home.size === 0 || home.has(url.origin)) return true;
  return [...home].some((origin) => isSameSite(url, new URL(origin)));
}

function isSameSite(a: URL, b: URL): boolean {
  if (a.protocol !== b.protocol || a.port !== b.port || isIpAddress(a.hostname)) return false;
  const facts = hostFacts(a.hostname);
  return !facts.publicSuffix && facts.site === hostFacts(b.hostname).site;
}

/** `login`, `sign_in`, `user-logon.php`: a word of its own in the path. */
const loginPath = /(?:^|[/_.-])(?:log|sign)[-_]?(?:in|on)(?:[-_]?(?:form|page))?(?![a-z0-9])/i;

/** What single sign-on, OAuth 2.0, OpenID Connect, SAML, CAS, Servlet and Rails call theirs. */
const entryPath =
  /\/(?:sso|saml2?|adfs\/ls|oauth2?(?:\/v[\d.]+)?\/auth(?:orize)?|openid-connect\/auth|authorize|j_security_check|sessions?\/new|auth)(?:\/?$|\/(?=(?:login|start|init|request)))/i;

/** Names of parameters by which one script shows many pages. */
const pageParameters = ['do', 'action', 'act', 'page', 'view', 'route', 'title'];

/** Tells whether a URL looks like a login page. */
export function looksLikeLogin({ pathname, searchParams }: URL): boolean {
  if (loginPath.test(pathname) || entryPath.test(pathname)) return true;
  return pageParameters.some((name) => {
    const value = searchParams.get(name);
    return value !== null && /(?:^|[/:_.-])(?:user)?(?:log|sign)[-_]?in$/i.test(value);
  });
}
