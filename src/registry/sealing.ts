import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { types } from 'node:util';
import { invalidOption, RequestError } from '../core/errors.ts';

/** A secret that encrypts documents: a passphrase, from which scrypt derives the key, or the key itself, 32 bytes. */
export type EncryptionKey = string | Uint8Array;

/** The prefix of an encrypted text, with the version of the format. */
const format = 'jarfetch-sealed-1';
const keyBytes = 32;
const saltBytes = 16;
const ivBytes = 12;
const tagBytes = 16;

/** RFC 7914. One derivation costs 32 MiB and about 100 ms. */
const scryptCost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/** Most cached keys of one passphrase: a store has one salt, and a few earlier ones. */
const maxDerived = 64;

/** The form of an encrypted text: AES-256-GCM, bytes in base64. */
interface Sealed {
  readonly format: typeof format;
  /** Of the passphrase; empty where the key was given as bytes. */
  readonly salt: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

/** Where a store keeps its one salt: returns the stored one, or stores `fresh`. */
export type SharedSalt = (fresh: string) => Promise<string>;

/**
 * Reads the option `encryptionKey`: `null` for a store that does not encrypt.
 *
 * @param options the options of the store, as given
 * @throws RequestError ERR_INVALID_OPTION; also for a key that is present and undefined, which is an environment
 * variable that is not set, and must not turn encryption off
 */
export function resolveSeal(options: object, salt: SharedSalt): Seal | null {
  if (!Object.hasOwn(options, 'encryptionKey')) return null;
  const given: unknown = Reflect.get(options, 'encryptionKey');
  if (given === null) return null;
  if (given === undefined) {
    throw new RequestError(
      'ERR_INVALID_OPTION',
      'encryptionKey is undefined: set the variable that it comes from, or give null for no encryption',
    );
  }
  const list: unknown[] = Array.isArray(given) ? given : [given];
  const secrets = list.map(checkSecret);
  const [first, ...others] = secrets;
  if (first === undefined) throw invalidOption('encryptionKey', 'a list with at least one key', given);
  return new Seal(first, others, salt);
}

function checkSecret(secret: unknown): Secret {
  const isBytes = types.isUint8Array(secret) && secret.length === keyBytes;
  if (!isBytes && (typeof secret !== 'string' || secret === '')) {
    const message = `encryptionKey must be a passphrase, 32 bytes, or a list of them, got ${kindOf(secret)}`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  return new Secret(isBytes ? Uint8Array.from(secret) : String(secret));
}

/** Describes a value that is not a valid secret, without showing it. */
function kindOf(given: unknown): string {
  if (given === '') return 'an empty string';
  if (given === null) return 'null';
  return types.isUint8Array(given) ? `${given.length} bytes` : `a value of the type ${typeof given}`;
}

/** A passphrase or a key, and the keys that were derived from it. */
class Secret {
  readonly #given: EncryptionKey;
  readonly #derived = new Map<string, Promise<Uint8Array>>();

  constructor(given: EncryptionKey) {
    this.#given = given;
  }

  get isPassphrase(): boolean {
    return typeof this.#given === 'string';
  }

  key(salt: string): Promise<Uint8Array> {
    const given = this.#given;
    if (typeof given !== 'string') return Promise.resolve(given);
    const known = this.#derived.get(salt);
    if (known !== undefined) return known;
    const key = derive(given, salt);
    const [oldest] = this.#derived.keys();
    if (this.#derived.size >= maxDerived && oldest !== undefined) this.#derived.delete(oldest);
    this.#derived.set(salt, key);
    return key;
  }
}

function derive(passphrase: string, salt: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, Buffer.from(salt, 'base64'), keyBytes, scryptCost, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}

/** Encrypts and decrypts documents. The id is authenticated: a document cannot be decrypted under another name. */
export class Seal {
  readonly #current: Secret;
  /** Older keys, with which documents are still decrypted. */
  readonly #former: readonly Secret[];
  readonly #shared: SharedSalt;
  #salt: Promise<string> | undefined;

  constructor(current: Secret, former: readonly Secret[], salt: SharedSalt) {
    this.#current = current;
    this.#former = former;
    this.#shared = salt;
  }

  async seal(id: string, text: string): Promise<string> {
    const salt = await this.#ownSalt();
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv('aes-256-gcm', await this.#current.key(salt), iv);
    cipher.setAAD(Buffer.from(id));
    const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const sealed: Sealed = {
      format,
      salt,
      iv: iv.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      data: data.toString('base64'),
    };
    return JSON.stringify(sealed);
  }

  /**
   * One salt for all processes with the store, so that one key decrypts all; the salt of a document is not used for
   * new ones.
   */
  #ownSalt(): Promise<string> {
    if (!this.#current.isPassphrase) return Promise.resolve('');
    this.#salt ??= this.#findSalt().catch((error) => {
      this.#salt = undefined;
      throw error;
    });
    return this.#salt;
  }

  async #findSalt(): Promise<string> {
    const fresh = randomBytes(saltBytes).toString('base64');
    const kept = await this.#shared(fresh);
    return isSalt(kept) ? kept : fresh;
  }

  /** @throws RequestError ERR_STORE_KEY, ERR_INVALID_DOCUMENT for a truncated or invalid text */
  async open(id: string, text: string): Promise<string> {
    const sealed = readSealed(text);
    if (sealed === null) throw wrongKey(id, 'is not encrypted: read it without encryptionKey');
    const isPassphrase = sealed.salt !== '';
    const secrets = [this.#current, ...this.#former].filter((secret) => secret.isPassphrase === isPassphrase);
    if (secrets.length === 0) throw wrongKey(id, 'has another kind of key');
    for (const secret of secrets) {
      const opened = openWith(await secret.key(sealed.salt), id, sealed);
      if (opened !== null) return opened;
    }
    throw wrongKey(id, 'does not open: encryptionKey is another, or the document was changed');
  }
}

/** The text; `null` when the key does not match. */
function openWith(key: Uint8Array, id: string, { iv, tag, data }: Sealed): string | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(Buffer.from(id));
    decipher.setAuthTag(Buffer.from(tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString();
  } catch {
    return null;
  }
}

/**
 * The text of a document that is certainly not encrypted.
 *
 * @throws RequestError ERR_STORE_KEY
 */
export function openUnsealed(id: string, text: string): string {
  if (text.startsWith(beginning)) throw wrongKey(id, 'is encrypted: give encryptionKey');
  return text;
}

const beginning = `{"format":"${format}"`;

/**
 * `null` for a document that is not encrypted.
 *
 * @throws RequestError ERR_INVALID_DOCUMENT for a truncated or invalid text
 */
function readSealed(text: string): Sealed | null {
  const fields = parseObject(text);
  if (fields !== null && fields.format !== format) return null;
  const { salt, iv, tag, data } = fields ?? {};
  const isWhole = (salt === '' || isSalt(salt)) && isBase64(iv, ivBytes) && isBase64(tag, tagBytes);
  if (!isWhole || typeof data !== 'string') {
    throw new RequestError(
      'ERR_INVALID_DOCUMENT',
      'Not a saved session: it is truncated, or it is something else',
    );
  }
  return { format, salt: String(salt), iv: String(iv), tag: String(tag), data };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Tells a salt of this form. */
export function isSalt(text: unknown): text is string {
  return isBase64(text, saltBytes);
}

function isBase64(text: unknown, bytes: number): boolean {
  return typeof text === 'string' && Buffer.from(text, 'base64').length === bytes;
}

function wrongKey(id: string, why: string): RequestError {
  return new RequestError('ERR_STORE_KEY', `The stored session ${JSON.stringify(id)} ${why}`);
}
