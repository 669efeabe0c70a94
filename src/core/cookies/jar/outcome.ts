/**
 * Why a cookie was not stored; the list is closed.
 *
 * - `empty`: neither name nor value
 * - `control-character`: in the name, the value or an attribute
 * - `ambiguous-nameless`: no name, and a value with `=`
 * - `too-large`: name and value over 4096 bytes
 * - `invalid-name`, `invalid-value`, `invalid-domain`, `invalid-path`: a value that no Set-Cookie line could have
 * - `unsupported-url`: not http, https, ws or wss
 * - `domain-mismatch`: Domain is not the host or a parent of it
 * - `public-suffix`: Domain is one under which anyone can register
 * - `insecure-origin`: Secure over plain http
 * - `overwrites-secure`: would hide or replace a Secure cookie over plain http
 * - `prefix`: `__Secure-`, `__Host-`, `__Http-` or `__Host-Http-` without the attributes that it requires
 * - `same-site-none-insecure`, `partitioned-insecure`: need Secure
 * - `cross-site`: SameSite does not allow a cross-site response to set it
 * - `http-only`: an API that is not HTTP would set or replace an HttpOnly cookie
 * - `expired`: it has expired; servers also delete cookies this way
 * - `superseded`: a login has set this cookie after the request was sent whose response sets it (jarfetch/registry)
 */
export type CookieRejection =
  | 'empty'
  | 'control-character'
  | 'too-large'
  | 'ambiguous-nameless'
  | 'invalid-name'
  | 'invalid-value'
  | 'invalid-domain'
  | 'invalid-path'
  | 'unsupported-url'
  | 'domain-mismatch'
  | 'public-suffix'
  | 'insecure-origin'
  | 'overwrites-secure'
  | 'prefix'
  | 'same-site-none-insecure'
  | 'partitioned-insecure'
  | 'cross-site'
  | 'http-only'
  | 'expired'
  | 'superseded';

/**
 * Why a Set-Cookie line was not stored; the list is closed.
 *
 * - `too-many`: the response has more lines than are read
 * - `cleared`: the Clear-Site-Data of the same response cleared it
 * - `refused-by-jar`: a cookieJar of the caller did not store it; it gives no reason
 */
export type SetCookieRejection = CookieRejection | 'too-many' | 'cleared' | 'refused-by-jar';

/** The outcome for one Set-Cookie line. */
export interface SetCookieResult {
  readonly name: string;
  readonly stored: boolean;
  /** Why it was not stored; absent when it was stored. */
  readonly reason?: SetCookieRejection;
}
