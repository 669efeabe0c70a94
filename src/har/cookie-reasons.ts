import type { SetCookieRejection } from '../core/cookies/jar/outcome.ts';
import type { ObservedCookie } from '../core/flow/observed-cookies.ts';

/** Why a cookie of the site was not sent, in words. */
export const withheldBecause: Readonly<Record<NonNullable<ObservedCookie['reason']>, string>> = {
  expired: 'its time is over',
  host: 'it is for another host of the site',
  path: 'it is for another path',
  insecure: 'it is Secure, and the request is plain http',
  'same-site': 'its SameSite does not allow it, because a page of another site makes the request',
  'no-room': 'the Cookie header would become too long',
  omitted: "the call has credentials: 'omit'",
  removed: 'the call has cookie: null',
  'own-header': "the call's own Cookie header has one of this name",
};

/** Why a cookie that a response sets was not stored, in words. */
export const refusedBecause: Readonly<Record<SetCookieRejection, string>> = {
  empty: 'it has neither a name nor a value',
  'control-character': 'it has a control character',
  'too-large': 'it is larger than 4096 bytes',
  'ambiguous-nameless': 'it has no name, and a value with =',
  'invalid-name': 'its name cannot be that of a cookie',
  'invalid-value': 'its value cannot be that of a cookie',
  'invalid-domain': 'its domain is none',
  'invalid-path': 'its path is none',
  'unsupported-url': 'its URL is neither http nor https',
  'domain-mismatch': 'its Domain is neither the host nor a parent of it',
  'public-suffix': 'anyone can register names under its Domain',
  'insecure-origin': 'it is Secure, and the answer came over plain http',
  'overwrites-secure': 'over plain http it would replace a Secure cookie',
  prefix:
    'its name promises what it does not have: __Host- needs Secure, Path=/ and no Domain, __Secure- needs Secure',
  'same-site-none-insecure': 'SameSite=None needs Secure',
  'partitioned-insecure': 'Partitioned needs Secure',
  'cross-site': 'its SameSite does not allow an answer to a page of another site to set it',
  'http-only': 'it is HttpOnly, and was not set by HTTP',
  expired: 'its time is over, which is how a server deletes a cookie',
  superseded: 'a login has set it later',
  'too-many': 'the answer has more Set-Cookie lines than are read',
  cleared: 'Clear-Site-Data of the same answer deleted it',
  'refused-by-jar': 'the cookieJar refused it',
};
