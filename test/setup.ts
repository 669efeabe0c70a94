/**
 * Looks at every RequestError that any test causes: what stands for a secret in the tests must not be shown by its
 * message, its stack, its properties or anything in the chain of its causes.
 */
import { inspect } from 'node:util';
import { afterEach, expect } from 'vitest';
import { RequestError } from '../src/core/errors.ts';

/** What tests put where secrets go, as it is and as Basic credentials write it. */
const canaries = ['c4n4ry', 'canary', 'S3cret', 'YW5hcnk', 'YzRuNHJ5', 'Y2FuYXJ5'];

const made: RequestError[] = [];

class Noting extends TypeError {
  constructor(...given: ConstructorParameters<typeof TypeError>) {
    super(...given);
    made.push(this as unknown as RequestError);
  }
}

// What super() of RequestError calls is looked up anew for each error; its instances stay what they are.
Object.setPrototypeOf(RequestError, Noting);

afterEach(() => {
  for (const error of made.splice(0)) {
    const shown = inspect(error, {
      depth: Number.POSITIVE_INFINITY,
      showHidden: true,
      maxStringLength: null,
    });
    const found = canaries.filter((canary) => shown.includes(canary));
    expect(found, `L03 an error shows a secret: ${error.code}`).toEqual([]);
  }
});
