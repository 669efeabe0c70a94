import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

let made: Certificate | undefined;

/** A self-signed certificate for localhost, 127.0.0.1, ::1 and `*.test`; made once in a process. */
export function certificate(): Certificate {
  made ??= selfSigned('localhost', 'DNS:localhost,DNS:*.test,IP:127.0.0.1,IP:::1');
  return made;
}

/** Makes a self-signed certificate with OpenSSL, which is on every Debian and in every CI image. */
export function selfSigned(name: string, alternativeNames: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-certificate-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${alternativeNames}`, '-days', '2'];
    execFileSync('openssl', [...request, '-keyout', key, '-out', cert, ...subject], { stdio: 'pipe' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
