import { expect } from 'vitest';
import { isRequestError, type RequestError } from '../../src/index.ts';

/** The RequestError that `action` throws or rejects with; anything else fails the test. */
export async function refusalOf(action: () => unknown): Promise<RequestError> {
  let result: unknown;
  try {
    result = await action();
  } catch (error) {
    if (!isRequestError(error)) throw new Error('expected a RequestError', { cause: error });
    return error;
  }
  return expect.fail(`expected a RequestError, got ${typeof result}`);
}

/** Freezes plain objects and arrays all the way down; whatever writes to them throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

/** Sets properties on Object.prototype while `action` runs. */
export async function withPollutedPrototype<T>(
  properties: Readonly<Record<string, unknown>>,
  action: () => T,
): Promise<Awaited<T>> {
  const keys = Object.keys(properties);
  for (const key of keys) {
    Object.defineProperty(Object.prototype, key, {
      value: properties[key],
      configurable: true,
      enumerable: false,
      writable: true,
    });
  }
  try {
    return await action();
  } finally {
    for (const key of keys) Reflect.deleteProperty(Object.prototype, key);
  }
}
