import { constants } from 'node:buffer';
import { expect, it } from 'vitest';
import { createResponse } from '../../../src/core/response/response.ts';
import { createSession } from '../../../src/index.ts';
import { httpResponse } from '../../helpers/raw.ts';
import { startRawServer } from '../../helpers/servers.ts';

async function answering(body: string | Uint8Array, headers: readonly string[] = [], status = '200 OK') {
  const server = await startRawServer((socket) => socket.write(httpResponse(body, headers, status)));
  return `${server.url}/page?token=canary`;
}

it.each([
  ['is empty', ''],
  ['is not JSON', '<html>canary</html>'],
  ['is not JSON', '{"a": "canary'],
  ['is not JSON at position 6', '{"a": canary}'],
])('F17 says that the body %s, of which response, and shows none of it', async (found, body) => {
  const url = await answering(body, ['Content-Type: text/html; charset=utf-8'], '502 Bad Gateway');
  await using session = await createSession();
  const error: unknown = await (await session.fetch(url)).json().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SyntaxError);
  expect(error).toMatchObject({ status: 502 });
  const shown = url.replace('canary', '…');
  const told = String(error);
  expect(told).toContain(`The response body ${found.split(' at ', 1)[0]}`);
  expect(told).toContain(`(502, text/html, ${shown})`);
  expect(told + String(Object(error).stack) + String(Object(error).cause)).not.toContain('canary');
});

it.each([
  ['a byte order mark', Buffer.from('\ufeff{"a":1}'), { a: 1 }],
  ['bytes that are no UTF-8', Buffer.from('{"a":"\xe9"}', 'latin1'), { a: '\ufffd' }],
  ['a Latin-1 that it says of itself', Buffer.from('{"a":"\xe9"}', 'latin1'), { a: '\ufffd' }],
])('F17 reads %s as fetch does', async (_label, body, value) => {
  const url = await answering(body, ['Content-Type: application/json; charset=iso-8859-1']);
  await using session = await createSession();
  expect(await (await session.fetch(url)).json()).toEqual(value);
});

it('F17 treats a key named __proto__ as an ordinary key', async () => {
  const url = await answering('{"__proto__": {"polluted": true}}');
  await using session = await createSession();
  const value: unknown = await (await session.fetch(url)).json();
  expect(Object.keys(Object(value))).toEqual(['__proto__']);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  expect(Object(value).polluted).toBeUndefined();
});

it('F17 shows no control character of a Content-Type', async () => {
  const url = await answering('no', ['Content-Type: \x9b31mred']);
  await using session = await createSession();
  const error = await (await session.fetch(url)).json().catch(String);
  expect(error).toContain('(200, http');
});

it('F17 refuses a text longer than a string can be, with a code', async () => {
  const bytes = Buffer.alloc(constants.MAX_STRING_LENGTH + 1);
  const body = { used: false, locked: false, decoded: false, read: () => bytes };
  const raw = { url: new URL('http://host.test/'), status: 200, headers: {}, body, hops: [] };
  const response = createResponse(raw as unknown as Parameters<typeof createResponse>[0]);
  await expect(response.text()).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE' });
});
