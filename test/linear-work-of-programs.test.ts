/**
 * As linear-work.test.ts, for what reads recordings, commands and arguments: on a text 64 times as long the work is
 * about 64 times as much.
 */
import { parseCurl } from '../src/cli/curl-request.ts';
import { parseDuration } from '../src/cli/duration.ts';
import { parseItem } from '../src/cli/items.ts';
import { maskUrl, maskUrlsIn } from '../src/cli/mask.ts';
import { isFormTarget } from '../src/cli/targets.ts';
import { makeVisibleLine } from '../src/core/visible.ts';
import { compareBodies } from '../src/har/compare-body.ts';
import { comparePairs } from '../src/har/compare-pairs.ts';
import { decodeContent } from '../src/har/content-codings.ts';
import { replayHar } from '../src/har/index.ts';
import { Marks } from '../src/har/marked-text.ts';
import { answerOfEntry } from '../src/har/recorded-answer.ts';
import { Recording } from '../src/har/recording.ts';
import { checkArguments, objectOf } from '../src/mcp/schema.ts';
import { Secrets } from '../src/mcp/secrets.ts';
import { fenced } from '../src/mcp/untrusted.ts';
import { parseTarget } from '../src/page/document/target.ts';
import { parsePage } from '../src/page/index.ts';
import { harOf, type SmallEntry } from './helpers/hars.ts';
import { describeReaders, type Reader } from './helpers/readers.ts';

/** Characters of the smaller text. */
const size = 400;

const separators: Reader['texts'] = [
  ['', ' '],
  ['', ','],
  ['', ';'],
  ['', '='],
  ['', '"'],
  ['', '\\'],
  ['', '&'],
  ['', '%'],
  ['', '\u0080'],
];
const address = 'http://shop.test/';
const mark = 'redacted-0123456789abcdef';
const context = { now: Date.now(), isForeign: true };
const secrets = new Secrets({ password: { value: 'hunter22', origins: ['https://shop.test'] } });
const page = parsePage('<p>x</p>', { url: address });

/** The first exchange of a recording of one. */
function entryOf(entry: Omit<SmallEntry, 'url'>) {
  const [only] = harOf({ url: address, ...entry }).log.entries;
  if (only === undefined) throw new Error('there is no exchange');
  return only;
}

/** Looks for a request in a recording that has almost the same, and says what is nearest. */
function replay(entry: Omit<SmallEntry, 'url'>, body: string, type: string): unknown {
  const recording = new Recording(harOf({ method: 'POST', url: address, ...entry }), {}, true);
  const request = {
    method: 'POST',
    url: address,
    headers: new Headers({ 'content-type': type }),
    body: new Uint8Array(Buffer.from(body)),
  };
  return [recording.find(request), recording.nearest(request)];
}

const form = 'application/x-www-form-urlencoded';
const multipart = 'multipart/form-data; boundary=x';

