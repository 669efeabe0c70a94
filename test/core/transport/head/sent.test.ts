import { expect, it } from 'vitest';
import { keepRawFields, readRawFields, readSentHead } from '../../../../src/core/transport/head/sent.ts';

it('reads an HTTP/1.1 head, whole or without its blank line, as text', () => {
  const head = 'POST http://shop.test/a?b HTTP/1.1\r\nHost: shop.test\r\nX-Empty: \r\nx-A: b: \xc3\xa9\r\n';
  const read = {
    target: 'http://shop.test/a?b',
    headers: [
      ['Host', 'shop.test'],
      ['X-Empty', ''],
      ['x-A', 'b: é'],
    ],
  };
  expect(readSentHead(head)).toEqual(read);
  expect(readSentHead(`${head}\r\n`)).toEqual(read);
});

it('reads the fields of an HTTP/2 stream, several values of one name separately', () => {
  const fields = { ':method': 'GET', ':path': '/p', cookie: ['a=b', 'c=d'], none: undefined, 'x-n': 1 };
  expect(readSentHead(fields)).toEqual({
    target: '/p',
    headers: [
      [':method', 'GET'],
      [':path', '/p'],
      ['cookie', 'a=b'],
      ['cookie', 'c=d'],
      ['x-n', '1'],
    ],
  });
});

it('reads a flat list of texts without the request line', () => {
  expect(readSentHead(['A', 'b'])).toEqual({ target: null, headers: [['A', 'b']] });
});

it('keeps raw fields that came as bytes, even if the bytes change later', () => {
  const bytes = Buffer.from('é');
  const kept = keepRawFields([Buffer.from('A'), bytes, 'b', 'c', 'odd'], {});
  bytes.fill(0);
  expect(readRawFields(kept)).toEqual([
    ['A', 'é'],
    ['b', 'c'],
  ]);
  expect(readRawFields(keepRawFields(null, { a: ['b', 'c'] }))).toEqual([
    ['a', 'b'],
    ['a', 'c'],
  ]);
});

/** Fields as undici's parser hands them out: pieces of the bytes that were read. */
const received = Buffer.from('Name: \u00e9\r\nOther:  1\r\nName: \r\n');
const at = (head: Buffer, part: string, from = 0): Buffer => {
  const start = head.indexOf(part, from);
  return head.subarray(start, start + Buffer.byteLength(part));
};

it.each<[string, (head: Buffer) => Buffer[]]>([
  [
    'of one read',
    (head) => [
      ...[at(head, 'Name'), at(head, '\u00e9'), at(head, 'Other'), at(head, '1')],
      ...[at(head, 'Name', 10), head.subarray(head.length - 2, head.length - 2)],
    ],
  ],
  [
    'of two reads',
    (head) => [
      ...[at(head, 'Name'), at(head, '\u00e9'), Buffer.from('Other'), Buffer.from('1')],
      ...[Buffer.from('Name'), Buffer.alloc(0)],
    ],
  ],
  [
    'in another order than they were read',
    (head) => [
      ...[at(head, 'Name', 10), at(head, '\u00e9'), at(head, 'Other'), at(head, '1')],
      ...[at(head, 'Name'), Buffer.alloc(0)],
    ],
  ],
])('keeps raw fields %s, whatever becomes of the bytes', (_, piecesOf) => {
  const head = Buffer.from(received);
  const kept = keepRawFields(piecesOf(head), {});
  head.fill(0);
  expect(readRawFields(kept)).toEqual([
    ['Name', '\u00e9'],
    ['Other', '1'],
    ['Name', ''],
  ]);
});
