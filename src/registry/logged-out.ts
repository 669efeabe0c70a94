import { invalidOption } from '../core/errors.ts';
import type { SessionResponse } from '../core/response/response.ts';
import { hostFacts, isIpAddress } from '../core/sites.ts';

/** The parts of a response that show whether the login has ended: all but its body. */
export type LoginCheck = Pick<
  SessionResponse,
  'status' | 'url' | 'redirected' | 'headers' | 'hops' | 'cookies'
>;

/**
 * Tells whether a response shows that the login has ended.
 *
 * @param home the origins of the login; empty while they are not known
 */
export type LoggedOutRule = (response: LoginCheck, home: ReadonlySet<string>) => boolean;

/**
 * Checks the option `isLoggedOut`.
 *
 * @throws RequestError ERR_INVALID_OPTION
 */
export function resolveLoggedOut(
  given: RegExp | ((response: LoginCheck) => boolean) | false | null | undefined,
): LoggedOutRule {
  if (given === false || given === null) return () => false;
  if (typeof given === 'function') return (response) => given(withoutBody(response));
  if (given === undefined) return ruleOf(looksLikeLogin);
  if (!(given instanceof RegExp)) {
    throw invalidOption('isLoggedOut', 'a pattern, a function of the response, or false', given);
  }
  // Without the flags that keep `lastIndex`.
  const pattern = new RegExp(given.source, given.flags.replace(/[gy]/g, ''));
  return ruleOf(({ href }) => pattern.test(href));
}

/** The body cannot be read here, because the caller needs it. */
function withoutBody({ status, url, redirected, headers, hops, cookies }: LoginCheck): LoginCheck {
  return { status, url, redirected, headers, hops, cookies };
}

/**
 * The status is 401, or a redirect on any hop leads to a login page. A response of a site outside the login is
 * ignored.
 */
function ruleOf(isLoginPage: (url: URL) => boolean): LoggedOutRule {
  return (response, home) => {
    const { status } = response;
    const url = new URL(response.url);
    if (status === 401) return isHome(url, home);
    const urls = urlsOf(response, url);
    const [asked = url] = urls;
    // A request for the login page itself does not show a lost login.
    if (isLoginPage(asked)) return false;
    // A redirect chain that leads back to the page has logged in by itself, as single sign-on does.
    if (urls.length > 1 && status < 300 && url.href === asked.href) return false;
    return redirectsOf(response, urls).some(({ from, to }) => isHome(from, home) && isLoginPage(to));
  };
}

interface Redirect {
  readonly from: URL;
  readonly to: URL;
}

/** The redirects that were followed, and one that was not. */
function redirectsOf({ status, headers }: LoginCheck, urls: readonly URL[]): Redirect[] {
  const followed = urls.slice(1).map((to, index) => ({ from: urls[index] ?? to, to }));
  const location = headers.get('location');
  const from = urls.at(-1);
  if (status < 300 || status >= 400 || location === null || from === undefined) return followed;
  const to = URL.parse(location, from.href);
  return to === null ? followed : [...followed, { from, to }];
}

/** The URLs of the hops; most responses have one. */
function urlsOf(response: LoginCheck, url: URL): URL[] {
  return response.redirected ? response.hops.map((hop) => new URL(hop.url)) : [url];
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

/** Paths of login pages in single sign-on, OAuth 2.0, OpenID Connect, SAML, CAS, Servlet and Rails. */
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
