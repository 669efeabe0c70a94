import { UsageError } from './usage-error.ts';

/**
 * Request items in HTTPie's syntax: the separator between name and value decides what the item is. The first
 * separator counts, and the longest where several begin at one place. A backslash escapes it.
 */
export type Item =
  | { readonly kind: 'header'; readonly name: string; readonly value: string | null }
  | { readonly kind: 'query' | 'field' | 'file'; readonly name: string; readonly value: string }
  | { readonly kind: 'header-file' | 'query-file'; readonly name: string; readonly value: string }
  | { readonly kind: 'field-file' | 'json-file'; readonly name: string; readonly value: string }
  | { readonly kind: 'json'; readonly name: string; readonly value: unknown };

/** Longest first. */
const signs = ['==@', ':=@', '=@', '==', ':=', ':@', '=', '@', ':'] as const;

/** @throws UsageError */
export function parseItem(word: string): Item {
  const found = split(word);
  if (found === null) {
    // HTTPie: `Name;` is a header with an empty value.
    const empty = /^([!#$%&'*+.^_`|~\w-]+);$/.exec(word)?.[1];
    if (empty !== undefined) return { kind: 'header', name: empty, value: '' };
    throw new UsageError(
      `${JSON.stringify(shorten(word))} is no item: write Name:value, name==query, name=value, name:=json or name@file`,
    );
  }
  const { name, sign, value } = found;
  if (name === '') throw new UsageError(`An item has no name in front of ${JSON.stringify(sign)}`);
  switch (sign) {
    case ':=@':
      return { kind: 'json-file', name, value };
    case '=@':
      return { kind: 'field-file', name, value };
    case '==@':
      return { kind: 'query-file', name, value };
    case ':@':
      return { kind: 'header-file', name, value };
    case '==':
      return { kind: 'query', name, value };
    case ':=':
      return { kind: 'json', name, value: parseJson(name, value) };
    case '=':
      return { kind: 'field', name, value };
    case '@':
      return { kind: 'file', name, value };
    case ':':
      // HTTPie: `Name:` removes a header.
      return { kind: 'header', name, value: value === '' ? null : value.replace(/^ +/, '') };
  }
}

interface Split {
  readonly name: string;
  readonly sign: (typeof signs)[number];
  readonly value: string;
}

function split(word: string): Split | null {
  let name = '';
  for (let at = 0; at < word.length; at++) {
    const next = word[at + 1];
    if (word[at] === '\\' && next !== undefined && /[\\=:@]/.test(next)) {
      name += next;
      at++;
      continue;
    }
    const sign = signs.find((candidate) => word.startsWith(candidate, at));
    if (sign !== undefined) return { name, sign, value: word.slice(at + sign.length) };
    name += word[at];
  }
  return null;
}

/** @param name for the message, which does not show the value because it can be a secret */
export function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`The value of ${JSON.stringify(name)} is no JSON; for a text write ${name}=…`);
  }
}

/** A text that can be a secret is not shown whole. */
function shorten(word: string): string {
  return word.length > 12 ? `${word.slice(0, 12)}…` : word;
}
