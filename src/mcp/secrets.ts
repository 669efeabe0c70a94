import { ownCopy } from '../core/checks.ts';
import { invalidOption } from '../core/errors.ts';
import { type Mark, Scrubber } from './scrubber.ts';
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
  #own: Scrubber | undefined;

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
      const secret = this.#known(name);
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
    this.#own ??= new Scrubber(this.#marks());
    return this.#own.clean(text);
  }

  /** The same for the many texts of one answer, and for the values `others`: the forms are made once. */
  scrubber(others: readonly string[]): (text: string) => string {
    const hidden = others.map((value) => ({ value, mark: '[hidden]' }));
    const scrubber = new Scrubber([...this.#marks(), ...hidden]);
    return (text) => scrubber.clean(text);
  }

  #marks(): Mark[] {
    return [...this.#secrets].map(([name, { value }]) => ({ value, mark: `[secret ${name}]` }));
  }

  /** Where a secret may be sent. @throws ToolError ERR_SECRET */
  originsOf(name: string): readonly string[] {
    return [...this.#known(name).origins];
  }

  #known(name: string): StoredSecret {
    const secret = this.#secrets.get(name);
    if (secret !== undefined) return secret;
    const known = [...this.#secrets.keys()].join(', ') || 'none';
    throw new ToolError('ERR_SECRET', 'There is no secret of this name', `There are: ${known}.`);
  }
}
