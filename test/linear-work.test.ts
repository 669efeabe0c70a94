/**
 * Every parser of outside text on the texts that could cost most: on one 64 times as long the work is about 64 times as
 * much. Set-Cookie lines, dates and hosts are in core/cookies/jar/linear.test.ts, header bytes in
 * core/header-text.test.ts, the regular expressions themselves in regexps.test.ts.
 */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { clearsCookies } from '../src/core/cookies/clear-site-data.ts';
import { importCookies } from '../src/core/cookies/formats/convert.ts';
import { cookieHeader } from '../src/core/cookies/header.ts';
import { overHops } from '../src/core/flow/redirects.ts';
import { retryAfter } from '../src/core/flow/retry.ts';
import { EventParser } from '../src/core/live/event-parser.ts';
import { contextAfter } from '../src/core/presets/index.ts';
import { readInit } from '../src/core/request/init.ts';
import { resolveRequest } from '../src/core/request/resolve.ts';
import { parseCodings } from '../src/core/response/codings.ts';
import { toCookies } from '../src/core/response/response-headers.ts';
import { resolveSession } from '../src/core/session/options.ts';
import { readDocument } from '../src/core/session/read-saved-session.ts';
import { IncomingHeads } from '../src/core/transport/head/incoming.ts';
import { parseNoProxy, parseProxy } from '../src/core/transport/proxy.ts';
import { openTunnel } from '../src/core/transport/tunnel.ts';
import { redactHtml, redactJson, redactMultipart } from '../src/har/redact-body.ts';
import { Redactor } from '../src/har/redactor.ts';
import { parseLinkHeader } from '../src/page/document/links.ts';
import { parseMediaType } from '../src/page/encoding/media-type.ts';
import { parsePage } from '../src/page/index.ts';
import { parseRefresh } from '../src/page/navigate/refresh.ts';
import { growthOfCalls, linearGrowth } from './helpers/growth.ts';
import { describeReaders, type Reader } from './helpers/readers.ts';

const url = new URL('https://www.shop.example/a/b');
/** Characters of the smaller text. */
const size = 400;

const target = { hostname: 'shop.example', port: 443 };

/** As much of a socket as a tunnel needs: what arrives is read at once. */
class SlowSocket extends EventEmitter {
  #chunk: Buffer | null = null;

  arrive(chunk: Buffer): void {
    this.#chunk = chunk;
    this.emit('readable');
  }

  read(): Buffer | null {
    const chunk = this.#chunk;
    this.#chunk = null;
    return chunk;
  }

  write(): void {}

  unshift(): void {}
}

const access = { putOne: () => undefined };
const redactor = new Redactor([]);
const blanksAndSeparators: Reader['texts'] = [
  ['', ' '],
  ['', ','],
  ['', ';'],
  ['', ' ,'],
  ['', ' ; '],
  ['x', '"'],
  ['x', '\\'],
  ['x', '='],
];
const sessionDocument = (await import('../src/index.ts').then(async ({ createSession }) => {
  const session = await createSession();
  session.setCookie('a', '1', 'https://shop.example/');
  return session.save();
})) as { readonly cookies: readonly object[] };

