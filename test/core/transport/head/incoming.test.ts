import { describe, expect, it } from 'vitest';
import { IncomingHeads } from '../../../../src/core/transport/head/incoming.ts';

/** What undici gets of these pieces, and what it gets with each. */
function passed(...pieces: readonly string[]): { all: string; each: (string | undefined)[] } {
  const heads = new IncomingHeads();
  heads.expect();
  const each = pieces.map((piece) => heads.take(Buffer.from(piece, 'latin1'))?.toString('latin1'));
  return { all: each.join(''), each };
}

const ok = 'HTTP/1.1 200 OK\r\n';
const proceed = 'HTTP/1.1 100 Continue\r\n\r\n';

describe('a response head', () => {
  it.each<[what: string, came: string, goes: string]>([
    ['that is plain', `${ok}A: b\r\n\r\nbody`, `${ok}A: b\r\n\r\nbody`],
    ['without a field', `${ok}\r\n`, `${ok}\r\n`],
    ['without a reason', 'HTTP/1.1 200 \r\nA: b \r\n\r\n', 'HTTP/1.1 200 \r\nA: b\r\n\r\n'],
    ['behind a 100', `${proceed}${ok}\r\n`, `${ok}\r\n`],
    ['behind two of them', `${proceed}${proceed}${ok}\r\n`, `${ok}\r\n`],
    ['behind a 100 with fields', `HTTP/1.1 100 Continue\r\nA: b\r\n\r\n${ok}\r\n`, `${ok}\r\n`],
    ['behind a 100 without a reason', `HTTP/1.1 100\r\n\r\n${ok}\r\n`, `${ok}\r\n`],
    ['behind a 103', `HTTP/1.1 103 E\r\n\r\n${proceed}${ok}\r\n`, `HTTP/1.1 103 E\r\n\r\n${ok}\r\n`],
    ['with a folded field', `${ok}A: b\r\n c\r\nD: e\r\n\r\n`, `${ok}A: b c\r\nD: e\r\n\r\n`],
    ['with a field folded by a tab', `${ok}A: b \r\n\t\tc\t\r\n\r\n`, `${ok}A: b c\r\n\r\n`],
    ['with a field folded twice', `${ok}A: b\r\n c\r\n  d\r\n\r\n`, `${ok}A: b c d\r\n\r\n`],
    ['whose fold is empty', `${ok}A: b\r\n \r\n\r\n`, `${ok}A: b \r\n\r\n`],
    [
      'with blanks behind a value',
      `${ok}Content-Length: 5 \t\r\n\r\nhello`,
      `${ok}Content-Length: 5\r\n\r\nhello`,
    ],
    ['with blanks before the first field', `${ok} A: b\r\n\r\n`, `${ok} A: b\r\n\r\n`],
  ])('%s', (_, came, goes) => {
    expect(passed(came).all).toBe(goes);
    expect(passed(...came).all).toBe(goes);
  });

  it('is kept until it is complete, and the bytes after it are not', () => {
    expect(passed(ok, 'A: b\r\n', '\r\nbo', 'dy').each).toEqual([
      undefined,
      undefined,
      `${ok}A: b\r\n\r\nbo`,
      'dy',
    ]);
  });

  it('passes together with the beginning of the next', () => {
    expect(passed(`HTTP/1.1 103 E\r\n\r\nHTTP/1.1 2`, '00 OK\r\n\r\n').each).toEqual([
      'HTTP/1.1 103 E\r\n\r\n',
      'HTTP/1.1 200 OK\r\n\r\n',
    ]);
  });
});

describe('bytes that pass unchanged', () => {
  it.each<[what: string, pieces: readonly string[]]>([
    ['no HTTP', ['SSH-2.0', '-x\r\n\r\n']],
    ['a version of two digits', ['HTTP/2', '0 200 OK\r\n\r\n']],
    ['lines that end in LF alone', ['HTTP/1.1 200 OK\nA: b \n\n']],
    ['the body', [`${ok}\r\n`, proceed, 'a: b \r\n\r\n']],
    ['what follows a 101', ['HTTP/1.1 101 Switching\r\n\r\n', 'HTTP/1.1 100 x\r\n\r\n']],
    ['a head that never ends', [ok, 'A: b\r\n'.repeat(12_000), 'C: d \r\n']],
  ])('%s', (_, pieces) => {
    expect(passed(...pieces).all).toBe(pieces.join(''));
  });
});

it('reports bytes that it keeps, for the latest request', () => {
  const heads = new IncomingHeads();
  heads.expect();
  expect(heads.hasBytes).toBe(false);
  heads.take(Buffer.from('HTTP/1'));
  expect(heads.hasBytes).toBe(true);
  heads.expect();
  expect(heads.hasBytes).toBe(false);
});

it('reads a head of spaces and folds in linear time', () => {
  const blanks = `A:${' '.repeat(30_000)}x\r\n`;
  const folds = 'B: c\r\n'.padEnd(30_000, ' d\r\n');
  const head = `${ok}${blanks}${folds.slice(0, folds.lastIndexOf('\r\n') + 2)}\r\n`;
  const heads = new IncomingHeads();
  const startedAt = process.cpuUsage().user;
  for (let count = 0; count < 100; count++) {
    heads.expect();
    heads.take(Buffer.from(head));
  }
  // Microseconds: what is quadratic takes a hundred times as long.
  expect(process.cpuUsage().user - startedAt).toBeLessThan(20_000_000);
});
