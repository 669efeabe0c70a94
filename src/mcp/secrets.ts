import { ownCopy } from '../core/checks.ts';
import { invalidOption } from '../core/errors.ts';
import { ToolError } from './tool-error.ts';

/** A value that the model uses by its name. The model never sees the value. */
export interface McpSecret {
  readonly value: string;
  /** Where it may be sent: origins such as `https://shop.example`. */
  readonly origins: readonly string[];
}

interface StoredSecret {
  readonly value: string;
  readonly origins: ReadonlySet<string>;
}

const reference = /\{\{secret:([\w.-]{1,100})\}\}/g;

/** The shortest value that is searched for in outputs: a shorter one would match by chance. */
const shortest = 4;

/**
 * Replaces the names of secrets by their values for the allowed origins, and removes the values from every output.
 */
export class Secrets {
  readonly #secrets = new Map<string, StoredSecret>();

  /** @throws RequestError ERR_INVALID_OPTION */
  constructor(given: Readonly<Record<string, McpSecret>>) {
    for (const [name, secret] of Object.entries(given)) {
      const { value, origins } = ownCopy(`secrets.${name}`, secret);
      if (typeof value !== 'string' || value.length < shortest) {
        throw invalidOption(
          `secrets.${name}.value`,
          `a string of at least ${shortest} characters`,
          undefined,
        );
      }
      if (!Array.isArray(origins) || origins.length === 0) {
        throw invalidOption(`secrets.${name}.origins`, 'a list of origins', origins);
      }
      const allowed = origins.map((origin) => {
        const url = typeof origin === 'string' ? URL.parse(origin) : null;
        if (url === null || url.origin === 'null') {
          throw invalidOption(`secrets.${name}.origins`, "origins such as 'https://shop.example'", origin);
        }
        return url.origin;
      });
      this.#secrets.set(name, { value, origins: new Set(allowed) });
    }
  }

  /** Tells whether a text names a secret. */
  isIn(text: string): boolean {
    return text.search(reference) >= 0;
  }

  /** Refuses a text that names a secret where none is allowed, such as in a URL. @throws ToolError ERR_SECRET */
  refuseIn(text: string, place: string): void {
    if (!this.isIn(text)) return;
    throw new ToolError(
      'ERR_SECRET',
      `A secret is not allowed in ${place}`,
      'Send it in a form, a header or JSON.',
    );
  }

  /** The text with the values of its secrets. @throws ToolError ERR_SECRET for an unknown name or another origin */
  expand(text: string, origin: string): string {
    return text.replace(reference, (_, name: string) => {
      const secret = this.#secrets.get(name);
      if (secret === undefined) {
        const known = [...this.#secrets.keys()].join(', ') || 'none';
        throw new ToolError('ERR_SECRET', `There is no secret with this name`, `There are: ${known}.`);
      }
      if (secret.origins.has(origin)) return secret.value;
      const message = `The secret ${name} may not be sent to this origin`;
      throw new ToolError('ERR_SECRET', message, 'Use it only for its own site.');
    });
  }

  /** The value with the secrets of all its texts, also those in lists and objects. */
  expandAll(value: unknown, origin: string): unknown {
    if (typeof value === 'string') return this.expand(value, origin);
    if (Array.isArray(value)) return value.map((each) => this.expandAll(each, origin));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, this.expandAll(each, origin)]),
    );
  }

  /** The value of a secret, for an option that takes no text. @throws ToolError ERR_SECRET */
  get(name: string, origin: string): string {
    return this.expand(`{{secret:${name}}}`, origin);
  }

  /** The text without the values of all secrets, in any encoding. */
  scrub(text: string): string {
    return this.scrubber([])(text);
  }

  /** The same for the many texts of one answer, and for the values `others`: the forms are made once. */
  scrubber(others: readonly string[]): (text: string) => string {
    const secrets = [...this.#secrets].map(([name, { value }]) => [value, `[secret ${name}]`] as const);
    const hidden = others.filter(({ length }) => length >= 8).map((value) => [value, '[hidden]'] as const);
    const marks = [...secrets, ...hidden].flatMap(([value, mark]) =>
      formsOf(value).map((form) => [form, mark] as const),
    );
    return (text) => marks.reduce((clean, [form, mark]) => clean.replaceAll(form, mark), text);
  }
}

/**
 * The forms in which a value can appear: unchanged, in URLs, forms, HTML and JSON, and as Base64; the longest first.
 */
function formsOf(value: string): string[] {
  const percent = encodeURIComponent(value);
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  const html = value.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
  const named = value
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
  const json = JSON.stringify(value).slice(1, -1);
  const base64 = Buffer.from(value).toString('base64');
  const lower = percent.replace(/%../g, (each) => each.toLowerCase());
  const forms = [value, percent, lower, form, html, named, json, json.replaceAll('/', '\\/'), base64];
  const all = new Set([...forms, base64.replace(/(?<!=)=+$/, ''), Buffer.from(value).toString('base64url')]);
  return [...all].filter(({ length }) => length >= shortest).sort((a, b) => b.length - a.length);
}
