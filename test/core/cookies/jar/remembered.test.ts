import { expect, test } from 'vitest';
import {
  BrowserCookieJar,
  type SameSiteContext,
} from '../../../../src/core/cookies/jar/browser-cookie-jar.ts';
import { seededRandom } from '../../../helpers/random.ts';

/**
 * A jar remembers lines that repeat and the last Cookie header of a site. A copy starts without them. So a jar that is
 * copied before each step shows what a jar without a memory would do.
 */

const hosts = [
  'shop.example',
  'www.shop.example',
  'a.b.shop.example',
  'other.test',
  'localhost',
  '127.0.0.1',
];
const paths = ['/', '/a', '/a/b', '/b/'];
const contexts: readonly SameSiteContext[] = ['strict', 'lax', 'none'];
const attributes = [
  ...['', '', '; Path=/', '; Path=/a', '; Domain=shop.example', '; Domain=www.shop.example', '; Secure'],
  ...[
    '; HttpOnly',
    '; SameSite=Lax',
    '; SameSite=Strict',
    '; SameSite=None; Secure',
    '; Secure; Partitioned',
  ],
  ...['; Max-Age=3', '; Max-Age=0', '; Expires=Fri, 01 Jan 2100 00:00:00 GMT', '; Max-Age=3; Path=/'],
];
const dates = [undefined, 'Thu, 01 Jan 2099 00:00:00 GMT'];

test.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'a jar with a memory and one without do the same: seed %i',
  (seed) => {
    const { below, pick } = seededRandom(seed);
    const limits = { maxCookies: pick([6, 12, 3000]), maxCharacters: pick([80, 600_000]) };
    // Few lines and few targets, so that most steps repeat earlier ones.
    const line = () => `${pick(['a', 'b', '__Host-c', ''])}=${pick(['1', '2', 'ä'])}${pick(attributes)}`;
    const lines = Array.from({ length: 5 }, line);
    const near = [pick(hosts), pick(hosts)];
    const target = () => new URL(`${pick(['http', 'https'])}://${pick(near)}${pick(paths)}`);
    const targets = Array.from({ length: 5 }, target);
    let last = { text: pick(lines), url: pick(targets), context: pick(contexts) };
    let now = Date.UTC(2099, 0, 1);
    const jar = new BrowserCookieJar(limits);
    let plain = jar.cloneSync();
    const step = (): ((each: BrowserCookieJar) => unknown) => {
      // Mostly the last line again, often with one difference.
      if (below(4) === 0) last = { ...last, text: pick(lines) };
      if (below(4) === 0) last = { ...last, url: pick(targets) };
      if (below(4) === 0) last = { ...last, context: pick(contexts) };
      const [{ text, url, context }, at] = [last, now];
      const filter = pick([{ name: 'a' }, { domain: 'shop.example' }, { path: '/' }, {}]);
      const record = { name: 'a', value: '9', domain: url.hostname, secure: url.protocol === 'https:' };
      const date = pick(dates);
      switch (below(40)) {
        case 0:
          return (each) => each.remove(filter);
        case 1:
          return (each) => each.put(record, at);
        case 2:
          return (each) => each.removeSite(url);
        case 3:
          return (each) => each.putAll([record, { ...record, name: 'z' }], at);
        case 4:
          return (each) =>
            each.setCookieSync(text, url.href, { now: new Date(at), ignoreError: true })?.toString();
        case 5:
        case 6:
        case 7:
          return (each) => each.cookieHeader(url, context, at);
        default:
          return (each) => each.receive(text, url, { now: at, sameSite: context, date });
      }
    };
    for (let count = 0; count < 300; count++) {
      now += pick([0, 0, 0, 0, 0, 0, 500, 4000]);
      const act = step();
      plain = plain.cloneSync();
      expect(act(jar)).toEqual(act(plain));
      for (const url of targets) {
        const context = pick(contexts);
        plain = plain.cloneSync();
        expect(jar.cookieHeader(url, context, now)).toBe(plain.cookieHeader(url, context, now));
      }
      expect(jar.allCookies(now)).toEqual(plain.allCookies(now));
    }
  },
);
