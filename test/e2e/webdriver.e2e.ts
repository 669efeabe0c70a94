/** Cookies carried from a browser under WebDriver (Debian's chromedriver) to a session, and back: Selenium's lists. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSession, type WebDriverCookie } from 'jarfetch';
import type { Suite } from './suite.ts';
import { installPackages, startServer } from './system.ts';

const lines = [
  'host=1; Path=/',
  'wide=3; Path=/; Domain=shop.test; Max-Age=1000',
  'strict=4; Path=/; SameSite=Strict; HttpOnly; Max-Age=1000',
];

const capabilities = {
  browserName: 'chrome',
  'goog:chromeOptions': {
    binary: '/usr/bin/chromium',
    args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP *.test 127.0.0.1'],
  },
};

export const suite: Suite = {
  name: 'webdriver',
  async run({ step, signal, defer }) {
    await step('chromium and chromium-driver are installed', () =>
      installPackages(['chromium', 'chromium-driver'], signal),
    );
    const site = createServer((request, response) => {
      if (request.url === '/set') response.setHeader('set-cookie', lines);
      response.end(request.headers.cookie ?? '');
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    defer(() => void site.close().closeAllConnections());
    const { port } = site.address() as AddressInfo;
    const driver = await step('chromedriver starts', () =>
      startServer(
        {
          command: '/usr/bin/chromedriver',
          args: ['--port=0'],
          findUrl: (output) => {
            const started = /on port (\d+)\./.exec(output)?.[1];
            return started === undefined ? undefined : `http://127.0.0.1:${started}/status`;
          },
        },
        signal,
      ),
    );
    defer(() => driver.stop());
    const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
      const url = new URL(path, driver.url);
      const response = await fetch(url, { method, signal, ...(body && { body: JSON.stringify(body) }) });
      const { value } = (await response.json()) as { value: { error?: string } | null };
      assert.equal(value?.error, undefined);
      return value;
    };
    /** A browser of its own, and what its page shows. */
    const open = async () => {
      const { sessionId } = (await ask('POST', '/session', {
        capabilities: { alwaysMatch: capabilities },
      })) as { sessionId: string };
      const path = `/session/${sessionId}`;
      defer(async () => void (await ask('DELETE', path)));
      const visit = async (host: string, page = '/'): Promise<unknown> => {
        await ask('POST', `${path}/url`, { url: `http://${host}:${port}${page}` });
        return ask('POST', `${path}/execute/sync`, { script: 'return document.body.innerText', args: [] });
      };
      return { path, visit };
    };

    const session = await createSession();
    await step('a session reads the list of a browser', async () => {
      const { path, visit } = await open();
      await visit('www.shop.test', '/set');
      const { format, imported, rejected } = session.importCookies(
        (await ask('GET', `${path}/cookie`)) as object,
      );
      assert.deepEqual({ format, imported, rejected }, { format: 'webdriver', imported: 3, rejected: [] });
      const scopes = session.getAllCookies().map(({ name, domain, hostOnly }) => [name, domain, hostOnly]);
      assert.deepEqual(scopes.sort(), [
        ['host', 'www.shop.test', true],
        ['strict', 'www.shop.test', true],
        ['wide', 'shop.test', false],
      ]);
    });
    await step('another browser takes the list of the session, and sends the same', async () => {
      const { path, visit } = await open();
      await visit('www.shop.test');
      for (const cookie of session.exportCookies('webdriver')) {
        await ask('POST', `${path}/cookie`, { cookie: ownHost(cookie) });
      }
      const sent = async (host: string): Promise<string[]> =>
        String(await visit(host))
          .split('; ')
          .sort();
      assert.deepEqual(await sent('www.shop.test'), ['host=1', 'strict=4', 'wide=3']);
      assert.deepEqual(await sent('shop.test'), ['wide=3']);
    });
    await session.close();
  },
};

/** As docs/cookies.md says: a driver makes a Domain cookie of each cookie that it is given with a domain. */
function ownHost({ domain, ...own }: WebDriverCookie): object {
  return domain.startsWith('.') ? { ...own, domain } : own;
}
