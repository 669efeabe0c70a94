import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { invalidOption, RequestError } from '../core/errors.ts';

/** Marks a sealed text, and how it was sealed. */
const format = 'jarfetch-sealed-1';
const keyBytes = 32;

/** RFC 7914; 32 MiB and some 100 ms for one guess. */
const scryptCost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/** A sealed text as it is written: AES-256-GCM, bytes in base64. */
interface Sealed {
  readonly format: typeof format;
  /** Of the passphrase; empty where the key was given as bytes. */
  readonly salt: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

/** Encrypts and decrypts documents. The id is sealed in: a file does not open under another name. */
export class Seal {
  readonly #secret: string | Uint8Array;
  readonly #keys = new Map<string, Promise<Uint8Array>>();
  #salt: string | null = null;

  /**
   * @param secret a passphrase, or 32 bytes
   * @throws RequestError ERR_INVALID_OPTION
   */
  constructor(secret: unknown) {
    const isBytes = secret instanceof Uint8Array && secret.length === keyBytes;
    if (!isBytes && (typeof secret !== 'string' || secret === '')) {
      throw invalidOption('encryptionKey', 'a passphrase or 32 bytes', typeof secret);
    }
    this.#secret = isBytes ? Uint8Array.from(secret) : String(secret);
  }

  async seal(id: string, text: string): Promise<string> {
    this.#salt ??= typeof this.#secret === 'string' ? randomBytes(16).toString('base64') : '';
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', await this.#key(this.#salt), iv);
    cipher.setAAD(Buffer.from(id));
    const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const sealed: Sealed = {
      format,
      salt: this.#salt,
      iv: iv.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      data: data.toString('base64'),
    };
    return JSON.stringify(sealed);
  }

  /** @throws RequestError ERR_STORE_KEY */
  async open(id: string, text: string): Promise<string> {
    const sealed = readSealed(text);
    if (sealed === null) throw wrongKey(id, 'is not encrypted: read it without encryptionKey');
    if ((sealed.salt === '') !== (typeof this.#secret !== 'string'))
      throw wrongKey(id, 'has another kind of key');
    // What others wrote is written with their salt, so that one key opens all.
    this.#salt ??= sealed.salt;
    const key = await this.#key(sealed.salt);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.iv, 'base64'), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(id));
      decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'));
      return Buffer.concat([
        decipher.update(Buffer.from(sealed.data, 'base64')),
        decipher.final(),
      ]).toString();
    } catch {
      throw wrongKey(id, 'does not open: encryptionKey is another, or the file was changed');
    }
  }

  #key(salt: string): Promise<Uint8Array> {
    const secret = this.#secret;
    if (typeof secret !== 'string') return Promise.resolve(secret);
    let key = this.#keys.get(salt);
    if (key === undefined) {
      key = new Promise((resolve, reject) => {
        scrypt(secret, Buffer.from(salt, 'base64'), keyBytes, scryptCost, (error, derived) =>
          error === null ? resolve(derived) : reject(error),
        );
      });
      this.#keys.set(salt, key);
    }
    return key;
  }
}

/** The text of a file, once it is sure that no key is needed. @throws RequestError ERR_STORE_KEY */
export function openUnsealed(id: string, text: string): string {
  if (readSealed(text) !== null) throw wrongKey(id, 'is encrypted: give encryptionKey');
  return text;
}

/** `null` for what is not sealed. */
function readSealed(text: string): Sealed | null {
  if (!text.startsWith(`{"format":"${format}"`)) return null;
  try {
    const { salt, iv, tag, data } = JSON.parse(text);
    const isWhole = [salt, iv, tag, data].every((part) => typeof part === 'string');
    return isWhole ? { format, salt, iv, tag, data } : null;
  } catch {
    return null;
  }
}

function wrongKey(id: string, why: string): RequestError {
  return new RequestError('ERR_STORE_KEY', `The stored session ${JSON.stringify(id)} ${why}`);
}
