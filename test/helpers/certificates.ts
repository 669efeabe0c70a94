import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** As {@link selfSigned} for 127.0.0.1, valid between two instants such as `20200101000000Z`. */
export function validBetween(from: string, to: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-certificate-'));
  const file = (name: string): string => join(folder, name);
  try {
    writeFileSync(file('index.txt'), '');
    writeFileSync(file('serial'), '01');
    writeFileSync(
      file('ca.cnf'),
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${file('index.txt')}\nserial=${file('serial')}\nnew_certs_dir=${folder}\n` +
        'default_md=sha256\npolicy=p\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=IP:127.0.0.1\n',
    );
    const made = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      file('key.pem'),
    ];
    const run = (args: readonly string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
    run(['req', '-new', ...made, '-out', file('request.pem'), '-subj', '/CN=127.0.0.1']);
    const signing = [
      '-batch',
      '-config',
      file('ca.cnf'),
      '-selfsign',
      '-keyfile',
      file('key.pem'),
      '-notext',
    ];
    run([
      'ca',
      ...signing,
      '-in',
      file('request.pem'),
      '-out',
      file('cert.pem'),
      '-startdate',
      from,
      '-enddate',
      to,
    ]);
    return { key: readFileSync(file('key.pem'), 'utf8'), cert: readFileSync(file('cert.pem'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
