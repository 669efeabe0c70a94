import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { isUrlSearchParams } from '../../core/request/fields.ts';
import type { RequestInit } from '../../index.ts';

/** A request of a pagination. Without `url` it has the URL of the request before. */
export interface PageRequest extends RequestInit {
  readonly url?: string | URL | undefined;
}

let others = 0;

/** A text that identifies a request. A body that cannot be compared always counts as new. */
export function requestKey(url: URL, init: RequestInit): string {
  const { method = 'GET', body, json, form, searchParams } = init;
  const { href, hash } = url;
  const target = hash === '' ? href : href.slice(0, -hash.length);
  return [method.toUpperCase(), target, partKey(searchParams), partKey(json ?? form ?? body)].join(' ');
}

function partKey(sent: unknown): string {
  if (sent === undefined || sent === null) return '';
  const hash = createHash('sha256');
  if (ArrayBuffer.isView(sent)) return hash.update(sent as Uint8Array).digest('base64');
  if (types.isAnyArrayBuffer(sent)) return hash.update(new Uint8Array(sent)).digest('base64');
  if (isUrlSearchParams(sent)) return hash.update(String(sent)).digest('base64');
  const isPlain = typeof sent === 'string' || Array.isArray(sent) || isPlainObject(sent);
  if (!isPlain) return `other ${++others}`;
  return hash.update(JSON.stringify(sent)).digest('base64');
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of any realm: the prototype of its prototype is null.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
