import { readFileSync } from 'node:fs';
import type { SeededRandom } from '../helpers/random.ts';

/** What fuzzing starts from, by kind. Text of one character for each byte. */
export type Seeds = Readonly<
  Record<'responses' | 'setCookies' | 'locations' | 'urls' | 'headers', readonly string[]>
>;

/** The project's seeds; what once went wrong is added to them. */
export const seeds: Seeds = JSON.parse(
  readFileSync(new URL('../fixtures/fuzz/seeds.json', import.meta.url), 'utf8'),
);

const tokens = [
  ...[
    '\r\n',
    '\n',
    '\r',
    '\0',
    '\t',
    ' ',
    ';',
    ',',
    '=',
    ':',
    '/',
    '?',
    '#',
    '%',
    '%00',
    '%0d%0a',
    '"',
    '\\',
  ],
  ...[
    '\x7f',
    '\x80',
    '\x9b',
    '\xff',
    'Domain=',
    'Path=',
    'Max-Age=',
    'Expires=',
    'Secure',
    'SameSite=',
    '__Host-',
  ],
  ...[
    '__proto__',
    'constructor',
    'Content-Length: ',
    'Transfer-Encoding: chunked',
    'Location: ',
    'Set-Cookie: ',
  ],
  ...[
    'gzip',
    'identity',
    '0',
    '-1',
    '1e9',
    '99999999999999999999',
    'HTTP/1.1 200 OK\r\n',
    '\r\n\r\n',
    'FFFFFFFF',
    '://',
  ],
];

type Mutation = (text: string, at: number, random: SeededRandom) => string;

const mutations: readonly Mutation[] = [
  (text, at, random) => text.slice(0, at) + random.pick(tokens) + text.slice(at),
  (text, at) => text.slice(0, at),
  (text, at, random) => text.slice(0, at) + text.slice(at + random.below(12)),
  (text, at, random) => text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1),
  (text, at, random) =>
    text.slice(0, at) + text.slice(at, at + random.below(40)).repeat(random.below(5)) + text.slice(at),
  (text, at, random) => text.slice(0, at) + random.pick(tokens).repeat(random.below(300)) + text.slice(at),
  (text) => text.toUpperCase(),
  (text, at) => text.slice(at) + text.slice(0, at),
];

/** One of `from` with a few changes; sometimes as it is. */
export function mutate(from: readonly string[], random: SeededRandom): string {
  let text = random.pick(from);
  for (let left = random.below(5); left > 0; left--) {
    text = random
      .pick(mutations)(text, random.below(text.length + 1), random)
      .slice(0, 50_000);
  }
  return text;
}