const readers: readonly Reader[] = [
  {
    name: 'a form that is compared with a recorded one',
    read: (text) => replay({ body: `${text}&last=1` }, `${text}&last=2`, form),
    texts: [...separators, ['', 'a=1&'], ['', '%41='], ['', `a=${mark}&`]],
  },
  {
    name: 'a form whose fields are in another order',
    read: (text) => {
      const fields = text.split('').map((_, index) => `f${index}=1`);
      return comparePairs('form field', fields.join('&'), fields.reverse().join('&'), new Marks().attempt());
    },
    texts: [['', 'x']],
  },
  {
    name: 'JSON that is compared with recorded JSON',
    read: (text) => {
      const [was, is] = [`[${text}1]`, `[${text}2]`];
      return replay({ body: was, bodyType: 'application/json' }, is, 'application/json');
    },
    texts: [
      ['', '1,'],
      ['', '{"a":1},'],
      ['', `"${mark}",`],
      ['"', ' '],
    ],
  },
  {
    name: 'deep JSON that is compared',
    read: (text) => {
      const deep = (end: string) =>
        Buffer.from(text.replaceAll('x', '{"a":[') + end + text.replaceAll('x', ']}'));
      const type = 'application/json';
      return compareBodies({ bytes: deep('1'), type }, { bytes: deep('2'), type }, new Marks().attempt());
    },
    // JSON.parse of V8 takes no more than some thousands of levels at once.
    texts: [['', 'x']],
    size: 20,
  },
  {
    name: 'a form in parts that is compared',
    read: (text) => replay({ body: `${text}1`, bodyType: multipart }, `${text}2`, multipart),
    texts: [
      ['', '--x'],
      ['', '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'],
      ['--x', ';'],
      ['--x', '; '],
      ['--x', ';name="'],
      ['--x\r\n', ' '],
    ],
  },
  {
    name: 'a text with marks that is compared',
    read: (text) => new Marks().attempt().matches(text, text.replaceAll(mark, 'secret').concat('x')),
    texts: [
      ['', mark],
      ['', `${mark} `],
      ['', 'redacted-'],
      [mark, 'a'],
      ['', `a${mark}a`],
    ],
    size: 100,
  },
  {
    name: 'a recorded head',
    read: (text) =>
      answerOfEntry(
        entryOf({
          headers: ['content-type', 'set-cookie', 'expires', 'content-encoding', 'x'].map((name) => [
            name,
            text,
          ]),
          text: '\u00fc',
        }),
        context,
      ),
    texts: [
      ...separators,
      ['', ';charset='],
      ['', '; charset="'],
      [';', ' '],
      ['a=1', ';expires='],
      ['a=1', '; expires = 1 Jan 2030 00:00:00'],
      ['', '\n'],
      ['', '\r'],
    ],
  },
  {
    name: 'a recorded head of many codings',
    read: (text) =>
      answerOfEntry(entryOf({ headers: [['content-encoding', `${text}gzip`]], text: 'x' }), context),
    texts: [['', 'gzip, ']],
    size: 10,
  },
  {
    name: 'a recording',
    read: (text) =>
      replayHar(harOf(...text.split('x').map(() => ({ url: address, headers: [['a', 'b']] as const })))),
    texts: [['', 'x']],
  },
  {
    name: 'the codings of a body that is recorded',
    read: (text) => decodeContent(Buffer.from('x'), text, 1000),
    texts: [...separators, ['', 'gzip,'], ['', 'br;']],
  },
  {
    name: 'a target of the command line',
    read: (text) => [parseTarget(text, 0), isFormTarget(text)],
    texts: [...separators, ['text="', '"'], ['', '['], ['', '[a]'], ['', ']'], ['@e', '1'], ['form', '#']],
  },
  {
    name: 'an item of the command line',
    read: parseItem,
    texts: [
      ...separators,
      ['', ':'],
      ['', '@'],
      ['a', '\\='],
      ['a:=', '['],
      ['a:=', '{"a":'],
      ['a[', ']'],
      ['', '['],
    ],
  },
  {
    name: 'a duration of the command line',
    read: (text) => parseDuration('--timeout', text),
    texts: [
      ['', ' '],
      ['', '1'],
      ['', '1.'],
      ['1', 'm'],
      ['1', 's'],
    ],
  },
  {
    name: 'a URL that is shown',
    read: (text) => [maskUrl(text), maskUrlsIn(text), maskUrlsIn(`${address}?token=${text}`)],
    texts: [
      ...separators,
      ['http://', '@'],
      ['http://', ':'],
      ['', 'http://'],
      ['', 'http://a:b@'],
      ['', '?token='],
    ],
  },
  {
    name: 'a text of a server that is shown',
    read: makeVisibleLine,
    texts: [
      ['', ' '],
      ['', '\u001b'],
      ['', '\ud800'],
      ['', '\u200b'],
      ['', '\r\n'],
    ],
  },
  {
    name: 'a command of curl that is run',
    read: (text) => parseCurl(text),
    texts: [
      ['curl http://a.test ', '-H a:b '],
      ['curl http://a.test ', '-d a '],
      ["curl http://a.test -H '", ' '],
      ["curl http://a.test -H '", ':'],
      ['curl http://a.test ', '--x '],
      ['curl http://a.test ', "$'\\"],
      ['curl ', 'http://a.test '],
    ],
  },
  {
    name: 'arguments of a tool',
    read: (text) =>
      checkArguments(
        objectOf({ url: { type: 'string' }, 'headers?': { type: 'object' }, 'list?': { type: 'array' } }),
        {
          url: text,
          headers: Object.fromEntries(text.split('x').map((_, index) => [`h${index}`, text.slice(9)])),
        },
      ),
    texts: [
      ['', ' '],
      ['', 'x'],
    ],
    size: 50,
  },
  {
    name: 'an argument of a tool that does not exist',
    read: (text) => checkArguments(objectOf({ 'address?': { type: 'string' } }), { [text]: 1 }),
    texts: [
      ['', 'a'],
      ['address', ' '],
      ['', 'addr'],
    ],
  },
  {
    name: 'a target of a tool',
    read: (text) => parseTarget(text),
    texts: [...separators, ['@e', '1'], ['text=', ' ']],
  },
  {
    name: 'names of secrets in a text',
    read: (text) => [secrets.isIn(text), secrets.expand(text, 'https://shop.test'), secrets.scrub(text)],
    texts: [
      ['', '{'],
      ['', '{{secret:'],
      ['{{secret:', 'a'],
      ['', '{{secret:password}}'],
      ['', 'hunter22'],
      ['', 'hunter2'],
    ],
  },
  {
    name: 'a text of a server for a model',
    read: (text) => fenced(text, text),
    texts: [
      ['', ' '],
      ['', '\r'],
      ['', '<'],
      ['', '<<<'],
      ['', '\u200b'],
      ['a', ' \n'],
    ],
  },
  {
    name: 'a selector',
    read: (text) => page.query(text),
    texts: [
      ['', ' '],
      ['', '>'],
      ['', 'p '],
      ['', 'p,'],
      ['', '['],
      ['', ':not('],
      ['p', ':first-child'],
      ['', '\\'],
      ['p[a="', 'x'],
      ['p:nth-child(', '1'],
    ],
  },
];

describeReaders(readers, size);
