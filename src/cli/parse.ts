import { parseArgs } from 'node:util';
import type { Arguments, CommandOption, CommandRow, OptionRows } from './command.ts';
import { maskWord } from './mask.ts';
import { didYouMean, UsageError } from './usage-error.ts';

/** A parsed command line. */
export interface ParsedLine {
  readonly row: CommandRow;
  readonly args: Arguments;
}

/** The row for a request without the name of a command: `jarfetch [METHOD] URL [item…]`. */
const requestName = 'request';

/**
 * Finds the command and reads its options. Options may stand anywhere, also before the command.
 *
 * @returns `null` for a command line that has only options
 * @throws UsageError
 */
export function parseLine(words: readonly string[], rows: readonly CommandRow[]): ParsedLine | null {
  const [first, second] = positionalsOf(words, mergeOptions(rows)).map(({ value }) => value);
  if (first === undefined) return null;
  const row = findRow(first, second, rows);
  const isNamed = row.name !== requestName || first === requestName;
  return { row, args: readArguments(words, row, isNamed ? row.name.split(' ').length : 0) };
}

/** Tells whether an option is given, before the command is known. */
export function hasFlag(words: readonly string[], name: string, short?: string): boolean {
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  return options.includes(`--${name}`) || (short !== undefined && options.includes(`-${short}`));
}

function mergeOptions(rows: readonly CommandRow[]): OptionRows {
  return Object.assign({}, ...rows.map(({ options }) => options));
}

type Config = Record<string, { type: CommandOption['type']; short?: string; multiple?: boolean }>;

function configOf(options: OptionRows): Config {
  const entries = Object.entries(options).map(([name, { type, short, multiple }]) => [
    name,
    { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) },
  ]);
  return Object.fromEntries(entries);
}

type Token = NonNullable<ReturnType<typeof tokensOf>>[number];

function tokensOf(words: readonly string[], options: OptionRows) {
  const args = [...words];
  return parseArgs({ args, options: configOf(options), strict: false, allowPositionals: true, tokens: true })
    .tokens;
}

function positionalsOf(words: readonly string[], options: OptionRows) {
  return tokensOf(words, options).filter((token) => token.kind === 'positional');
}

function findRow(first: string, second: string | undefined, rows: readonly CommandRow[]): CommandRow {
  const exact =
    rows.find(({ name }) => name === `${first} ${second}`) ?? rows.find(({ name }) => name === first);
  if (exact !== undefined) return exact;
  const group = rows
    .filter(({ name }) => name.startsWith(`${first} `))
    .map(({ name }) => name.slice(first.length + 1));
  if (group.length > 0) {
    if (second === undefined) throw new UsageError(`${first} needs a command: ${group.join(', ')}`);
    const near = didYouMean(second, group);
    throw new UsageError(
      `${first} has no command ${JSON.stringify(maskWord(second))}${near || `: it has ${group.join(', ')}`}`,
    );
  }
  const request = rows.find(({ name }) => name === requestName);
  if (request !== undefined && (isMethod(first) || looksLikeUrl(first))) return request;
  const names = new Set(rows.map(({ name }) => name.split(' ')[0] ?? name));
  const near = didYouMean(first, names);
  throw new UsageError(
    `There is no command ${JSON.stringify(maskWord(first))}${near}${near === '' ? '; see jarfetch --help' : ''}`,
  );
}

/** A method is in capitals; commands are not. */
export function isMethod(word: string): boolean {
  return /^[A-Z][A-Z-]*$/.test(word);
}

/**
 * Tells whether a word is a URL, a host with a path or port, or a path for the session's base URL, and not a name.
 */
function looksLikeUrl(word: string): boolean {
  return /^(https?:|:|\/|localhost$|\[)/i.test(word) || /[./]/.test(word) || /:\d/.test(word);
}

function readArguments(words: readonly string[], row: CommandRow, named: number): Arguments {
  const values = new Map<string, (string | true)[]>();
  const positionals: string[] = [];
  for (const token of tokensOf(words, row.options)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const list = values.get(token.name) ?? [];
    list.push(readOption(token, row));
    values.set(token.name, list);
  }
  const given = positionals.slice(named);
  checkCount(given, row);
  const last = (name: string): string | undefined => {
    const value = values.get(name)?.at(-1);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals: given,
    text: last,
    texts: (name) => (values.get(name) ?? []).filter((value) => typeof value === 'string'),
    flag: (name) => values.has(name),
  };
}

function readOption(token: Extract<Token, { kind: 'option' }>, { name, options }: CommandRow): string | true {
  const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
  const shown = token.rawName;
  if (option === undefined) {
    const near = didYouMean(token.name, Object.keys(options), (other) => `--${other}`);
    throw new UsageError(`${name} has no option ${shown}${near || `; see jarfetch ${name} --help`}`);
  }
  if (option.type === 'boolean') {
    if (token.value !== undefined) throw new UsageError(`${shown} takes no value`);
    return true;
  }
  const { value } = token;
  if (value === undefined)
    throw new UsageError(`${shown} needs a value: ${shown} ${option.value ?? 'VALUE'}`);
  // A word that looks like an option is most likely a mistyped option.
  if (!token.inlineValue && /^-./.test(value)) {
    const seen = maskWord(value);
    throw new UsageError(`${shown} needs a value; if ${JSON.stringify(seen)} is it, write ${shown}=${seen}`);
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    const near = didYouMean(value, option.choices);
    throw new UsageError(
      `${shown} must be one of ${option.choices.join(', ')}, got ${JSON.stringify(value)}${near}`,
    );
  }
  return value;
}

function checkCount(given: readonly string[], { name, args, count: [least, most] }: CommandRow): void {
  if (given.length < least) throw new UsageError(`An argument is missing: jarfetch ${name} ${args}`);
  if (given.length <= most) return;
  const extra = JSON.stringify(maskWord(given[most] ?? ''));
  throw new UsageError(`${extra} is one argument too many: jarfetch ${name} ${args}`.trimEnd());
}
