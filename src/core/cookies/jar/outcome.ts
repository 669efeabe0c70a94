/**
 * Why a cookie was not stored; the list is closed.
 *
 * - `empty`: neither name nor value
 * - `control-character`: in the name, the value or an attribute
 * - `ambiguous-nameless`: no name, and a value with `=`
 * - `too-large`: name and value over 4096 bytes
 * - `invalid-name`, `invalid-value`, `invalid-domain`, `invalid-path`: what no Set-Cookie line could say
 * - `unsupported-url`: not http, https, ws or wss
 * - `domain-mismatch`: Domain is not the host or a parent of it
 * - `public-suffix`: Domain is one under which anyone can register
 * - `insecure-origin`: Secure over plain http
 * - `overwrites-secure`: would hide or replace a Secure cookie over plain http
 * - `prefix`: `__Secure-`, `__Host-`, `__Http-` or `__Host-Http-` without what it promises
 * - `same-site-none-insecure`, `partitioned-insecure`: need Secure
 * - `cross-site`: SameSite does not allow a cross-site response to set it
 * - `http-only`: an API that is not HTTP would set or replace an HttpOnly cookie
 * - `expired`: its time is over, which is also how a server deletes one
 * - `superseded`: a login has set this cookie after the request was sent whose answer sets it (jarfetch/registry)
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
 * - `too-many`: more lines than are read of one response
 * - `cleared`: the Clear-Site-Data of the same response dropped it
 * - `refused-by-jar`: a cookieJar of the caller's did not take it, and gives no reason
 */
export type SetCookieRejection = CookieRejection | 'too-many' | 'cleared' | 'refused-by-jar';

/** What became of one Set-Cookie line. */
export interface SetCookieResult {
  readonly name: string;
  readonly stored: boolean;
  /** Why it was not stored; absent when it was. */
  readonly reason?: SetCookieRejection;
}
