import { describe, expect, it } from 'vitest';
import { createSession, RequestError } from '../../../src/index.ts';
import { httpHead, httpResponse } from '../../helpers/raw.ts';
import { startRawServer, startTlsServer } from '../../helpers/servers.ts';

/** Answers the first request with a redirect to `location`, given as bytes, and every other with `ok`. */
async function startRedirector(
  location: string,
  status = '302 Found',
): Promise<{ url: string; paths: string[] }> {
  const paths: string[] = [];
  const server = await startRawServer((socket, head, index) => {
    paths.push(head.split(' ', 2)[1] ?? '');
    const redirect = [`Location: ${location}`, 'Content-Length: 0'];
    socket.write(index === 0 ? httpHead(redirect, status) : httpResponse('ok'));
  });
  return { url: server.url, paths };
}

describe('the bytes of a Location', () => {
  // Chromium, Firefox and curl send each byte that is not ASCII percent-encoded by itself.
  it.each<[what: string, location: string, path: string]>([
    ['one byte that is no UTF-8', '/bl\xe5b', '/bl%E5b'],
    ['UTF-8', '/bl\xc3\xa5b', '/bl%C3%A5b'],
    ['both', '/\xc3\xa5\xe5', '/%C3%A5%E5'],
    ['a query', '/?q=\xe5', '/?q=%E5'],
    ['what is percent-encoded already', '/a%20b', '/a%20b'],
  ])('%s', async (_what, location, path) => {
    const server = await startRedirector(location);
    await using session = await createSession();
    await session.fetch(server.url);
    expect(server.paths).toEqual(['/', path]);
  });

  it('may be a host in UTF-8', async () => {
    const server = await startRedirector('http://\xc3\xa4\xc3\xb6.localhost:1/');
    await using session = await createSession({ retry: false });
    const error = await session.fetch(server.url).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RequestError);
    expect((error as RequestError).request?.url).toBe('http://xn--4ca0b.localhost:1/');
  });
});

describe('spaces around a Location (RFC 9110 section 5.5)', () => {
  it.each([' /to', '/to ', '/to\t', '\t /to \t '])('%j', async (location) => {
    const server = await startRedirector(location);
    await using session = await createSession();
    await session.fetch(server.url);
    expect(server.paths).toEqual(['/', '/to']);
  });
});

describe('a Location that is refused', () => {
  it.each<[what: string, location: string, message: RegExp]>([
    ['is longer than 32 KiB', `/${'a'.repeat(32_769)}`, /32768/],
    ['names a host of more than 253 characters', `http://${'a.'.repeat(200)}test/`, /host/],
    ['names a host in 40 KiB', `http://${'a.'.repeat(12_000)}test/`, /host/],
  ])('%s', async (_what, location, message) => {
    const server = await startRedirector(location);
    await using session = await createSession();
    await expect(session.fetch(server.url)).rejects.toMatchObject({
      code: 'ERR_INVALID_REDIRECT',
      message: expect.stringMatching(message),
    });
  });
});

describe('a body and a redirect that keeps it', () => {
  it.each([307, 308])('%i from https to http is refused', async (status) => {
    const plain = await startRedirector('/');
    const server = await startTlsServer((_request, response) => {
      response.writeHead(status, { location: plain.url }).end();
    });
    await using session = await createSession({ insecure: true });
    const call = session.fetch(server.url, { method: 'POST', form: { password: 'canary' } });
    await expect(call).rejects.toMatchObject({
      code: 'ERR_INVALID_REDIRECT',
      message: expect.stringContaining('body'),
      status,
    });
    expect(plain.paths).toEqual([]);
  });

  it('302 from https to http drops the body and is followed', async () => {
    const plain = await startRedirector('/');
    const server = await startTlsServer((_request, response) => {
      response.writeHead(302, { location: `${plain.url}/next` }).end();
    });
    await using session = await createSession({ insecure: true });
    await session.fetch(server.url, { method: 'POST', form: { password: 'canary' } });
    expect(plain.paths[0]).toBe('/next');
  });
});
