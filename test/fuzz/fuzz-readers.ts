import { inspect } from 'node:util';
import { overHops } from '../../src/core/flow/redirects.ts';
import {
  EventParser,
  type EventState,
  isEventId,
  type ServerSentEvent,
} from '../../src/core/live/event-parser.ts';
import { readInit } from '../../src/core/request/init.ts';
import { resolveRequest } from '../../src/core/request/resolve.ts';
import { resolveSession } from '../../src/core/session/options.ts';
import { canonicalHost, hostFacts, isOversized } from '../../src/core/sites.ts';
import { boundaryOf, mediaTypeOf } from '../../src/har/multipart-parts.ts';
import { isRequestError } from '../../src/index.ts';
import { parseMediaType } from '../../src/page/encoding/media-type.ts';
import { parsePage } from '../../src/page/index.ts';
import { type SeededRandom, seededRandom } from '../helpers/random.ts';
import { checkWork } from './count-work.ts';
import type { FuzzResult } from './fuzz.ts';
import { mutate } from './mutate.ts';

const hosts = [
  ...[
    'www.shop.example',
    'a.b.co.uk.',
    'a.shop.com..',
    'xn--bcher-kva.example',
    'b\xfccher.example',
    'localhost',
    'x.localhost.',
  ],
  ...['127.0.0.1', '0x7f.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', 'a-.shop.com', '_dmarc.github.io'],
];
const streams = [
  'id: 1\nevent: x\ndata: a\ndata: b\n\nretry: 500\r\nid\r\n\r\ndata\r\r',
  '\xef\xbb\xbfid: \xc3\xbc\xf0\x9f\x8d\xaa\ndata: \xf0\x9f\x8d\xaa\n\n: note\n\nid: a\0b\ndata:x\n\n',
  'event: x\r\ndata: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n',
  'id:9\r\ndata: one\r\n\r\nid: long\ndata\n\ndata: cut',
];
const types = [
  'text/html; charset=utf-8',
  'text/html;charset="shift_jis"; x=y',
  'multipart/form-data; boundary="--a b"',
  'application/xhtml+xml; charset = latin1;charset=\\"koi8-r',
  'text/html; charset="a\\"b\\\\c"',
];

/** An input, now and then with one part of it again and again, so that work that grows too fast shows. */
function inputOf(from: readonly string[], random: SeededRandom): string {
  const text = mutate(from, random);
  if (random.below(4) !== 0) return text;
  const [at, length] = [random.below(text.length + 1), 1 + random.below(9)];
  const part = text.slice(at, at + length) || '.';
  return text.slice(0, at) + part.repeat(20_000 / part.length) + text.slice(at);
}

type Finding = string | null;
/** A reader returns a check where looking at what it read is work that is not its own. */
type Outcome = Finding | (() => Finding);
type Reader = (text: string, random: SeededRandom) => Outcome | Promise<Outcome>;

const readers: readonly (readonly [seeds: readonly string[], read: Reader])[] = [
  [hosts, readHost],
  [hosts, followTo],
  [streams, readStream],
  [types, readType],
];

/**
 * Reads mutated hosts, redirects, event streams and media types. Nothing throws but errors of a kind that is known,
 * what is read keeps its rules, and the work grows no faster than the input.
 */
export async function fuzzReaders(seed: number, isOver: (rounds: number) => boolean): Promise<FuzzResult> {
  const random = seededRandom(seed);
  const findings: string[] = [];
  let rounds = 0;
  for (; !isOver(rounds); rounds++) {
    for (const [seeds, read] of readers) {
      const text = inputOf(seeds, random);
      const finding = await check(text, (given) => read(given, random));
      if (finding !== null) {
        findings.push(`round ${rounds}: ${read.name}: ${finding}: ${JSON.stringify(text.slice(0, 2000))}`);
      }
    }
  }
  return { rounds, findings };
}

async function check(text: string, read: (text: string) => ReturnType<Reader>): Promise<Finding> {
  let outcome = null as Outcome;
  const work = await checkWork(text.length, async () => {
    try {
      outcome = await read(text);
    } catch (error) {
      outcome = `threw ${String(error)}`;
    }
  });
  try {
    return (typeof outcome === 'function' ? outcome() : outcome) ?? work;
  } catch (error) {
    return `the check threw ${String(error)}`;
  }
}

