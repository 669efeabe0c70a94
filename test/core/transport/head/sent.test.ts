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

it('reads the fields of an HTTP/2 stream, several values of one name apart', () => {
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

it('reads a flat list of texts, whose request line is not in it', () => {
  expect(readSentHead(['A', 'b'])).toEqual({ target: null, headers: [['A', 'b']] });
});

it('keeps raw fields that came as bytes, whatever becomes of the bytes', () => {
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
