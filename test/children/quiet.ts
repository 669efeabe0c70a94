/** Makes calls that succeed and calls that fail, all with secrets; writes nothing itself. */
import { createSession } from '../../src/index.ts';

const [url = '', canary = ''] = process.argv.slice(2);
const session = await createSession({ defaultHeaders: { authorization: `Bearer ${canary}` } });
session.setCookie('sid', canary, url);
for (const path of ['/', '/moved', '/cut', '/nonsense']) {
  await session
    .fetch(`${url}${path}`, { headers: { 'x-key': canary } })
    .then((response) => response.text())
    .catch(() => {});
}
const proxied = await createSession({ proxy: `http://ada:${canary}@${new URL(url).host}` });
await proxied.fetch('https://shop.test/').catch(() => {});
await proxied.close();
await session.close();
