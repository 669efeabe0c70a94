import type { CommandRow, Io, OptionRows } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { widthOf } from './terminal.ts';

/** The help for the words: of a command, of a group, or of the program. */
export function helpFor(
  words: readonly string[],
  rows: readonly CommandRow[],
  { stdout }: Pick<Io, 'stdout'>,
): string {
  const width = Math.min(widthOf(stdout), 110);
  const [first = '', second = ''] = words;
  const row =
    rows.find(({ name }) => name === `${first} ${second}`) ?? rows.find(({ name }) => name === first);
  if (row !== undefined) return helpOfCommand(row, width);
  const group = rows.filter(({ name }) => name.startsWith(`${first} `));
  return group.length > 0 ? listOf(group, width) : helpOfProgram(rows, width);
}

function helpOfProgram(rows: readonly CommandRow[], width: number): string {
  const codes = Object.entries(exitCodes).map(([code, meaning]): [string, string] => [code, meaning]);
  return [
    'jarfetch: HTTP sessions that log in, stay logged in and look like one browser',
    '',
    'jarfetch COMMAND [argument…] [option…]',
    'jarfetch [METHOD] URL [item…] [option…]',
    '',
    'Commands (jarfetch COMMAND --help has the details):',
    listOf(rows, width),
    '',
    'Items:',
    columns(
      [
        ['Name:value', 'header; "Name:" removes it, "Name;" sends an empty value'],
        ['k==v', 'parameter of the query'],
        ['Name:@file  k==@file', 'header or parameter whose value is in a file'],
        ['k=v  k:=json', 'field of the body: text, or JSON'],
        ['k@file', 'file, as multipart/form-data'],
        ['k=@file  k:=@file', 'field whose text or JSON is in a file'],
      ],
      width,
    ),
    '',
    'Exit codes:',
    columns(codes, width),
    '',
    'Environment:',
    columns(
      [
        ['JARFETCH_SESSION', 'the session of every command'],
        ['JARFETCH_KEY', 'encrypts sessions and pages'],
        ['JARFETCH_TTL', 'how long an unused session is kept (7d)'],
        ['JARFETCH_PROXY', 'the proxy of every command'],
        ['XDG_STATE_HOME', 'sessions are in its folder jarfetch (~/.local/state)'],
        ['NO_COLOR, FORCE_COLOR', 'turn colours off, or on'],
      ],
      width,
    ),
  ].join('\n');
}

function listOf(rows: readonly CommandRow[], width: number): string {
  return columns(
    rows.map(({ name, summary }) => [name, summary]),
    width,
  );
}

function helpOfCommand({ name, args, summary, options, examples }: CommandRow, width: number): string {
  return [
    `jarfetch ${name} ${args}`.trimEnd(),
    '',
    ...wrap(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`, width),
    '',
    'Options:',
    columns(optionLines(options), width),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
  ].join('\n');
}

function optionLines(options: OptionRows): [string, string][] {
  return Object.entries(options).map(([name, { short, type, value = 'VALUE', help, choices }]) => {
    const letter = short === undefined ? '    ' : `-${short}, `;
    const values = choices === undefined ? '' : ` (${choices.join(', ')})`;
    return [`${letter}--${name}${type === 'string' ? ` ${value}` : ''}`, help + values];
  });
}

/** Two columns; the second is wrapped. */
function columns(lines: readonly (readonly [string, string])[], width: number): string {
  const first = Math.min(30, Math.max(...lines.map(([left]) => left.length)));
  return lines
    .flatMap(([left, right]) => {
      const [start = '', ...more] = wrap(right, Math.max(30, width - first - 4));
      const indent = ' '.repeat(first + 4);
      const head =
        left.length > first ? [`  ${left}`, `${indent}${start}`] : [`  ${left.padEnd(first)}  ${start}`];
      return [...head, ...more.map((line) => indent + line)];
    })
    .join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
