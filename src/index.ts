import type { CookieJar } from 'tough-cookie';
import { Agent } from 'undici';
export function f(jar: CookieJar): Agent {
  return new Agent();
}
