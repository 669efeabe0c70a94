export type { SessionCookie } from '../jar/cookie-record.ts';
export type { CookieExplanation } from '../jar/send.ts';
export type { CookieAccess, PutRejection } from './access.ts';
export { accessCookies } from './access-cookies.ts';
