import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A regular expression of the source. */
export interface FoundRegExp {
  /** File below the folder, and line. */
  readonly place: string;
  /** As it is written, `/…/flags`; of one that is made by a call, that call. */
  readonly text: string;
  /** `null` where it is made by a call. */
  readonly expression: RegExp | null;
}

/** Every regular expression of the TypeScript files below `folder`, in the order of the files. */
export function regExpsBelow(folder: string): FoundRegExp[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replaceAll('\\', '/'));
  return paths.sort().flatMap((path) => regExpsOf(path, readFileSync(join(folder, path), 'utf8')));
}

/** Every regular expression of one file. */
export function regExpsOf(path: string, source: string): FoundRegExp[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const found: FoundRegExp[] = [];
  const visit = (node: ts.Node): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const expression = new RegExp(node.text.slice(1, end), node.text.slice(end + 1));
      found.push({ place: `${path}:${line + 1}`, text: node.text, expression });
    } else if (
      (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
      node.expression.getText() === 'RegExp'
    ) {
      found.push({ place: `${path}:${line + 1}`, text: node.getText(), expression: null });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** What one text grows by, and how. */
export interface Pump {
  /** For messages. */
  readonly name: string;
  text(size: number): string;
}

/** What keeps a match from beginning at the start, and nothing. */
const heads = ['', '\0'];
/** Ends that make a match fail which had gone well so far, and nothing. */
const tails = ['', '\0', '\n!', 'x'];

/**
 * Texts on which `expression` could take more than linear time: for each part of it that may repeat without end, that
 * part many times, also together with what has to stand in front of it, with ends that do not match.
 */
export function pumpsOf(expression: RegExp): Pump[] {
  const pumps = new Map<string, Pump>();
  const add = (name: string, text: (size: number) => string): void => {
    for (const head of heads) {
      for (const tail of tails) {
        const full = `${JSON.stringify(head)}, ${name}, ${JSON.stringify(tail)}`;
        pumps.set(full, { name: full, text: (size) => head + text(size) + tail });
      }
    }
  };
  const parsed = new PatternParser(expression).parse();
  for (const { before, samples } of repeatsOf(parsed, '')) {
    for (const sample of samples) {
      add(`${JSON.stringify(sample)} again and again`, (size) => sample.repeat(size));
      if (before === '') continue;
      add(`${JSON.stringify(before)}, then ${JSON.stringify(sample)} again and again`, (size) =>
        before.concat(sample.repeat(size)),
      );
      add(`${JSON.stringify(before + sample)} again and again`, (size) => (before + sample).repeat(size));
    }
  }
  return [...pumps.values()];
}

/** A part of a pattern: what texts match it, and what in it may repeat without end. */
interface Part {
  /** Short texts that match; the first stands for it where it is in front of another part. */
  readonly samples: readonly string[];
  readonly parts: readonly Part[];
  /** Whether `parts` follow one another; else each stands for itself. */
  readonly isSequence: boolean;
  readonly isEndless: boolean;
}

interface Repeat {
  readonly before: string;
  readonly samples: readonly string[];
}

function repeatsOf(part: Part, before: string): Repeat[] {
  const own = part.isEndless ? [{ before, samples: part.samples }] : [];
  let front = before;
  const inner = part.parts.flatMap((each) => {
    const repeats = repeatsOf(each, front);
    if (part.isSequence) front += each.isEndless ? '' : (each.samples[0] ?? '');
    return repeats;
  });
  return [...own, ...inner];
}

/** Characters that stand for a class, the likelier ones of a grammar first. */
const candidates = [
  ...' "a0=;,:.-/\'<>\\&?#%_+*()[]{}|~^$@!AZz9\t\n\r\0\x7f\x80',
  ...['\u00e9', '\u0660', '\u05d0', '\udc80', '\u{1f600}'],
];
/** How many characters stand for a class. */
const sampleCount = 4;

/** Takes a pattern apart as far as pumps need it: sequences, alternatives, classes and quantifiers. */
class PatternParser {
  readonly #source: string;
  readonly #flags: string;
  #at = 0;

  constructor({ source, flags }: RegExp) {
    this.#source = source;
    this.#flags = flags.replace(/[gyd]/g, '');
  }

  parse(): Part {
    const alternatives = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at++;
      alternatives.push(this.#sequence());
    }
    const samples = alternatives.flatMap((each) => each.samples);
    return { samples, parts: alternatives, isSequence: false, isEndless: false };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] ?? '')) {
      parts.push(this.#quantified(this.#atom()));
    }
    // One text for each sample of each part, with the first of all others.
    const firsts = parts.map(({ samples }) => samples[0] ?? '');
    const samples = parts.flatMap((part, index) =>
      part.samples.map((sample) => [...firsts.slice(0, index), sample, ...firsts.slice(index + 1)].join('')),
    );
    return {
      samples: samples.length === 0 ? [''] : [...new Set(samples)],
      parts,
      isSequence: true,
      isEndless: false,
    };
  }

  #atom(): Part {
    const rest = this.#source.slice(this.#at);
    if (rest.startsWith('(')) return this.#group(rest);
    const [text = ''] =
      /^(?:\\[pP]\{[^}]*\}|\\x..|\\u\{[^}]*\}|\\u....|\\[\s\S]|\[(?:[^\]\\]|\\[\s\S])*\]|[\s\S])/u.exec(
        rest,
      ) ?? [];
    this.#at += text.length;
    if (text === '^' || text === '$' || text === '\\b' || text === '\\B') return nothing;
    const alone = new RegExp(`^(?:${text})$`, this.#flags);
    const own = text.replace(/\\(?:u\{[^}]*\}|u....|x..|.)/gs, unescaped);
    const matching = [...new Set([...candidates, ...own])].filter((candidate) => alone.test(candidate));
    if (matching.length === 0) throw new Error(`no character is known that matches ${text}`);
    return { samples: matching.slice(0, sampleCount), parts: [], isSequence: false, isEndless: false };
  }

  #group(rest: string): Part {
    const [opening = '('] = /^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(rest) ?? [];
    this.#at += opening.length;
    const inner = this.parse();
    this.#at++;
    return /^\(\?<?[=!]/.test(opening) ? { ...inner, samples: [''] } : inner;
  }

  #quantified(part: Part): Part {
    const [text = '', least, comma, most] =
      /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at)) ?? [];
    if (text === '') return part;
    this.#at += text.length;
    if ('*+'.includes(text[0] ?? '') || (comma === ',' && most === '')) {
      return { samples: part.samples, parts: [part], isSequence: false, isEndless: true };
    }
    if (text.startsWith('?')) return { ...part, samples: ['', ...part.samples] };
    const times = Number(least);
    return { ...part, samples: part.samples.map((sample) => sample.repeat(times)) };
  }
}

function unescaped(written: string): string {
  const code = /^\\[ux]\{?([0-9a-fA-F]+)\}?$/.exec(written)?.[1];
  return code === undefined ? written.slice(1) : String.fromCodePoint(Number.parseInt(code, 16));
}

const nothing: Part = { samples: [''], parts: [], isSequence: false, isEndless: false };
