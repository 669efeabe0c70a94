import type { CommandRow, OptionRows } from './command.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

type Shell = (typeof shells)[number];

/** Makes the script with which a shell completes commands, options and their values. */
export function completionFor(shell: Shell, rows: readonly CommandRow[]): string {
  if (shell === 'bash') return bash(rows);
  return shell === 'zsh' ? zsh(rows) : fish(rows);
}

function optionsOf(options: OptionRows): string[] {
  return Object.keys(options).map((name) => `--${name}`);
}

/** The second words of each first word: `new list show` for `session`. */
function groupsOf(rows: readonly CommandRow[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { name } of rows) {
    const [first = '', second] = name.split(' ');
    const list = groups.get(first) ?? [];
    if (second !== undefined) list.push(second);
    groups.set(first, list);
  }
  return groups;
}

function choicesOf(rows: readonly CommandRow[]): Map<string, readonly string[]> {
  const choices = new Map<string, readonly string[]>();
  for (const { options } of rows) {
    for (const [name, option] of Object.entries(options)) {
      if (option.type === 'string' && option.choices !== undefined) choices.set(`--${name}`, option.choices);
    }
  }
  return choices;
}

/** Names in the table have only small letters, digits, `-`, `_` and spaces, so only descriptions need quotes. */
function bash(rows: readonly CommandRow[]): string {
  const groups = groupsOf(rows);
  const second = [...groups].filter(([, words]) => words.length > 0);
  const values = [...choicesOf(rows)].map(
    ([option, words]) =>
      `    ${option}) COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$word")); return ;;`,
  );
  const seconds = second.map(([first, words]) => `      ${first}) words="${words.join(' ')}" ;;`);
  const options = rows.map(
    ({ name, options }) => `    "${name}") words="${optionsOf(options).join(' ')}" ;;`,
  );
  return `# bash completion of jarfetch
_jarfetch() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  local first="\${COMP_WORDS[1]}" second="\${COMP_WORDS[2]}" command
  case "$before" in
${values.join('\n')}
  esac
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${[...groups.keys()].join(' ')} --help --version" -- "$word"))
    return
  fi
  command="$first"
  case "$first" in
    ${second.map(([first]) => first).join('|')}) command="$first $second" ;;
  esac
  if [[ $COMP_CWORD -eq 2 ]]; then
    case "$first" in
${seconds.join('\n')}
    esac
    if [[ -n "$words" ]]; then COMPREPLY=($(compgen -W "$words" -- "$word")); return; fi
  fi
  if [[ "$word" != -* ]]; then COMPREPLY=($(compgen -f -- "$word")); return; fi
  case "$command" in
${options.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o filenames -F _jarfetch jarfetch
`;
}

/** A description in single quotes, without the characters that have a meaning for _describe and _arguments. */
function described(text: string): string {
  return text
    .replace(/'/g, '’')
    .replace(/[[\]:]/g, (sign) => (sign === ':' ? ' ' : sign === '[' ? '(' : ')'));
}

function zsh(rows: readonly CommandRow[]): string {
  const groups = groupsOf(rows);
  const firsts = [...groups].map(([first, words]) => {
    const summary =
      words.length > 0 ? words.join(', ') : (rows.find(({ name }) => name === first)?.summary ?? '');
    return `    '${first}:${described(summary)}'`;
  });
  const seconds = [...groups]
    .filter(([, words]) => words.length > 0)
    .map(([first, words]) => {
      const lines = words.map((word) => {
        const summary = rows.find(({ name }) => name === `${first} ${word}`)?.summary ?? '';
        return `'${word}:${described(summary)}'`;
      });
      return `    ${first}) words=(${lines.join(' ')}); second=1 ;;`;
    });
  const options = rows.map(
    ({ name, options }) => `    '${name}') _arguments ${zshOptions(options)} '*:file:_files' ;;`,
  );
  return `#compdef jarfetch
# zsh completion of jarfetch
_jarfetch() {
  local -a words_of_line=("\${(@)words}")
  local -a commands=(
${firsts.join('\n')}
  )
  local -a words
  local second=0 command="$words_of_line[2]"
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$command" in
${seconds.join('\n')}
  esac
  if (( second )); then
    if (( CURRENT == 3 )); then _describe command words; return; fi
    command="$command $words_of_line[3]"
  fi
  words=("\${(@)words_of_line}")
  case "$command" in
${options.join('\n')}
    *) _files ;;
  esac
}
compdef _jarfetch jarfetch
`;
}

function zshOptions(options: OptionRows): string {
  return Object.entries(options)
    .map(([name, option]) => {
      const help = described(option.help);
      const many = option.multiple === true ? '*' : '';
      if (option.type === 'boolean') return `'${many}--${name}[${help}]'`;
      const values = option.choices === undefined ? '_files' : `(${option.choices.join(' ')})`;
      return `'${many}--${name}=[${help}]:${described(option.value ?? name)}:${values}'`;
    })
    .join(' ');
}

function fish(rows: readonly CommandRow[]): string {
  const commands = [...groupsOf(rows)].flatMap(([first, words]) => fishCommands(first, words, rows));
  return ['# fish completion of jarfetch', ...commands, ...rows.flatMap(fishOptions), ''].join('\n');
}

function fishQuoted(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}

function fishCommands(first: string, words: readonly string[], rows: readonly CommandRow[]): string[] {
  const summaryOf = (name: string): string =>
    rows.find((row) => row.name === name)?.summary ?? words.join(', ');
  const line = `complete -c jarfetch -n __fish_use_subcommand -a ${first} -d ${fishQuoted(summaryOf(first))}`;
  const here = `'__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${words.join(' ')}'`;
  const seconds = words.map(
    (word) => `complete -c jarfetch -f -n ${here} -a ${word} -d ${fishQuoted(summaryOf(`${first} ${word}`))}`,
  );
  return [line, ...seconds];
}

function fishOptions({ name, options }: CommandRow): string[] {
  const seen = name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  return Object.entries(options).map(([option, { type, short, choices, help }]) => {
    const letter = short === undefined ? '' : ` -s ${short}`;
    const words = choices === undefined ? ' -r' : ` -x -a ${fishQuoted(choices.join(' '))}`;
    const value = type === 'boolean' ? '' : words;
    return `complete -c jarfetch -n ${fishQuoted(seen.join('; and '))} -l ${option}${letter}${value} -d ${fishQuoted(help)}`;
  });
}
