import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { createTransport, withSession } from '../../../src/index.ts';
import { certificate } from '../../helpers/certificates.ts';
import { startHttpProxy } from '../../helpers/proxies.ts';
import { startServer, startTlsServer } from '../../helpers/servers.ts';

vi.mock('node:tls', { spy: true });
afterEach(() => void vi.unstubAllEnvs());

it('transports that differ in their proxy share one TLS context, made when TLS is first wanted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jarfetch-trust-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  writeFileSync(join(folder, 'root.pem'), certificate().cert);
  vi.stubEnv('SSL_CERT_FILE', join(folder, 'root.pem'));
  const plain = await startServer((_, response) => void response.end('plain'));
  const secure = await startTlsServer((_, response) => void response.end('secure'));
  const proxy = await startHttpProxy();
  vi.mocked(createSecureContext).mockClear();
  const transports = await Promise.all(
    Array.from({ length: 5 }, (_, index) => createTransport({ proxy: `http://user${index}@${proxy.host}` })),
  );
  onTestFinished(async () => void (await Promise.all(transports.map((transport) => transport.close()))));
  const visit = async (url: string): Promise<void> => {
    for (const transport of transports) {
      await withSession(async (session) => (await session.fetch(url)).text(), { transport });
    }
  };
  await visit(plain.url);
  expect(createSecureContext).toHaveBeenCalledTimes(0);
  await visit(secure.url);
  expect(createSecureContext).toHaveBeenCalledTimes(1);
});
