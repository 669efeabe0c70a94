import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import * as tls from 'node:tls';
import { RequestError } from '../errors.ts';

/** Which root certificates are trusted. */
export type TrustStore = 'combined' | 'mozilla' | 'defaultPaths';

/** PEM text or bytes, as `node:tls` accepts them. */
export type Pem = string | Buffer | readonly (string | Buffer)[];

/** The settings that decide which servers are trusted, and which client certificate is sent. */
export interface TrustSettings {
  readonly trustStore: TrustStore;
  /** Replaces the trust store. */
  readonly ca: Pem | null;
  readonly cert: Pem | null;
  readonly key: Pem | null;
}

/**
 * The TLS context of a transport, created when the first TLS connection needs it: then SSL_CERT_FILE, SSL_CERT_DIR and
 * their files, which may be hundreds, are read. Transports with equal settings share one. It is created even where
 * Node's default would be the same. TLS connections with a context of their own do not read properties of a polluted
 * Object.prototype, such as `ca`.
 *
 * @param owner the option that holds them, for messages
 * @throws RequestError ERR_INVALID_OPTION for certificates or keys that cannot be read
 */
export function createTrust(
  settings: TrustSettings,
  environment: NodeJS.ProcessEnv,
  owner?: string,
): () => tls.SecureContext {
  const context = (file: string, folders: string): tls.SecureContext => {
    const isDefault = settings.trustStore === 'combined' && file === '' && folders === '';
    const ca = settings.ca ?? (isDefault ? null : trustedRoots(settings.trustStore, file, folders));
    const options: tls.SecureContextOptions = Object.create(null);
    if (ca !== null) options.ca = mutable(ca);
    if (settings.cert !== null) options.cert = mutable(settings.cert);
    if (settings.key !== null) options.key = mutable(settings.key);
    return tls.createSecureContext(options);
  };
  let made: tls.SecureContext | undefined;
  const make = (): tls.SecureContext => {
    const { SSL_CERT_FILE: file = '', SSL_CERT_DIR: folders = '' } = environment;
    const key = createHash('sha256')
      .update(JSON.stringify({ ...settings, file, folders }))
      .digest('base64');
    made = contexts.get(key)?.deref() ?? readable(() => context(file, folders), owner);
    for (const [other, reference] of contexts) if (reference.deref() === undefined) contexts.delete(other);
    contexts.set(key, new WeakRef(made));
    return made;
  };
  // The caller's certificates are parsed now, so that a bad file is an error here and not at the first request.
  if (settings.ca !== null || settings.cert !== null) make();
  return () => made ?? make();
}

/**
 * Contexts in use, by a hash of their settings. A context takes tens of milliseconds and megabytes, and a thousand
 * transports may differ only in their proxy.
 */
const contexts = new Map<string, WeakRef<tls.SecureContext>>();

function readable(context: () => tls.SecureContext, owner: string | undefined): tls.SecureContext {
  try {
    return context();
  } catch (cause) {
    // OpenSSL's error names the kind of data that it could not read, and does not show the data.
    const names = owner === undefined ? 'ca, cert or key' : `ca, cert or key of ${owner}`;
    throw new RequestError('ERR_INVALID_OPTION', `${names} must be certificates and a key in PEM`, { cause });
  }
}

function mutable(pem: Pem): string | Buffer | (string | Buffer)[] {
  return typeof pem === 'string' || Buffer.isBuffer(pem) ? pem : [...pem];
}

/** The certificates of a trust store, `null` for Node's own default. */
function trustedRoots(trustStore: TrustStore, file: string, folders: string): readonly string[] | null {
  if (trustStore === 'mozilla') return tls.rootCertificates;
  const files = environmentCertificates(file, folders);
  if (trustStore === 'defaultPaths') return files;
  return files.length === 0 ? null : [...tls.rootCertificates, ...files];
}

/** Certificates of SSL_CERT_FILE and of every file in SSL_CERT_DIR, as OpenSSL reads them. */
function environmentCertificates(file: string, folders: string): string[] {
  const paths = folders
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => list(folder).map((name) => join(folder, name)));
  return (file === '' ? paths : [file, ...paths]).flatMap(readCertificates);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // As in OpenSSL, a folder that does not exist holds no certificates.
    return [];
  }
}

function readCertificates(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    return [];
  }
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
