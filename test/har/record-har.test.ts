import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { type Har, mockTransport, type RecordHarOptions, recordHar, replayHar } from '../../src/har/index.ts';
import { createSession } from '../../src/index.ts';
import { temporaryFolder } from '../helpers/folders.ts';
import { startHttp2Server } from '../helpers/http2-servers.ts';
import { headerOf, startServer } from '../helpers/servers.ts';
import { frame, startWebSocketServer } from '../helpers/websockets.ts';

const require = createRequire(import.meta.url);

const ajv = new Ajv({ strict: false, logger: false });
ajv.addFormat('date-time', { type: 'string', validate: (text: string) => !Number.isNaN(Date.parse(text)) });
ajv.addFormat('ipv4', isIPv4).addFormat('ipv6', isIPv6);
ajv.addMetaSchema(require('ajv/dist/refs/json-schema-draft-06.json'));
const schemas: Record<string, object> = require('har-schema');
for (const schema of Object.values(schemas)) ajv.addSchema(schema);

function checkSchema(har: Har): void {
  const isValid = ajv.validate('har.json#', har);
  expect([isValid, ajv.errorsText()]).toEqual([true, 'No errors']);
}

describe('a recording', () => {
  it('has an entry for each hop and attempt, with the heads as sent and received', async () => {
    const server = await startServer((request, response) => {
      if (request.url === '/old') {
        response.writeHead(302, [
          ...['Location', '/new', 'Set-Cookie', 'a=canary1; Path=/; HttpOnly'],
          ...['X-Odd', '1', 'x-odd', '2', 'Set-Cookie', 'b=; Max-Age=0', 'Content-Length', '0'],
        ]);
        response.end();
      } else if (server.seen.length === 2) response.writeHead(503).end('later');
      else response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('grün');
    });
    await using session = await createSession({ browser: 'chrome' });
    const recording = recordHar(session);
    const response = await session.fetch(`${server.url}/old`, { retry: { backoff: () => 1 } });
    await response.text();
    const har = await recording.stop();
    checkSchema(har);
    const { entries } = har.log;
    expect(entries.map((entry) => [entry._attempt, entry._hop, entry.response.status])).toEqual([
      ...[
        [1, 1, 302],
        [1, 2, 503],
        [2, 1, 302],
        [2, 2, 200],
      ],
    ]);
    const [first, , , last] = entries;
    const sentNames = server.seen[0]?.headers.map(([name]) => name);
    expect(first?.request.headers.map(({ name }) => name)).toEqual(sentNames);
    const odd = first?.response.headers.filter(({ name }) => name.toLowerCase() === 'x-odd');
    expect(odd).toEqual([
      { name: 'X-Odd', value: '1' },
      { name: 'x-odd', value: '2' },
    ]);
    expect(first?.response.redirectURL).toBe('/new');
    expect(first?.response.cookies[0]).toMatchObject({ name: 'a', path: '/', httpOnly: true, secure: false });
    expect(last?.response.content).toEqual({ size: 5, mimeType: 'text/plain; charset=utf-8', text: 'grün' });
    expect([last?.serverIPAddress, last?.request.httpVersion]).toEqual(['127.0.0.1', 'HTTP/1.1']);
    // The mark of a cookie is the same where it is set and where it is sent.
    expect(last?.request.cookies).toEqual([{ name: 'a', value: first?.response.cookies[0]?.value }]);
    expect(JSON.stringify(har)).not.toContain('canary');
    for (const { time, timings } of entries) {
      const { blocked = 0, dns = 0, connect = 0, send, wait, receive } = timings;
      const steps = [blocked, dns, connect, send, wait, receive].filter((step) => step >= 0);
      expect(time).toBeCloseTo(
        steps.reduce((sum, step) => sum + step, 0),
        2,
      );
    }
  });

  it('has bodies decoded, base64 where they are not text, with both sizes', async () => {
    const packed = gzipSync('a'.repeat(1000));
    const transport = mockTransport(({ url }) =>
      url.endsWith('/text')
        ? new Response(packed, { headers: { 'content-encoding': 'gzip', 'content-type': 'text/plain' } })
        : new Response(new Uint8Array([0xff, 0xfe, 0])),
    );
    await using session = await createSession({ transport });
    const recording = recordHar(session);
    await (await session.fetch('https://a.test/text')).text();
    await (
      await session.fetch('https://a.test/bytes', { method: 'POST', body: new Uint8Array([0xff]) })
    ).text();
    const har = await recording.stop();
    checkSchema(har);
    const [text, bytes] = har.log.entries;
    expect(text?.response).toMatchObject({
      bodySize: packed.length,
      content: { size: 1000, compression: 1000 - packed.length, text: 'a'.repeat(1000) },
    });
    expect(bytes?.response.content).toMatchObject({ size: 3, text: '//4A', encoding: 'base64' });
    expect(bytes?.request).toMatchObject({ bodySize: 1, postData: { text: '/w==', _encoding: 'base64' } });
  });

  it('decodes several codings, the last first', async () => {
    const packed = brotliCompressSync(gzipSync('twice'));
    const headers = { 'content-encoding': 'gzip, br', 'content-type': 'text/plain' };
    await using session = await createSession({
      transport: mockTransport(() => new Response(packed, { headers })),
    });
    const recording = recordHar(session);
    await (await session.fetch('https://a.test/')).text();
    const [entry] = (await recording.stop()).log.entries;
    expect(entry?.response.content.text).toBe('twice');
  });

  it.each<[string, RecordHarOptions, string | undefined]>([
    ['embed', {}, 'four'],
    ['omit', { content: 'omit' }, undefined],
    ['a limit below the body', { maxBody: 3 }, undefined],
    ['a limit of the body', { maxBody: 4 }, 'four'],
  ])('with %s keeps the size, and the text where it may', async (_, options, text) => {
    await using session = await createSession({ transport: mockTransport(() => new Response('four')) });
    const recording = recordHar(session, options);
    await (await session.fetch('https://a.test/')).text();
    const [entry] = (await recording.stop()).log.entries;
    expect([entry?.response.content.size, entry?.response.content.text]).toEqual([4, text]);
  });

  it('has failed and unfinished exchanges', async () => {
    const transport = mockTransport(({ url }) => {
      if (url.endsWith('/hangs')) return new Promise(() => {});
      throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    });
    await using session = await createSession({ transport });
    const recording = recordHar(session);
    await session.fetch('https://a.test/refused').catch(() => {});
    const controller = new AbortController();
    const hanging = session.fetch('https://a.test/hangs', { signal: controller.signal }).catch(() => {});
    const har = await recording.stop();
    checkSchema(har);
    const [refused, open] = har.log.entries;
    expect([refused?.response.status, refused?.response._error]).toEqual([0, 'ERR_CONNECT']);
    expect(open?.comment).toBe('It was not over when the recording ended.');
    controller.abort();
    await hanging;
    expect(await recording.stop()).toBe(har);
  });

  it('has exchanges over HTTP/2, with the fields of HTTP/2', async () => {
    const server = await startHttp2Server((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] }).end('over h2');
    });
    await using session = await createSession({ insecure: true, http2: true });
    const recording = recordHar(session);
    const call = session.fetch(`${server.url}/path`, { method: 'POST', body: 'tea' });
    await (await call).text();
    const har = await recording.stop();
    checkSchema(har);
    const [entry] = har.log.entries;
    expect([entry?.request.httpVersion, entry?.response.httpVersion]).toEqual(['HTTP/2.0', 'HTTP/2.0']);
    expect([entry?.request.headersSize, entry?.response.headersSize]).toEqual([-1, -1]);
    expect(
      entry?.request.headers
        .slice(0, 4)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...[':authority', ':method', ':path', ':scheme']]);
    expect(entry?.request.postData?.text).toBe('tea');
    expect([entry?.response.content.text, entry?.response.cookies.length]).toEqual(['over h2', 2]);
    await using replayed = await createSession({ transport: replayHar(har) });
    const again = await replayed.fetch(`${server.url}/path`, { method: 'POST', body: 'tea' });
    expect([await again.text(), server.seen.length]).toEqual(['over h2', 1]);
  });

  it('has the messages of a WebSocket as Chrome writes them', async () => {
    const server = await startWebSocketServer();
    await using session = await createSession();
    const recording = recordHar(session);
    const socket = await session.websocket(server.url, { binaryType: 'arraybuffer' });
    const came = Promise.withResolvers<void>();
    socket.addEventListener('message', ({ data }) => {
      if (typeof data !== 'string') came.resolve();
    });
    socket.send('{"token":"canary"}');
    server.peers[0]?.socket.write(frame('hello'));
    server.peers[0]?.socket.write(frame(Buffer.from([1, 2]), 2));
    await came.promise;
    const har = await recording.stop();
    checkSchema(har);
    const messages = har.log.entries[0]?._webSocketMessages ?? [];
    expect(messages.map(({ type, opcode }) => [type, opcode])).toEqual([
      ['send', 1],
      ['receive', 1],
      ['receive', 2],
    ]);
    expect(messages[0]?.data).toMatch(/^\{"token":"redacted-[0-9a-f]{16}"\}$/);
    expect(messages.slice(1).map(({ data }) => data)).toEqual(['hello', 'AQI=']);
    expect(Math.abs((messages[0]?.time ?? 0) * 1000 - Date.now())).toBeLessThan(60_000);
  });

  it('has the received part of an open event stream', async () => {
    const server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"token":"canary","a":1}\n\n');
    });
    await using session = await createSession();
    const recording = recordHar(session);
    for await (const { data } of session.eventSource(server.url)) {
      expect(data).toContain('canary');
      break;
    }
    const har = await recording.stop();
    checkSchema(har);
    const [entry] = har.log.entries;
    expect(entry?._resourceType).toBe('eventsource');
    expect(entry?.response.content.text).toMatch(/^data: \{"token":"redacted-[0-9a-f]{16}","a":1\}\n\n$/);
  });

  it('records what its filter accepts, and nothing after its end', async () => {
    await using session = await createSession({ transport: mockTransport(() => new Response()) });
    const recording = recordHar(session, { filter: ({ url }) => !url.endsWith('/no') });
    await session.fetch('https://a.test/yes');
    await session.fetch('https://a.test/no');
    const har = await recording.stop();
    await session.fetch('https://a.test/later');
    expect(har.log.entries.map(({ request }) => request.url)).toEqual(['https://a.test/yes']);
  });

  it('is written whole, readable only by its owner', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'calls.har');
    await using session = await createSession({ transport: mockTransport(() => new Response('x')) });
    const recording = recordHar(session, { path });
    await (await session.fetch('https://a.test/')).text();
    const har = await recording.stop();
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(har);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['calls.har']);
  });

  it('is not lost when its file cannot be written: another call writes it', async () => {
    const folder = join(await temporaryFolder(), 'missing');
    const path = join(folder, 'calls.har');
    await using session = await createSession({ transport: mockTransport(() => new Response('hello')) });
    const recording = recordHar(session, { path });
    await (await session.fetch('https://a.test/')).text();
    await expect(recording.stop()).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(folder);
    const har = await recording.stop();
    expect(har.log.entries.length).toBe(1);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(har);
    expect(await recording.stop()).toBe(har);
  });

  it('has a list of pages, without which Firefox opens no file, and names its version', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    await using session = await createSession({ transport: mockTransport(() => new Response()) });
    const { creator, pages } = (await recordHar(session).stop()).log;
    expect([creator, pages]).toEqual([{ name: 'jarfetch', version }, []]);
  });

  it.each<[object, string]>([
    [{ content: 'all' }, 'content must be one of "embed", "omit"'],
    [{ redact: 'no' }, 'redact must be true, false or'],
    [{ redacted: false }, 'did you mean redact?'],
    [{ maxBody: -1 }, 'maxBody must be'],
    [{ path: '' }, 'path must be a path'],
    [{ filter: 1 }, 'filter must be a function'],
  ])('refuses %j', async (options, message) => {
    await using session = await createSession();
    expect(() => recordHar(session, options as RecordHarOptions)).toThrow(message);
  });
});

