import { createHmac, randomBytes } from 'node:crypto';
import type { HeaderEntry } from '../core/http.ts';
import { isSecretHeader } from '../core/masking.ts';
import { mediaTypeOf } from './multipart-parts.ts';
import { redactForm, redactHtml, redactJson, redactLines, redactMultipart } from './redact-body.ts';

/** Names of parameters, fields and members whose values are credentials. */
const secretName =
  /passw|passphrase|pwd|^pass$|token|secret|csrf|xsrf|session|^sid$|signature|^sig$|auth(?!or)|credential|api[-_]?key|access[-_]?key|private|assertion|saml|^jwt$|^otp$|^pin$|^code$|^state$|^nonce$/i;

const mark = /^redacted-[0-9a-f]{16}$/;

/** The shortest secret that is searched for in other text. */
const shortestKnown = 8;

/**
 * Replaces secrets by marks. Equal secrets have equal marks, so that their relation stays visible. The key of the
 * marks exists only as long as this object, so that a secret cannot be guessed from its mark.
 */
export class Redactor {
  readonly #key = randomBytes(32);
  readonly #names: readonly string[];
  readonly #known = new Map<string, string>();

  /** @param names of parameters, fields and headers that are secret in addition to the known ones */
  constructor(names: readonly string[]) {
    this.#names = names.map((name) => name.toLowerCase());
  }

  readonly isSecret = (name: string): boolean =>
    secretName.test(name) || this.#names.includes(name.toLowerCase());

  /** Marks and empty values are left as they are. */
  readonly mark = (secret: string): string => {
    if (secret === '' || mark.test(secret)) return secret;
    let made = this.#known.get(secret);
    if (made === undefined) {
      made = `redacted-${createHmac('sha256', this.#key).update(secret).digest('hex').slice(0, 16)}`;
      this.#known.set(secret, made);
    }
    return made;
  };

  header(name: string, value: string): string {
    const key = name.toLowerCase();
    if (key === 'cookie') return value.split(/; */).map(this.#pair).join('; ');
    if (key === 'set-cookie') return value.replace(/^[^;]*/, this.#pair);
    if (isSecretHeader(key) || this.#names.includes(key)) {
      const [scheme = ''] = /^[A-Za-z]+ +/.exec(value) ?? [];
      return scheme + this.mark(value.slice(scheme.length));
    }
    return this.url(value);
  }

  headers(entries: readonly HeaderEntry[]): HeaderEntry[] {
    return entries.map(([name, value]) => [name, this.header(name, value)]);
  }

  /** A URL, absolute or relative, or a text with one: the secret values of its query and fragment, and its userinfo. */
  url(text: string): string {
    const shown = text.replace(
      /((?:^|[:"'=\s])\/\/)([^\s/?#"'<>\\]+)@/g,
      (_, before: string, userinfo: string) => `${before}${this.mark(userinfo)}@`,
    );
    return shown.replace(/([?&#])([^=&#?]*)=([^&#\s"'<>]*)/g, (whole, before: string, name, value: string) =>
      this.isSecret(unescaped(name)) ? `${before}${name}=${this.mark(unescaped(value))}` : whole,
    );
  }

  /** A text body, by its Content-Type. */
  body(text: string, contentType: string): string {
    const type = mediaTypeOf(contentType);
    if (type === 'application/x-www-form-urlencoded') return redactForm(text, this);
    if (type === 'multipart/form-data') return redactMultipart(text, contentType, this);
    if (type.endsWith('html')) return redactHtml(text, this);
    if (type === 'text/event-stream' || /ndjson|jsonl|json-seq/.test(type)) return redactLines(text, this);
    return redactJson(text, this);
  }

  /** The same value with every known secret replaced wherever it occurs in a text. */
  sweep<T>(value: T): T {
    const forms = new Map<string, string>();
    for (const [secret, made] of this.#known) {
      if (secret.length < shortestKnown) continue;
      for (const form of [
        secret,
        encodeURIComponent(secret.toWellFormed()),
        JSON.stringify(secret).slice(1, -1),
      ])
        forms.set(form, made);
    }
    if (forms.size === 0) return value;
    const longestFirst = [...forms.keys()].sort((a, b) => b.length - a.length);
    const pattern = new RegExp(longestFirst.map((form) => escaped(form)).join('|'), 'g');
    return sweepStrings(value, (text) => text.replace(pattern, (found) => forms.get(found) ?? found)) as T;
  }

  /** A cookie without a name can be a secret as a whole. */
  readonly #pair = (pair: string): string => {
    const equals = pair.indexOf('=');
    return pair.slice(0, equals + 1) + this.mark(pair.slice(equals + 1));
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Percent-decoded as often as possible. */
export function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function sweepStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => sweepStrings(each, change));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, sweepStrings(each, change)]));
}