const parsers: readonly Reader[] = [
  {
    name: 'Content-Type',
    read: parseMediaType,
    texts: [...blanksAndSeparators, ['a/b;', 'charset="'], ['a/b;charset="', '\\']],
  },
  {
    name: 'Content-Encoding',
    read: parseCodings,
    texts: [...blanksAndSeparators, ['', 'gzip,'], ['', 'x']],
  },
  {
    name: 'Link',
    read: (text) => parseLinkHeader(text, url),
    texts: [
      ...blanksAndSeparators,
      ['', '<'],
      ['', '<>'],
      ['', '<a>;rel="next", '],
      ['', '<a>;b="\\"'],
      ['<a>', ';b="'],
      ['<a>', '; '],
      ['<a>;b=', ' '],
      ['<a>;b="', '\\'],
    ],
  },
  {
    name: 'Retry-After',
    read: (text) => retryAfter(429, { 'retry-after': text }),
    texts: [
      ['', ' '],
      ['', '9'],
      ['Mon, ', '1 '],
      ['Mon, ', '('],
      ['Mon, ', ':'],
      ['Mon, ', 'Jan '],
    ],
  },
  {
    name: 'Refresh',
    read: (text) => parseRefresh(text, true),
    texts: [
      ['', ' '],
      ['', '1'],
      ['', '1.'],
      ['1;', ' '],
      ['1;url', ' '],
      ['1;url="', 'x'],
    ],
  },
  {
    name: 'Clear-Site-Data',
    read: (text) => clearsCookies({ 'clear-site-data': text }, url),
    texts: blanksAndSeparators,
  },
  {
    name: 'Referrer-Policy',
    read: (text) =>
      contextAfter(
        resolveRequest(url, readInit({}, url), resolveSession({ browser: null })).context,
        text,
        1,
      ),
    texts: [...blanksAndSeparators, ['', 'origin,']],
  },
  {
    name: 'response.cookies',
    read: (text) => toCookies(text.split('\n')),
    texts: [
      ['', 'a=1\n'],
      ['', '='],
      ['a=1', ';'],
      ['a=1;', ' '],
    ],
  },
  {
    name: 'a Cookie header beside the jar',
    read: (text) => cookieHeader('a=1; b=2', text),
    texts: [
      ['', ' '],
      ['', ';'],
      ['', 'a=1; '],
      ['', '='],
      ['a="', 'x'],
      ['', 'a="'],
    ],
  },
  {
    name: 'an event stream',
    read: (text) => new EventParser({ lastEventId: '', retry: null }, 1e9).push(Buffer.from(text)),
    texts: [
      ['', '\n'],
      ['', 'data\n'],
      ['', ':'],
      ['id: a', ' '],
      ['', '\r'],
      ['data: ', 'x'],
      ['', 'retry: 1\n'],
    ],
  },
  {
    name: 'an event stream in single bytes',
    read: (text) => {
      const parser = new EventParser({ lastEventId: '', retry: null }, 1e9);
      for (const byte of Buffer.from(text)) parser.push(Uint8Array.of(byte));
    },
    texts: [
      ['data: ', 'x'],
      ['', 'data: x\n'],
      ['', '\r\n'],
    ],
  },
  {
    name: 'a response head in single bytes',
    read: (text) => {
      const heads = new IncomingHeads();
      heads.expect();
      for (const byte of Buffer.from(text)) heads.take(Buffer.of(byte));
    },
    texts: [
      ['HTTP/1.1 200 OK\r\na: ', 'x'],
      ['HTTP/1.1 200 OK\r\na: ', ' '],
      ['', 'HTTP/1.1 100 C\r\n\r\n'],
      ['HTTP/1.1 200 OK\r\na: b', '\r\n c'],
    ],
    size: 100,
  },
  {
    name: "a proxy's answer in single bytes",
    read: (text) => {
      const socket = new SlowSocket();
      openTunnel(socket as unknown as Socket, parseProxy('http://proxy.test:1'), target, () => {});
      for (const byte of Buffer.from(text)) socket.arrive(Buffer.of(byte));
    },
    texts: [
      ['HTTP/1.1 200 OK\r\na: ', 'x'],
      ['', 'HTTP/1.1 100 C\r\n\r\n'],
    ],
    size: 100,
  },
  {
    name: 'NO_PROXY, and hosts that are looked for in it',
    read: (text) => parseNoProxy(text)(url),
    texts: [
      ['', ' '],
      ['', ','],
      ['', 'a.b,'],
      ['', '10.0.0.0/8 '],
      ['', '.'],
      ['', '/1'],
      ['[', ':'],
      ['', '*.'],
    ],
  },
  {
    name: 'cookies.txt',
    read: (text) => importCookies(access, text, { format: 'netscape' }),
    texts: [
      ['', '\n'],
      ['', '\t'],
      ['', '#'],
      ['', '#HttpOnly_'],
      ['', '.a.b\tTRUE\t/\tFALSE\t0\ta\t1\n'],
      ['a\tTRUE\t/\tFALSE\t', '9'],
      ['', '\r'],
    ],
  },
  {
    name: 'a Cookie header that is imported',
    read: (text) => importCookies(access, text, { format: 'cookie-header', url }),
    texts: [
      ['', ';'],
      ['', ' '],
      ['', 'a=1;'],
      ['', '='],
      ['Cookie:', ' '],
    ],
  },
  {
    name: 'a curl command',
    read: (text) => importCookies(access, `${text} -b a=1`, { format: 'curl', url }),
    texts: [
      ['curl ', ' '],
      ['curl ', "$'"],
      ['curl ', '\\'],
      ['curl "', '\\'],
      ['curl ', '-b a=1 '],
      ['curl ', '-s'],
      ['curl ', '^"'],
      ['curl ', "'"],
      ['curl ', '"'],
    ],
  },
  {
    name: 'cookies as JSON, the format found out',
    read: (text) =>
      importCookies(
        access,
        JSON.parse(
          `[${text}{"name":"a","value":"1","domain":"a.test","path":"/","expirationDate":2000000000}]`,
        ),
      ),
    texts: [
      ['', '{"name":"a","value":"1","domain":"a.test","path":"/","expirationDate":2000000000},'],
      ['', '1,'],
      ['', '{},'],
    ],
    size: 20,
  },
  {
    name: 'the host of a cookie in JSON',
    read: (text) =>
      importCookies(access, [{ name: 'a', value: '1', domain: text, path: '/', expirationDate: 2e9 }]),
    texts: [
      ['', 'a.'],
      ['', '.'],
      ['', ':'],
      ['', '\u00fc.'],
    ],
  },
  {
    name: 'a saved document',
    read: (text) =>
      readDocument({
        ...sessionDocument,
        cookies: text.split('|').map((value) => ({ ...sessionDocument.cookies[0], value })),
      }),
    texts: [
      ['', '|'],
      ['', 'x'],
      ['', 'x|'],
    ],
  },
  {
    name: 'HTML for a recording',
    read: (text) => redactHtml(text, redactor),
    texts: [
      ['', '<input '],
      ['', '<input name="csrf" value="'],
      ['<input', ' value='],
      ["<input name='csrf'", ' value=\'x"'],
      ['', '?token='],
      ['', '&amp;'],
      ['<input', ' name'],
    ],
  },
  {
    name: 'JSON for a recording',
    read: (text) => redactJson(text, redactor),
    texts: [
      ['', ' '],
      ['', '['],
      ['', '{"a":'],
      ['', '?a=1&'],
      ['', '&'],
      ['', '#'],
    ],
  },
  {
    name: 'a form in parts for a recording',
    read: (text) => redactMultipart(text, 'multipart/form-data; boundary=x', redactor),
    texts: [
      ['', '--x'],
      ['', '--x\r\nContent-Disposition: form-data; name="'],
      ['', ';'],
      ['', '--x;name="csrf"\r\n\r\n'],
    ],
  },
  {
    name: 'a page',
    read: (text) => {
      const page = parsePage(text, { url: url.href });
      return [page.title, page.refresh, page.links().length, page.forms().length, page.text().length];
    },
    texts: [
      ['', '<'],
      ['', '<a href=x>'],
      ['', '<b>'],
      ['', '<meta charset='],
      ['', '<meta http-equiv=content-type content="charset">'],
      ['<a href="', ' '],
      ['<input value="', ' x'],
      ['', '<input type=email value="  x  ">'],
      ['<input type=color value="', '0'],
      ['', '<!--'],
      ['', '&amp'],
      ['<table>', '<tr><td>'],
    ],
    size: 100,
  },
];

describe('A01 the Location of a redirect is read in time that grows with its length', () => {
  it.each([
    ['', ' '],
    ['', '/'],
    ['//', 'a.'],
    ['', '../'],
    ['?', '\xff'],
    ['http://', '@'],
    ['http://', '%41'],
    ['http://[', ':'],
  ])('%j, then %j repeated', async (start, piece) => {
    const request = {
      ...resolveRequest(url, readInit({}, url), resolveSession({ browser: null })),
      watch: null,
    };
    const work = (length: number) => {
      const location = start + piece.repeat(length);
      const answers = [{ location }, {}];
      return () => {
        let at = 0;
        const send = overHops(
          async () => ({ url, status: 302, headers: answers[at++] ?? {}, body: null }),
          () => {},
        );
        return send(request).catch((error: unknown) => error);
      };
    };
    expect(await growthOfCalls(work, size)).toBeLessThan(linearGrowth);
  });
});

describeReaders(parsers, size);
