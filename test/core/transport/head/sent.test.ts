import { expect, it } from 'vitest';
import { readFlat, readSentHead } from '../../../../src/core/transport/head/sent.ts';

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

it('reads a flat list of texts or bytes, whose request line is not in it', () => {
  expect(readSentHead(['A', 'b'])).toEqual({ target: null, headers: [['A', 'b']] });
  expect(readFlat([Buffer.from('A'), Buffer.from('é'), 'odd'])).toEqual([['A', 'é']]);
});
