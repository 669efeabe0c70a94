/**
 * A program that uses each entry of the built package, for runtimes and bundlers that are not Node.js itself. It logs in
 * at examples/site.ts under SITE_URL and prints "smoke: passed". Plain JavaScript, so that it runs everywhere as it is.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import { createSession, createTransport, isRequestError, loadSession } from 'jarfetch';
import { callLog, explainCall, recordHar, replayHar } from 'jarfetch/har';
import { cookieFetch, nodeAgents } from 'jarfetch/interop';
import { openPage } from 'jarfetch/page';
import { createRegistry, memoryStore, redisStore } from 'jarfetch/registry';

const baseUrl = process.env.SITE_URL;
const credentials = { user: 'alice', password: 'white-rabbit' };

async function main() {
  const session = await createSession({ browser: 'chrome', os: 'windows', baseUrl });
  const login = await openPage(session, new URL('/login', baseUrl));
  const members = await login.form().fill(credentials).submit();
  assert.match(members.html(), /Hello, alice/);
  assert.equal(members.url, `${baseUrl}/members`);
  await sendsHeaders(session);
  await worksForOthers(session);
  await failsByCode(session);
  await loadsWebSockets(session);
  // Last, for the site's session cookie is good for one page, and from here on the copy has it.
  await isKept(session);
  await session.close();
  await isRecorded();
  await hasRegistry();
  console.log('smoke: passed');
}

async function sendsHeaders(session) {
  const response = await session.fetch('/echo', { method: 'POST', json: { tea: 6 } });
  const { headers, body } = await response.json();
  assert.equal(body, '{"tea":6}');
  const byName = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  assert.match(byName.get('user-agent'), /Windows NT.*Chrome\//);
  assert.match(byName.get('cookie'), /session=/);
}

/** Their code is loaded with the first one. The site has none, so it refuses. */
async function loadsWebSockets(session) {
  const refusal = await session.websocket('/').catch((error) => error);
  assert.ok(isRequestError(refusal, 'ERR_PROTOCOL'), String(refusal));
  assert.equal(refusal.status, 200);
}

async function isKept(session) {
  const copy = await loadSession(JSON.parse(JSON.stringify(session.save())));
  const page = await copy.fetch(`${baseUrl}/members`);
  assert.match(await page.text(), /Hello, alice/);
  await copy.close();
}

async function worksForOthers(session) {
  const page = await cookieFetch(session, fetch)(`${baseUrl}/members`);
  assert.match(await page.text(), /Hello, alice/);
  const transport = await createTransport();
  const agents = nodeAgents(transport);
  const status = await new Promise((resolve, reject) => {
    http
      .get(`${baseUrl}/`, { agent: agents.http }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      })
      .on('error', reject);
  });
  assert.equal(status, 200);
  await transport.close();
}

async function failsByCode(session) {
  const closed = (error) => isRequestError(error, 'ERR_CONNECT');
  await assert.rejects(session.fetch(new URL('http://127.0.0.1:1/')), closed);
  await assert.rejects(session.fetch('/slow', { timeout: 100 }), (error) =>
    isRequestError(error, 'ERR_TIMEOUT'),
  );
}

async function isRecorded() {
  const session = await createSession({ baseUrl, observers: [callLog()] });
  const recording = recordHar(session);
  const response = await session.fetch('/');
  const text = await response.text();
  assert.match(explainCall(response, { color: false }), /< 200/);
  await session.close();
  const transport = replayHar(await recording.stop());
  const again = await createSession({ baseUrl, transport });
  assert.equal(await (await again.fetch('/')).text(), text);
  assert.deepEqual(transport.unused(), []);
  await again.close();
}

async function hasRegistry() {
  const registry = createRegistry({ store: memoryStore() });
  const session = await registry.getOrCreate('alice');
  assert.equal((await session.fetch(`${baseUrl}/`)).status, 200);
  await registry.close();
  // Neither client of Redis is installed, and no bundler may have asked for one.
  const store = redisStore('redis://127.0.0.1:1');
  const needsClient = (error) =>
    isRequestError(error, 'ERR_STORE') && /npm install redis/.test(error.message);
  await assert.rejects(store.load('alice'), needsClient);
  await store.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
