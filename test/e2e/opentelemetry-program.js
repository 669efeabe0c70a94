/**
 * Runs one scenario with the SDK of OpenTelemetry and its instrumentation of undici; its name is the argument. Each
 * request must carry the traceparent of a span of its own, whose parent is the span that was active where it was made.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createSession, createTransport } from 'jarfetch';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();
registerInstrumentations({ instrumentations: [new UndiciInstrumentation()], tracerProvider: provider });
const tracer = trace.getTracer('callers');

/** What the servers were asked, in the order in which it came: path and traceparent. */
const seen = [];
const servers = [];
/** Sessions and transports, which are closed in the end. */
const opened = [];

async function openSession(options) {
  const session = await createSession(options);
  opened.unshift(session);
  return session;
}

function note(request) {
  // Twice would be joined by a comma.
  seen.push({ path: request.url, traceparent: request.headers.traceparent });
}

async function serve(answer, server = http.createServer()) {
  server.on('request', (request, response) => {
    note(request);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `127.0.0.1:${server.address().port}`;
}

const echo = (request, response) => void response.end(request.url);

/** Runs `work` in a span of its own. */
async function within(name, work) {
  const span = tracer.startSpan(name);
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } finally {
    span.end();
  }
}

const get = async (session, url, init) => (await session.fetch(url, init)).text();

/** @param expected the name of the caller's span and the path, for each request in the order in which they came */
function check(expected) {
  const spans = exporter.getFinishedSpans();
  const callers = new Map(
    spans.filter(({ kind }) => kind === SpanKind.INTERNAL).map((span) => [span.spanContext().spanId, span]),
  );
  const found = seen.map(({ path, traceparent }) => {
    const [, traceId, id] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(traceparent ?? '') ?? [];
    assert.ok(id, `a traceparent for ${path}, got ${traceparent}`);
    const span = spans.find((each) => each.spanContext().spanId === id);
    assert.ok(span, `the span of ${path} is ended and exported`);
    assert.equal(span.kind, SpanKind.CLIENT);
    assert.equal(span.spanContext().traceId, traceId);
    assert.equal(span.attributes['url.path'], path);
    const caller = callers.get(span.parentSpanContext?.spanId);
    assert.equal(caller?.spanContext().traceId ?? traceId, traceId);
    return `${caller?.name ?? 'nobody'} ${path}`;
  });
  assert.deepEqual(found, expected);
  assert.equal(
    new Set(seen.map(({ traceparent }) => traceparent)).size,
    seen.length,
    'a span for each request',
  );
  const clients = spans.filter(({ kind }) => kind === SpanKind.CLIENT);
  assert.equal(clients.length, seen.length, 'a request for each span');
  return clients;
}

/** Answers requests when told, in the order in which they came. */
async function serveHeld() {
  const held = [];
  const host = await serve((request, response) => void held.push(() => response.end(request.url)));
  const next = async () => {
    while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    held.shift()();
  };
  return { host, next };
}

const scenarios = {
  async 'calls at once'() {
    const host = await serve(echo);
    const session = await openSession();
    const names = ['ada', 'bob', 'cyd'];
    await Promise.all(names.map((name) => within(name, () => get(session, `http://${host}/${name}`))));
    seen.sort((a, b) => a.path.localeCompare(b.path));
    check(['ada /ada', 'bob /bob', 'cyd /cyd']);
  },

  async 'calls in a row on one connection'() {
    const host = await serve(echo);
    const session = await openSession();
    for (const name of ['ada', 'bob', 'cyd'])
      await within(name, () => get(session, `http://${host}/${name}`));
    check(['ada /ada', 'bob /bob', 'cyd /cyd']);
  },

  async 'calls that wait for a connection'() {
    const { host, next } = await serveHeld();
    const transport = await createTransport({ poolMaxSize: 1 });
    opened.push(transport);
    const session = await openSession({ transport });
    const names = ['ada', 'bob', 'cyd'];
    const calls = names.map((name) => within(name, () => get(session, `http://${host}/${name}`)));
    for (const _name of names) await next();
    await Promise.all(calls);
    check(['ada /ada', 'bob /bob', 'cyd /cyd']);
  },

  async 'a call that is sent afresh'() {
    const host = await serve((request, response) => {
      if (seen.length === 2) request.socket.destroy();
      else response.end();
    });
    const session = await openSession();
    for (const name of ['ada', 'bob']) await within(name, () => get(session, `http://${host}/${name}`));
    const clients = check(['ada /ada', 'bob /bob', 'bob /bob']);
    assert.deepEqual(
      clients.map(({ status }) => status.code === SpanStatusCode.ERROR),
      [false, true, false],
    );
  },

  async 'a call that is redirected'() {
    const there = await serve(echo);
    const here = await serve((request, response) => {
      const location = request.url === '/ada' ? '/again' : `http://${there}/there`;
      response.writeHead(302, { location }).end();
    });
    const session = await openSession();
    await within('ada', () => get(session, `http://${here}/ada`));
    check(['ada /ada', 'ada /again', 'ada /there']);
  },

  async 'a call that is retried'() {
    const host = await serve(
      (_request, response) => void response.writeHead(seen.length < 3 ? 503 : 200).end(),
    );
    const session = await openSession({ retry: { limit: 2, backoff: () => 1 } });
    await within('ada', () => get(session, `http://${host}/ada`));
    const clients = check(['ada /ada', 'ada /ada', 'ada /ada']);
    assert.deepEqual(
      clients.map(({ attributes }) => attributes['http.response.status_code']),
      [503, 503, 200],
    );
  },

  async 'calls over HTTP/2'() {
    const [key, cert] = [readFileSync('key.pem'), readFileSync('cert.pem')];
    const host = await serve(echo, http2.createSecureServer({ key, cert }));
    const session = await openSession({ http2: true, ca: cert });
    await within('ada', () => get(session, `https://${host}/ada`));
    const names = ['bob', 'cyd'];
    await Promise.all(names.map((name) => within(name, () => get(session, `https://${host}/${name}`))));
    check(['ada /ada', 'bob /bob', 'cyd /cyd']);
  },

  async 'an event stream that reconnects'() {
    const host = await serve((_request, response) => {
      response.setHeader('content-type', 'text/event-stream').end(`retry: 1\ndata: ${seen.length}\n\n`);
    });
    const session = await openSession();
    await within('other', () => get(session, `http://${host}/other`));
    await within('ada', async () => {
      let events = 0;
      for await (const _event of session.eventSource(`http://${host}/ada`, { reconnectDelay: 1 })) {
        assert.equal(trace.getActiveSpan()?.name, 'ada');
        if (++events === 2) break;
      }
    });
    // The last was left in the middle of its body.
    while (exporter.getFinishedSpans().length < 5) await new Promise((resolve) => setImmediate(resolve));
    check(['other /other', 'ada /ada', 'ada /ada']);
  },

  async 'a WebSocket'() {
    const server = http.createServer();
    server.on('upgrade', (request, socket) => {
      note(request);
      const accept = createHash('sha1')
        .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
      socket.on('error', () => {});
      socket.write([...lines, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
    });
    const host = await serve(echo, server);
    const session = await openSession();
    await within('other', () => get(session, `http://${host}/other`));
    await within('ada', () => session.websocket(`ws://${host}/ada`));
    check(['other /other', 'ada /ada']);
  },

  async 'a connection that is refused'() {
    const session = await openSession();
    await within('ada', () =>
      assert.rejects(get(session, 'http://127.0.0.1:1/ada'), { code: 'ERR_CONNECT' }),
    );
    const [client, caller] = exporter.getFinishedSpans();
    assert.equal(client?.status.code, SpanStatusCode.ERROR);
    assert.equal(client?.parentSpanContext?.spanId, caller?.spanContext().spanId);
  },

  async 'a call that nobody traces'() {
    const host = await serve(echo);
    const session = await openSession();
    await within('ada', () => get(session, `http://${host}/ada`));
    await get(session, `http://${host}/free`);
    const [first, second] = check(['ada /ada', 'nobody /free']);
    assert.notEqual(first?.spanContext().traceId, second?.spanContext().traceId);
  },
};

const [name = ''] = process.argv.slice(2);
if (name === '') console.log(Object.keys(scenarios).join('\n'));
else {
  await scenarios[name]();
  for (const each of opened) await each.close();
  for (const server of servers) {
    server.closeAllConnections?.();
    server.close();
  }
  console.log('passed');
}