describe('secrets', () => {
  const secret = 'canary-1234567890';
  const form = new FormData();
  form.set('note', 'plain');
  form.set('password', secret);

  it.each<[string, object]>([
    ['a query', { searchParams: { access_token: secret, page: 'plain' } }],
    ['a form', { method: 'POST', form: { password: secret, page: 'plain' } }],
    ['JSON', { method: 'POST', json: { a: [{ apiKey: secret }], tokens: [secret], page: 'plain' } }],
    ['a list of names and values', { method: 'POST', json: [{ name: 'csrf', value: secret }, 'plain'] }],
    ['multipart', { method: 'POST', body: form }],
    ['Authorization', { headers: { authorization: `Bearer ${secret}`, 'x-page': 'plain' } }],
    ['Cookie', { headers: { cookie: `sid=${secret}`, 'x-page': 'plain' } }],
    ['a header of a secret name', { headers: { 'x-api-key': secret, 'x-page': 'plain' } }],
  ])('in %s are marked, and the rest is as it was', async (_, init) => {
    const transport = mockTransport(async (request) => {
      await request.arrayBuffer();
      return new Response(`<input type=hidden name=t value='${secret}'>`);
    });
    await using session = await createSession({ transport });
    const recording = recordHar(session);
    const kept = recordHar(session, { redact: false });
    await (await session.fetch('https://a.test/', init)).text();
    const text = JSON.stringify(await recording.stop());
    expect(text).not.toContain(secret);
    expect(text).toContain('plain');
    const marks = new Set(text.match(/redacted-[0-9a-f]{16}/g));
    // The same secret in the answer, under a name that says nothing, has the same mark.
    expect(marks.size).toBe(1);
    expect(JSON.stringify(await kept.stop())).toContain(secret);
  });

  it('in pages, redirects and JSON of a server are marked', async () => {
    const transport = mockTransport(({ url }) => {
      if (url.endsWith('/page')) {
        const html = `<meta name="csrf-token" content="${secret}"><input name="pin" type="password" value="canary2"><p>shown`;
        return new Response(html, { headers: { 'content-type': 'text/html' } });
      }
      return Response.json(
        { refresh_token: 'canary3', shown: 1 },
        { headers: { location: `/#id_token=canary4`, 'set-cookie': 'sid=canary5; Path=/' } },
      );
    });
    await using session = await createSession({ transport });
    const recording = recordHar(session, { redact: { names: ['pet'] } });
    await (await session.fetch('https://a.test/page?pet=canary6')).text();
    await (await session.fetch('https://a.test/json')).text();
    const text = JSON.stringify(await recording.stop());
    expect(text).not.toContain('canary');
    expect(text.match(/shown/g)).toHaveLength(2);
  });
});

describe('session.observe', () => {
  it('observes from its call until its end, together with the observers of the session', async () => {
    const told: string[] = [];
    const noting = (name: string) => ({ onCallStart: () => void told.push(name) });
    const transport = mockTransport(() => new Response());
    await using session = await createSession({ transport, observers: [noting('own')] });
    const added = noting('added');
    const [first, second] = [session.observe(added), session.observe(added)];
    await session.fetch('https://a.test/');
    first();
    first();
    await session.fetch('https://a.test/');
    second();
    await (await session.fork()).fetch('https://a.test/');
    expect(told).toEqual(['own', 'added', 'added', 'own', 'added', 'own']);
    expect(() => session.observe({ onNothing: () => {} } as object)).toThrow('unknown method');
  });

  it('is called for sockets and their messages', async () => {
    const server = await startServer((_request, response) => void response.end('x'));
    await using session = await createSession();
    const recording = recordHar(session);
    await session.websocket(server.url.replace('http', 'ws')).catch(() => {});
    const [entry] = (await recording.stop()).log.entries;
    expect([entry?.request.url.slice(0, 3), entry?._webSocketMessages]).toEqual(['ws:', []]);
    expect(headerOf(server.seen[0], 'upgrade')).toBe('websocket');
  });
});
