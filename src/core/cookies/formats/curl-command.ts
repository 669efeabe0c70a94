import { pairsOfHeader } from './cookie-header.ts';

/**
 * "Copy as cURL" of the browsers' developer tools: a command for a POSIX shell, or for cmd.exe, where a caret escapes
 * every special character. Chromium's has the cookies in `-b`, Firefox's and Safari's in `-H 'Cookie: …'`.
 */

/** The parts of a command that concern cookies. */
export interface CurlCommand {
  /** The URL of its request; `undefined` when it has none. */
  readonly url: string | undefined;
  readonly pairs: readonly string[];
  /** False where another command follows, as with "Copy all as cURL". */
  readonly isAlone: boolean;
}

/** Whether text is a curl command. */
export function isCurlCommand(text: string): boolean {
  return /^\s*curl(\.exe)?\s/.test(text);
}

/** Reads a command. An option's value that names a file of cookies has no `=` and is left out. */
export function readCurlCommand(text: string): CurlCommand {
  let url: string | undefined;
  const pairs: string[] = [];
  let isAlone = true;
  for (const option of optionsIn(text)) {
    if (isUrl(option)) url ??= option.value;
    // The cookies of another command do not belong to this URL.
    if (option.name === undefined && isCurlCommand(`${option.value} `)) isAlone = false;
    const header = cookiesOf(option);
    if (header !== undefined) pairs.push(...pairsOfHeader(header));
  }
  return { url, pairs, isAlone };
}

/** Its quotes are escaped by carets, or its lines end with one, as in older Chromiums. */
function isForCmd(text: string): boolean {
  return text.includes('^"') || /\^\r?\n/.test(text);
}

/** The options and URLs of a command, in their order; `null` for text that is not a curl command. */
export function readCurlOptions(text: string): CurlOption[] | null {
  return isCurlCommand(text) ? optionsIn(text) : null;
}

function optionsIn(text: string): CurlOption[] {
  const [, ...words] = wordsOf(isForCmd(text) ? text.replace(/\^(\r\n|[\s\S])/g, unescapeCaret) : text);
  const options: CurlOption[] = [];
  for (let at = 0; at < words.length; at++) {
    const { next, ...option } = optionAt(words, at);
    at = next;
    options.push(option);
  }
  return options;
}

function isUrl({ name, value }: CurlOption): boolean {
  return (name === undefined || name === '--url') && URL.canParse(value);
}

/** The Cookie header that an option sets. */
function cookiesOf({ name, value }: CurlOption): string | undefined {
  if (name === undefined) return undefined;
  if (cookieOptions.has(name) && value.includes('=')) return value;
  return headerOptions.has(name) && /^cookie:/i.test(value) ? value : undefined;
}

const cookieOptions: ReadonlySet<string> = new Set(['-b', '--cookie']);
const headerOptions: ReadonlySet<string> = new Set(['-H', '--header']);

/** Short options that take a value. curl(1). */
const shortWithValue = 'AbcCdDeEFhHKmoPQrtTuUwxXyYz';
/** Long options of the same kind, those that are commonly used. */
const longWithValue: ReadonlySet<string> = new Set([
  ...['--cookie', '--header', '--url', '--request', '--user', '--user-agent', '--referer', '--proxy'],
  ...['--data', '--data-raw', '--data-binary', '--data-ascii', '--data-urlencode', '--json', '--form'],
  ...['--cookie-jar', '--output', '--max-time', '--connect-timeout', '--resolve', '--cert', '--key'],
  ...['--cacert', '--range', '--upload-file', '--write-out', '--retry', '--interface', '--max-redirs'],
]);

/** An option of a command, or a URL. */
export interface CurlOption {
  /** `undefined` for a word that is not an option: a URL. */
  readonly name: string | undefined;
  readonly value: string;
}

interface Option extends CurlOption {
  /** Index of its last word. */
  readonly next: number;
}

function optionAt(words: readonly string[], at: number): Option {
  const word = words[at] ?? '';
  const following = { value: words[at + 1] ?? '', next: at + 1 };
  if (word.startsWith('--')) {
    return longWithValue.has(word) ? { name: word, ...following } : { name: word, value: '', next: at };
  }
  if (!word.startsWith('-')) return { name: undefined, value: word, next: at };
  // Flags may be combined, and a value may directly follow its option: `-sSb a=1`, `-ba=1`.
  for (let place = 1; place < word.length; place++) {
    const letter = word[place] ?? '';
    if (!shortWithValue.includes(letter)) continue;
    const name = `-${letter}`;
    const glued = word.slice(place + 1);
    return glued === '' ? { name, ...following } : { name, value: glued, next: at };
  }
  return { name: word, value: '', next: at };
}

/** A caret before a line end removes the line end too. */
function unescapeCaret(_: string, character: string): string {
  return /[\r\n]/.test(character) ? ' ' : character;
}

/** Splits a command into words as a shell does. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const { quoted, text: piece } of piecesOf(text)) {
    if (!quoted && /^\s+$/.test(piece)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + piece;
  }
  return word === undefined ? words : [...words, word];
}

interface Piece {
  readonly quoted: boolean;
  readonly text: string;
}

const pieces =
  /\$'(?<ansi>(?:[^'\\]|\\[\s\S])*)'|'(?<plain>[^']*)'|"(?<double>(?:[^"\\]|\\[\s\S])*)"|\\(?<escaped>\r\n|[\s\S])|(?<bare>\s+|[\s\S])/g;

function* piecesOf(text: string): Generator<Piece> {
  for (const { groups = {} } of text.matchAll(pieces)) {
    const { ansi, plain, double, escaped, bare } = groups;
    if (ansi !== undefined) yield { quoted: true, text: ansi.replace(ansiEscape, unescapeAnsi) };
    else if (plain !== undefined) yield { quoted: true, text: plain };
    else if (double !== undefined) {
      yield { quoted: true, text: double.replace(/\\(?:(["\\$`])|\r?\n)/g, '$1') };
    }
    // A backslash before a line end removes the line end too.
    else if (escaped !== undefined) {
      yield /[\r\n]/.test(escaped) ? { quoted: false, text: ' ' } : { quoted: true, text: escaped };
    } else yield { quoted: false, text: bare ?? '' };
  }
}

/** bash(1), ANSI-C quoting. */
const ansiEscape = /\\(?:u([0-9a-fA-F]{1,4})|x([0-9a-fA-F]{1,2})|([\s\S]))/g;
const ansiLetters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unescapeAnsi(_: string, unicode?: string, byte?: string, other = ''): string {
  const code = unicode ?? byte;
  return code === undefined ? (ansiLetters[other] ?? other) : String.fromCharCode(Number.parseInt(code, 16));
}
