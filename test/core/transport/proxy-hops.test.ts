import { expect, it, onTestFinished } from 'vitest';
import { createSession, createTransport } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { startSite } from '../../helpers/redirects.ts';
import { headerOf, startTlsServer } from '../../helpers/servers.ts';

const { cert: ca } = certificate();

/** Sets variables of the environment until the test ends. */
function setEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

it('P04 gives each proxy its own credentials when a redirect changes the scheme', async () => {
  const [plainProxy, secureProxy] = [await startHttpProxy(), await startHttpProxy()];
  const secure = await startTlsServer((_request, response) => {
    response.end('secure');
  });
  const plain = await startSite({ '/from': { location: `${secure.url}/to` } });
  setEnvironment({
    http_proxy: `http://plain:1@${plainProxy.host}`,
    https_proxy: `http://secure:2@${secureProxy.host}`,
    no_proxy: '',
  });
  await using session = await createSession({ proxy: 'env', ca });
  expect(await (await session.fetch(`${plain.url}/from`)).text()).toBe('secure');
  expect(plainProxy.seen.map(({ authorization }) => authorization)).toEqual([basic('plain:1')]);
  expect(secureProxy.seen.map(({ authorization }) => authorization)).toEqual([basic('secure:2')]);
  for (const { seen } of [plain, secure]) expect(headerOf(seen[0], 'proxy-authorization')).toBeUndefined();
});

it('P04 gives the credentials of a proxy to no server that a redirect reaches without it', async () => {
  const proxy = await startHttpProxy();
  const direct = await startSite({});
  const local = direct.url.replace('127.0.0.1', 'localhost');
  const first = await startSite({ '/from': { location: `${local}/to` } });
  setEnvironment({ http_proxy: `http://ada:canary@${proxy.host}`, no_proxy: 'localhost' });
  await using session = await createSession({ proxy: 'env' });
  expect(await (await session.fetch(`${first.url}/from`)).text()).toBe('arrived');
  expect(proxy.seen.map(({ target }) => target)).toEqual([`${first.url}/from`]);
  expect(JSON.stringify(direct.seen)).not.toContain(basic('ada:canary'));
});

it('P05 uses the credentials of the transport of each call, and only those', async () => {
  const proxy = await startHttpProxy();
  const site = await startSite({});
  await using old = await createTransport({ proxy: `http://ada:old@${proxy.host}` });
  await using fresh = await createTransport({ proxy: `http://ada:new@${proxy.host}` });
  await using bare = await createTransport({ proxy: `http://${proxy.host}` });
  await using session = await createSession();
  for (const transport of [old, fresh, bare, old])
    await (await session.fetch(site.url, { transport })).text();
  expect(proxy.seen.map(({ authorization }) => authorization)).toEqual([
    basic('ada:old'),
    basic('ada:new'),
    undefined,
    basic('ada:old'),
  ]);
  expect(new Set(proxy.seen.map(({ connection }) => connection)).size).toBe(3);
});

it('P04 keeps cookies of an https page from the proxy', async () => {
  const proxy = await startHttpProxy();
  const site = await startTlsServer((_request, response) => {
    response.setHeader('set-cookie', 'sid=canary; Secure').end();
  });
  await using session = await createSession({ proxy: `http://${proxy.host}`, ca });
  await session.fetch(site.url);
  await session.fetch(site.url);
  expect(headerOf(site.seen[1], 'cookie')).toBe('sid=canary');
  expect(JSON.stringify(proxy.seen)).not.toContain('canary');
});
