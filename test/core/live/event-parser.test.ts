import { describe, expect, it } from 'vitest';
import { EventParser, type EventState } from '../../../src/core/live/event-parser.ts';

function parse(chunks: readonly (string | Uint8Array)[], lastEventId = '') {
  const state: EventState = { lastEventId, retry: null };
  const parser = new EventParser(state, 1000);
  const events = chunks.flatMap((chunk) => parser.push(Buffer.from(chunk as Uint8Array)));
  return { state, parser, events: events.map(({ type, data, lastEventId: id }) => [type, data, id]) };
}

// HTML Standard, section 9.2.6, with its own examples first.
const streams: [title: string, text: string, events: string[][]][] = [
  ['data over several lines', 'data: YHOO\ndata: +2\ndata: 10\n\n', [['message', 'YHOO\n+2\n10', '']]],
  [
    'a comment, an id, an id without value',
    ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
    [
      ['message', 'first event', '1'],
      ['message', 'second event', ''],
      ['message', ' third event', ''],
    ],
  ],
  [
    'empty data, and an end that cuts the last one off',
    'data\n\ndata\ndata\n\ndata:',
    [
      ['message', '', ''],
      ['message', '\n', ''],
    ],
  ],
  [
    'one space after the colon',
    'data:test\n\ndata: test\n\n',
    [
      ['message', 'test', ''],
      ['message', 'test', ''],
    ],
  ],
  [
    'a named event',
    'event: add\ndata: 7\n\ndata: 8\n\n',
    [
      ['add', '7', ''],
      ['message', '8', ''],
    ],
  ],
  ['a name without data', 'event: add\n\ndata: 8\n\n', [['message', '8', '']]],
  [
    'CR alone',
    'data: a\r\rdata: b\r\r\n',
    [
      ['message', 'a', ''],
      ['message', 'b', ''],
    ],
  ],
  ['CRLF', 'data: a\r\ndata: b\r\n\r\n', [['message', 'a\nb', '']]],
  ['a byte order mark', '\uFEFFdata: a\n\n', [['message', 'a', '']]],
  [
    'an id with NUL, which does not count',
    'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
    [
      ['message', 'a', '1'],
      ['message', 'b', '1'],
    ],
  ],
  [
    'ids that no header can carry, which do not count either',
    `id: 1\ndata: a\n\nid: 2\x01\ndata: b\n\nid: ${'x'.repeat(4097)}\ndata: c\n\n`,
    [
      ['message', 'a', '1'],
      ['message', 'b', '1'],
      ['message', 'c', '1'],
    ],
  ],
  ['fields that nobody knows', 'foo: bar\nDATA: x\n data: x\ndata: a\n\n', [['message', 'a', '']]],
];

describe('an event stream', () => {
  it.each(streams)('is read as the standard says: %s', (_title, text, events) => {
    expect(parse([text]).events).toEqual(events);
  });

  it.each(streams)('is the same in pieces of one byte: %s', (_title, text, events) => {
    expect(parse([...Buffer.from(text)].map((byte) => Uint8Array.of(byte))).events).toEqual(events);
  });

  it('decodes characters that are split between two pieces', () => {
    const bytes = Buffer.from('data: dé\u{1F36A}\n\n');
    expect(parse([bytes.subarray(0, 8), bytes.subarray(8, 11), bytes.subarray(11)]).events).toEqual([
      ['message', 'dé\u{1F36A}', ''],
    ]);
  });

  it('F17: dispatches an event at its last CR, without waiting for what follows', () => {
    expect(parse(['data: one\r\r']).events).toEqual([['message', 'one', '']]);
    expect(parse(['data: one\r', '\r']).events).toEqual([['message', 'one', '']]);
  });

  it('F17: takes an LF in the next piece as part of the CR before it', () => {
    const pieces = ['data: one\r\n\r', '\ndata: two\r', '', '\n', '\r', '\n', 'data: three\r\r', '\n'];
    expect(parse(pieces).events.map(([, data]) => data)).toEqual(['one', 'two', 'three']);
  });

  it('sets the time before a reconnect, only in digits', () => {
    expect(parse(['retry: 25\n']).state.retry).toBe(25);
    expect(parse(['retry: 25\nretry: soon\nretry: -1\nretry: 1.5\nretry:\n']).state.retry).toBe(25);
  });

  it('continues with the id of an earlier connection, and keeps one that came without data', () => {
    expect(parse(['data: a\n\n'], 'x7').events).toEqual([['message', 'a', 'x7']]);
    expect(parse(['id: 9\n\n']).state.lastEventId).toBe('9');
    expect(parse(['id: 9\ndata: cut off']).state.lastEventId).toBe('');
  });

  it('is too large when one event is, in lines or without', () => {
    expect(parse(['data: 1\n\n'.repeat(500)]).parser.isTooLarge).toBe(false);
    expect(parse(['data: 1\n'.repeat(200)]).parser.isTooLarge).toBe(true);
    expect(parse([`data: ${'1'.repeat(1000)}`]).parser.isTooLarge).toBe(true);
  });
});

it('reads a long line in small pieces in time that grows with its length', () => {
  const parser = new EventParser({ lastEventId: '', retry: null }, 100_000_000);
  const piece = Buffer.alloc(1024, 'x');
  parser.push(Buffer.from('data: '));
  // Quadratic, this would take minutes; the timeout of the test is the guard.
  for (let index = 0; index < 32_768; index++) parser.push(piece);
  expect(parser.push(Buffer.from('\n\n')).map(({ data }) => data.length)).toEqual([33_554_432]);
});

it('limits a retry to the longest time of a timer', () => {
  const state = { lastEventId: '', retry: null };
  new EventParser(state, 1000).push(Buffer.from('retry: 9999999999\n'));
  expect(state.retry).toBe(2 ** 31 - 1);
});
