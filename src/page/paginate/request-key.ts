import { createHash } from 'node:crypto';
import type { RequestInit } from '../../index.ts';

/** A request of a pagination. Without `url` it goes to the URL of the one before. */
export interface PageRequest extends RequestInit {
  readonly url?: string | URL | undefined;
}

let others = 0;

/** A text that identifies a request. A body that cannot be compared is always a new one. */
export function requestKey(url: URL, init: RequestInit): string {
  const { method = 'GET', body, json, form, searchParams } = init;
  const { href, hash } = url;
  const target = hash === '' ? href : href.slice(0, -hash.length);
  return [method.toUpperCase(), target, partKey(searchParams), partKey(json ?? form ?? body)].join(' ');
}

function partKey(sent: unknown): string {
  if (sent === undefined || sent === null) return '';
  const hash = createHash('sha256');
  if (sent instanceof Uint8Array) return hash.update(sent).digest('base64');
  if (sent instanceof URLSearchParams) return hash.update(String(sent)).digest('base64');
  const isPlain = typeof sent === 'string' || Array.isArray(sent) || isPlainObject(sent);
  if (!isPlain) return `other ${++others}`;
  return hash.update(JSON.stringify(sent)).digest('base64');
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
