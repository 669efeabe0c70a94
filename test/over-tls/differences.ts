import type { Wire } from '../helpers/fronts.ts';

/** Scenarios that are not the same where HTTP/2 is offered. */
interface Difference {
  /** What the names of their tests start with. */
  readonly tests: readonly string[];
  /** Where they are not the same. */
  readonly wires: readonly Wire[];
  readonly reason: string;
}

/** Every test of a scenario that is left out of the projects `over h2` and `over http/1.1`. */
export const differences: readonly Difference[] = [
  {
    tests: ['R03 http after https'],
    wires: ['h2', 'http/1.1'],
    reason: 'needs a server without TLS',
  },
  {
    tests: ['F11 ', 'F12 '],
    wires: ['h2'],
    reason: 'malformed HTTP/1.1: HTTP/2 has other framing, see http2-faults.test.ts',
  },
  {
    tests: ['N02 does not send again once a byte of the answer has come'],
    wires: ['h2'],
    reason: 'a head comes whole or not at all, and a server of HTTP/2 hands no part of one on',
  },
  {
    tests: ['F15 fails where a server upgrades'],
    wires: ['h2'],
    reason: 'HTTP/2 has no 101 (RFC 9113 section 8.6)',
  },
  {
    tests: ['F15 ends a 204'],
    wires: ['h2'],
    reason: 'Node.js resets a stream whose 204 has a Content-Length: ERR_CONNECTION_LOST',
  },
  {
    tests: ['F15 releases the connection of a 205'],
    wires: ['h2'],
    reason: 'a stream without the bytes that Content-Length promises is malformed (RFC 9113 section 8.1.1)',
  },
  {
    tests: ['R09 is refused when it is given twice', 'F09 refuses more than five codings'],
    wires: ['h2'],
    reason: 'Node.js hands out the first of several Location or Content-Encoding fields',
  },
  {
    tests: ['F05 refuses headers', 'F05 says that no option', 'R11 ends redirects without end at the total'],
    wires: ['h2'],
    reason: 'the stream ends and its connection goes on, see F18 of http2-uploads.test.ts',
  },
  {
    tests: ['T01 ends the queue for a connection', 'T04 rejects at once when it is aborted in the queue'],
    wires: ['h2'],
    reason: 'poolMaxSize holds nobody up before MAX_CONCURRENT_STREAMS does, see http2-pool.test.ts',
  },
  {
    tests: ['F14 keeps a body of single bytes'],
    wires: ['h2'],
    reason: 'measures the memory of the process, in which the server of HTTP/2 runs too',
  },
];