function readHost(text: string): Finding {
  const host = canonicalHost(text);
  // What a server names is also asked for as it is.
  hostFacts(text);
  if (host === undefined) return null;
  if (isOversized(host)) return 'a host over the limits of DNS';
  if (canonicalHost(host) !== host) return `another host when it is read again: ${host}`;
  const { site } = hostFacts(host);
  return site === host || host.endsWith(`.${site}`) ? null : `${host} is not of its site ${site}`;
}

const from = new URL('https://www.shop.example/a');
const secret = 'Bearer s3cr3t';
const request = {
  ...resolveRequest(from, readInit({ headers: { Authorization: secret } }, from), resolveSession({})),
  watch: null,
};

async function followTo(host: string, random: SeededRandom): Promise<Finding> {
  const location =
    random.pick(['https://', '//', 'http:\\\\', '']) + host + random.pick(['', '/b', ':443/', '@b.test/']);
  const answers = [{ location }, {}];
  const asked: (typeof request)[] = [];
  const send = overHops(
    async (hop: typeof request) => {
      asked.push(hop);
      return { url: hop.url, status: 302, headers: answers[asked.length - 1] ?? {}, body: null };
    },
    () => {},
  );
  try {
    await send(request);
  } catch (error) {
    return isRequestError(error, 'ERR_INVALID_REDIRECT') ? null : `threw ${String(error)}`;
  }
  const last = asked.at(-1);
  if (last === undefined || asked.length !== 2) return 'is not followed and not refused';
  if (!/^https?:$/.test(last.url.protocol) || isOversized(last.url.hostname)) return `leads to ${last.url}`;
  if (last.url.username !== '' || last.url.password !== '') return 'the server chose credentials';
  const isShown = inspect(last.headers, { depth: 5, showProxy: false }).includes(secret);
  return isShown === (last.url.origin === from.origin)
    ? null
    : `Authorization for ${last.url.origin}: ${isShown}`;
}

/** The pieces in which a stream comes do not matter. */
function readStream(text: string, random: SeededRandom): () => Finding {
  const bytes = Buffer.from(text, 'latin1');
  const [whole, cut] = [parseEvents([bytes]), parseEvents(piecesOf(bytes, random))];
  return () => checkEvents(whole, cut);
}

function checkEvents(whole: ParsedEvents, cut: ParsedEvents): Finding {
  if (JSON.stringify(whole) !== JSON.stringify(cut)) return 'other events when it comes in pieces';
  for (const id of [whole.state.lastEventId, ...whole.events.map(({ lastEventId }) => lastEventId)]) {
    const header = Buffer.from(id).toString('latin1');
    if (!isEventId(id) || header.length > 4096 || [...header].some(isControl)) {
      return `an id that no header carries: ${JSON.stringify(id)}`;
    }
  }
  return null;
}

function isControl(character: string): boolean {
  return (character < ' ' && character !== '\t') || character === '\x7f';
}

function piecesOf(bytes: Uint8Array, random: SeededRandom): Uint8Array[] {
  const size = 1 + random.below(random.pick([2, 40, 3000]));
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

interface ParsedEvents {
  readonly events: readonly ServerSentEvent[];
  readonly state: EventState;
}

function parseEvents(pieces: readonly Uint8Array[]): ParsedEvents {
  const state: EventState = { lastEventId: '', retry: null };
  const parser = new EventParser(state, 1_000_000);
  return { events: pieces.flatMap((piece) => parser.push(piece)), state };
}

const html = Buffer.from('<meta charset=euc-jp><title>\xe9\x82</title>', 'latin1');

function readType(header: string): Finding {
  const type = parseMediaType(header);
  mediaTypeOf(header);
  if (boundaryOf(header) === '') return 'a boundary without a character';
  if (type !== null && !/^[^\s/;,"A-Z]+\/[^\s/;,"A-Z]+$/.test(type.essence))
    return `the type ${type.essence}`;
  const again = type === null ? null : parseMediaType(type.essence);
  if (type?.essence !== again?.essence) return `another type when it is read again: ${type?.essence}`;
  if (type?.charset == null || type.charset.length > 200) return null;
  try {
    const page = parsePage(html, { url: from, charset: type.charset });
    return parsePage(html, { url: from, charset: page.charset }).charset === page.charset
      ? null
      : `the charset ${page.charset} is no name of its own`;
  } catch (error) {
    return isRequestError(error, 'ERR_INVALID_OPTION') ? null : `threw ${String(error)}`;
  }
}
