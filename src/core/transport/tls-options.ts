import { X509Certificate } from 'node:crypto';
import { checkBoolean, checkOneOf, checkOptions, own } from '../checks.ts';
import { RequestError } from '../errors.ts';
import type { Pem, TrustStore } from './tls.ts';

/**
 * TLS options of the connection to an `https:` proxy. Options that are left out are those of the targets, except
 * `cert` and `key`.
 */
export interface ProxyTlsOptions {
  /** Accepts any certificate of the proxy. */
  readonly insecure?: boolean | undefined;
  /** Which root certificates are trusted. */
  readonly trustStore?: TrustStore | undefined;
  /** Root certificates in PEM that replace the trust store; cannot be combined with `trustStore`. */
  readonly ca?: Pem | undefined;
  /** Client certificate chain in PEM, sent to the proxy; needs `key`. */
  readonly cert?: Pem | undefined;
  /** Private key of `cert` in PEM. */
  readonly key?: Pem | undefined;
}

const tlsKeys: readonly (keyof ProxyTlsOptions)[] = ['insecure', 'trustStore', 'ca', 'cert', 'key'];
const knownTlsKeys: ReadonlySet<string> = new Set(tlsKeys);

/**
 * Checks TLS options and copies them. Reads no file.
 *
 * @param prefix text before the option names in messages
 * @throws RequestError ERR_INVALID_OPTION that names the option
 */
export function checkTls(options: ProxyTlsOptions, prefix: string): ProxyTlsOptions {
  const insecure = own(options, 'insecure');
  const trustStore = own(options, 'trustStore');
  const [ca, cert, key] = [own(options, 'ca'), own(options, 'cert'), own(options, 'key')];
  if (insecure !== undefined) checkBoolean(`${prefix}insecure`, insecure);
  if (trustStore !== undefined)
    checkOneOf(`${prefix}trustStore`, trustStore, ['combined', 'mozilla', 'defaultPaths']);
  checkPem(`${prefix}ca`, ca, certificate);
  checkRoots(`${prefix}ca`, ca);
  checkPem(`${prefix}cert`, cert, certificate);
  checkPem(`${prefix}key`, key, privateKey);
  if (trustStore !== undefined && ca !== undefined) {
    const message = `\`${prefix}ca\` cannot be combined with trustStore: it replaces the trust store`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  if ((cert === undefined) !== (key === undefined)) {
    const message = `\`${prefix}cert\` and \`${prefix}key\` belong together: a client certificate needs both`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  return { insecure, trustStore, ca: ownPem(ca), cert: ownPem(cert), key: ownPem(key) };
}

/**
 * A copy, so that later writes to the caller's Buffer have no effect: connections are shared by the present content.
 */
function ownPem(pem: Pem | undefined): Pem | undefined {
  if (Array.isArray(pem)) return pem.map((part) => (typeof part === 'string' ? part : Buffer.from(part)));
  return pem === undefined || typeof pem === 'string' ? pem : Buffer.from(pem as Buffer);
}

/** Checks the TLS options of the connection to a proxy. */
export function checkProxyTls(options: ProxyTlsOptions | undefined): ProxyTlsOptions | undefined {
  if (options === undefined) return undefined;
  checkOptions(options, 'proxyTls', knownTlsKeys);
  return checkTls(options, 'proxyTls.');
}

const certificate = /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/;
const privateKey = /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/;

/** OpenSSL silently ignores text that is not PEM. Then no server, or every server, would be trusted by accident. */
function checkPem(name: string, pem: unknown, content: RegExp): void {
  if (pem === undefined) return;
  const parts: unknown[] = Array.isArray(pem) ? pem : [pem];
  if (!parts.every((part) => typeof part === 'string' || Buffer.isBuffer(part))) {
    throw new RequestError('ERR_INVALID_OPTION', `${name} must be PEM text, a Buffer or an array of them`);
  }
  if (parts.length === 0 || !parts.every((part) => content.test(String(part)))) {
    const what = content === certificate ? 'a certificate' : 'a private key';
    throw new RequestError('ERR_INVALID_OPTION', `${name} must hold ${what} in PEM`);
  }
}

/** OpenSSL silently leaves out a root certificate that it cannot read: no server would be trusted. */
function checkRoots(name: string, pem: Pem | undefined): void {
  const parts = Array.isArray(pem) ? pem : pem === undefined ? [] : [pem];
  if (parts.every((part) => beginsWithCertificate(String(part)))) return;
  throw new RequestError('ERR_INVALID_OPTION', `${name} must hold a certificate in PEM that can be read`);
}

/** Whether the first certificate can be parsed. */
function beginsWithCertificate(text: string): boolean {
  const block = /-----BEGIN (?:X509 )?CERTIFICATE-----[^-]*-----END (?:X509 )?CERTIFICATE-----/.exec(
    text,
  )?.[0];
  // Node.js itself does not parse OpenSSL's "trusted" form of a certificate.
  if (block === undefined) return text.includes('TRUSTED CERTIFICATE');
  try {
    return new X509Certificate(block).subject !== null;
  } catch {
    return false;
  }
}
