import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from './certificates.ts';

interface Signing {
  /** Years in which it holds, the first and the one after the last. */
  readonly from?: number;
  readonly until?: number;
  /** True: it may sign others. */
  readonly isAuthority?: boolean;
  /** Who signs it; itself when absent. */
  readonly signer?: Certificate;
}

const settings = `[ca]
default_ca = own
[own]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`;

/** Makes a certificate for 127.0.0.1 with OpenSSL, of any time and by any signer. */
export function signedCertificate(signing: Signing = {}): Certificate {
  const { from = 2020, until = 2090, isAuthority = false, signer } = signing;
  const folder = mkdtempSync(join(tmpdir(), 'jarfetch-signed-'));
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  try {
    put('settings', settings);
    put('index', '');
    put('serial', '01\n');
    const names = [
      '-subj',
      `/CN=${signer === undefined ? 'itself' : 'leaf'}`,
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ];
    const constraints = ['-addext', `basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', ...curve, '-keyout', 'key', '-out', 'request', ...names, ...constraints);
    put('signer-key', signer?.key ?? readFileSync(join(folder, 'key'), 'utf8'));
    put('signer', signer?.cert ?? '');
    const by = signer === undefined ? ['-selfsign'] : ['-cert', 'signer'];
    const dates = ['-startdate', `${from}0101000000Z`, '-enddate', `${until}0101000000Z`];
    openssl(
      'ca',
      '-batch',
      '-notext',
      '-config',
      'settings',
      ...by,
      '-keyfile',
      'signer-key',
      ...dates,
      '-in',
      'request',
      '-out',
      'cert',
    );
    return {
      key: readFileSync(join(folder, 'key'), 'utf8'),
      cert: readFileSync(join(folder, 'cert'), 'utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
