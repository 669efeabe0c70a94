import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createSession } from '../../../src/index.ts';
import type { Certificate } from '../../helpers/certificates.ts';
import { signedCertificate } from '../../helpers/signed-certificates.ts';

async function startSite(certificate: Certificate): Promise<string> {
  const server = https.createServer(certificate, (_, response) => void response.end('secret'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

interface Presented {
  readonly certificate: Certificate;
  readonly ca?: string;
}

it.each<[what: string, reason: string, present: () => Presented]>([
  [
    'expired',
    'CERT_HAS_EXPIRED',
    () => {
      const certificate = signedCertificate({ from: 2020, until: 2021 });
      return { certificate, ca: certificate.cert };
    },
  ],
  [
    'not yet valid',
    'CERT_NOT_YET_VALID',
    () => {
      const certificate = signedCertificate({ from: 2080, until: 2090 });
      return { certificate, ca: certificate.cert };
    },
  ],
  ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', () => ({ certificate: signedCertificate() })],
  [
    'of an unknown signer',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    () => ({ certificate: signedCertificate({ signer: signedCertificate({ isAuthority: true }) }) }),
  ],
  [
    'of an untrusted chain that the server sends whole',
    'SELF_SIGNED_CERT_IN_CHAIN',
    () => {
      const signer = signedCertificate({ isAuthority: true });
      const { key, cert } = signedCertificate({ signer });
      return { certificate: { key, cert: cert + signer.cert } };
    },
  ],
  [
    'signed by what may not sign',
    'INVALID_(CA|PURPOSE)',
    () => {
      const signer = signedCertificate();
      const { key, cert } = signedCertificate({ signer });
      return { certificate: { key, cert: cert + signer.cert }, ca: signer.cert };
    },
  ],
])('S02 says of a certificate that it is %s', async (_what, reason, present) => {
  const { certificate, ca } = present();
  const url = await startSite(certificate);
  await using session = await createSession(ca === undefined ? {} : { ca });
  await expect(session.fetch(url)).rejects.toMatchObject({
    code: 'ERR_TLS',
    phase: 'tls',
    message: expect.stringMatching(`certificate.*${reason}`),
    cause: expect.objectContaining({ code: expect.stringMatching(`^${reason}$`) }),
  });
  await using careless = await createSession({ insecure: true });
  expect(await (await careless.fetch(url)).text()).toBe('secret');
});
