import { isUtf8 } from 'node:buffer';
import { compareJson, parseJson } from './compare-json.ts';
import { comparePairs, missingPair, named, type Pair } from './compare-pairs.ts';
import type { Difference } from './difference.ts';
import type { HarRequest } from './har-format.ts';
import type { MarkTrial } from './marked-text.ts';
import { type BodyPart, mediaTypeOf, partsOf } from './multipart-parts.ts';
import { unescaped } from './redactor.ts';

/** A body with its Content-Type. */
export interface TypedBody {
  readonly bytes: Buffer;
  readonly type: string;
}

/** The body of a recorded request; `null` for none, `undefined` where the recording left it out. */
export function recordedBody({ postData, bodySize }: HarRequest): TypedBody | null | undefined {
  const { text, params = [], mimeType: type = '', _encoding } = postData ?? {};
  if (text !== undefined && text !== '') {
    return { bytes: Buffer.from(text, _encoding === 'base64' ? 'base64' : 'utf8'), type };
  }
  if (params.length > 0 && mediaTypeOf(type) !== 'multipart/form-data') {
    const form = new URLSearchParams();
    for (const { name = '', value = '' } of params) form.append(unescaped(name), unescaped(value));
    return { bytes: Buffer.from(form.toString()), type };
  }
  return bodySize > 0 || params.length > 0 ? undefined : null;
}

/** The first difference of a body and a recorded one, `null` where they are equal. */
export function compareBodies(
  recorded: TypedBody | null,
  given: TypedBody | null,
  trial: MarkTrial,
): Difference | null {
  if (recorded === null || given === null) {
    if (recorded === given) return null;
    return {
      what: recorded === null ? 'a body, which the recording has not' : 'a body, which is missing',
      name: '',
    };
  }
  if (recorded.bytes.equals(given.bytes)) return null;
  const kind = mediaTypeOf(recorded.type);
  if (kind === 'multipart/form-data') return compareParts(recorded, given, trial);
  const [was, is] = [textOf(recorded.bytes), textOf(given.bytes)];
  if (kind === 'application/x-www-form-urlencoded') return comparePairs('form field', was, is, trial);
  const [old, now] = [parseJson(was), parseJson(is)];
  if (old !== undefined && now !== undefined) return compareJson(old, now, trial);
  return trial.matches(was, is) ? null : { what: 'the body', name: '', given: is, recorded: was };
}

/**
 * Browsers write bytes that are not UTF-8 as U+FFFD; this package writes base64, which was compared as bytes before.
 */
function textOf(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('utf8').replaceAll(/\ufffd+/g, '\ufffd');
}

/**
 * Fields and files without the boundary. The content of a file is not compared where a browser left it out of its
 * recording.
 */
function compareParts(recorded: TypedBody, given: TypedBody, trial: MarkTrial): Difference | null {
  const [were, are] = [partsOf(recorded), partsOf(given)];
  if (were === null || are === null) return { what: 'the multipart body, which cannot be read', name: '' };
  for (let at = 0; at < Math.max(were.length, are.length); at++) {
    const [was, is] = [were[at], are[at]];
    if (was === undefined || is === undefined || was.name !== is.name || was.fileName !== is.fileName) {
      const pairs = (parts: readonly BodyPart[]): Pair[] => parts.map(({ name }) => [name, '']);
      return missingPair('multipart field', pairs(were), pairs(are), at);
    }
    if (was.fileName !== null && was.content.length === 0) continue;
    const [text, other] = [textOf(was.content), textOf(is.content)];
    if (!was.content.equals(is.content) && !trial.matches(text, other)) {
      return { what: named('multipart field', was.name), name: was.name, given: other, recorded: text };
    }
  }
  return null;
}
