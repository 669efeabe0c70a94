import { createHash } from 'node:crypto';
import {
  type CheckedConnection,
  checkConnection,
  connectionKeys,
  noConnectionOptions,
} from './connection-options.ts';
import { proxyVariables } from './proxy.ts';
import { Transport } from './transport.ts';
import { resolveConnection } from './transport-options.ts';

interface Shared {
  readonly key: string;
  readonly transport: Transport;
  users: number;
}

const sharedTransports = new Map<string, Shared>();

/** The transport for checked options. Sessions with equal options share one, which counts its users. */
export function shareTransport(options: CheckedConnection): {
  transport: Transport;
  release: () => Promise<void> | undefined;
} {
  const key = sharingKey(options);
  let entry = sharedTransports.get(key);
  if (entry === undefined) {
    entry = { key, transport: new Transport(resolveConnection(options)), users: 0 };
    sharedTransports.set(key, entry);
  }
  entry.users++;
  const { transport } = entry;
  const release = (): Promise<void> | undefined => {
    entry.users--;
    // The one without options is kept for the next session while it has no connections to close.
    if (entry.users > 0 || (entry.key === '' && entry.transport.isUnused)) return undefined;
    sharedTransports.delete(entry.key);
    return transport.close();
  };
  return { transport, release };
}

function sharingKey(options: CheckedConnection): string {
  if (options === noConnectionOptions) return '';
  let key = '';
  for (const name of connectionKeys) {
    const value = options[name];
    if (value === undefined || value === null || value === false) continue;
    key += `${name}=${keyOf(name, value)}\n`;
  }
  // The environment is read when a session starts. After a change, new sessions get other connections.
  return options.proxy === 'env' ? key + proxyVariables(process.env) : key;
}

function keyOf(name: string, value: unknown): string {
  if (name === 'certOrigins') return String(value);
  if (name !== 'proxyTls') return pemKeys.has(name) ? digest(value) : String(value);
  const members = Object.entries(Object(value)).filter(([, member]) => member !== undefined);
  return members.map(([member, part]) => `${member}:${keyOf(member, part)}`).join(',');
}

const pemKeys: ReadonlySet<string> = new Set(['ca', 'cert', 'key']);
const digests = new WeakMap<object, string>();

/** A hash replaces certificates and keys: they are long, and a private key should not be the key of a map. */
function digest(pem: unknown): string {
  const known = typeof pem === 'object' && pem !== null ? digests.get(pem) : undefined;
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const part of Array.isArray(pem) ? pem : [pem])
    hash.update(createHash('sha256').update(part).digest());
  const made = hash.digest('base64');
  if (Buffer.isBuffer(pem)) digests.set(pem, made);
  return made;
}

let isWarm = false;

/** Keeps the transport without options between one-shot calls. Its idle connections close by themselves. */
export function keepWarm(): void {
  if (isWarm) return;
  isWarm = true;
  shareTransport(checkConnection({}));
}
