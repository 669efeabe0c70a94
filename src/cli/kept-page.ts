import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRequestError, RequestError } from '../core/errors.ts';
import type { PageRecord } from '../page/restore-page.ts';
import {
  prepareFolder,
  readPrivate,
  removeDurably,
  systemFiles,
  writeWhole,
} from '../registry/durable-file.ts';
import { withFileLock } from '../registry/file-lock.ts';
import { openUnsealed, type Seal } from '../registry/sealing.ts';
import { sealOf } from './path-store.ts';

/** Most pages that `back` leads to. */
const maxHistory = 50;
/** Longest wait for another process at the file, in milliseconds. */
const lockTimeout = 10_000;
const ending = '.page';

/** Where the pages of a session are. */
export interface PagesPlace {
  /** The path of their files without name and ending. */
  readonly base: string;
  /** Where the salt of JARFETCH_KEY is. */
  readonly salt: string;
  /** The state folder's own, which is made when it is not there; `false` for a folder of the user. */
  readonly isOwn: boolean;
}

/** What is kept of where a session is. */
export interface KeptPage {
  /** Another one for each page that is kept. */
  readonly mark: string;
  readonly page: PageRecord;
  /** URLs that lead back, the last one first. */
  readonly history: readonly string[];
  /** Whether somebody has seen the refs of this page. */
  readonly areRefsShown: boolean;
}

/** The page that a session keeps between two commands; with names, several that do not disturb each other. */
export class PageKeeper {
  readonly #place: PagesPlace;
  readonly #name: string;
  readonly #path: string;
  readonly #seal: Seal | null;

  constructor(place: PagesPlace, name: string, key: string | null) {
    this.#place = place;
    this.#name = name;
    this.#path = `${place.base}.${name}${ending}`;
    this.#seal = sealOf(place.salt, key);
  }

  async load(): Promise<KeptPage | null> {
    const text = await this.#attempt('read', () => readPrivate(this.#path, systemFiles));
    if (text === null) return null;
    const opened = this.#seal === null ? openUnsealed(this.#id, text) : await this.#seal.open(this.#id, text);
    return readKept(opened);
  }

  /** The same for who opens another page: one that is damaged is none. */
  async loadForHistory(): Promise<KeptPage | null> {
    try {
      return await this.load();
    } catch (error) {
      if (isRequestError(error, 'ERR_INVALID_DOCUMENT')) return null;
      throw error;
    }
  }

  /** Keeps a page in the place of the one before, to which `back` leads from then on. */
  async keep(page: PageRecord, history: readonly string[]): Promise<void> {
    const kept = {
      version: 1,
      mark: randomUUID(),
      page,
      history: history.slice(0, maxHistory),
      areRefsShown: false,
    };
    await this.#attempt('keep', async () => {
      if (this.#place.isOwn) await prepareFolder(dirname(this.#path), systemFiles);
      await withFileLock(this.#path, lockTimeout, () => this.#write(kept));
    });
  }

  /** Notes that the refs of a page have been shown, unless another one has taken its place. */
  async noteShown({ mark, areRefsShown }: KeptPage): Promise<void> {
    if (areRefsShown) return;
    await this.#attempt('keep', () =>
      withFileLock(this.#path, lockTimeout, async () => {
        const now = await this.load();
        if (now?.mark === mark) await this.#write({ version: 1, ...now, areRefsShown: true });
      }),
    );
  }

  get #id(): string {
    return `page ${basename(this.#place.base)} ${this.#name}`;
  }

  async #write(kept: object): Promise<void> {
    const text = JSON.stringify(kept);
    const sealed = (await this.#seal?.seal(this.#id, text)) ?? text;
    await writeWhole(this.#path, sealed, systemFiles, { sync: false });
  }

  async #attempt<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      if (cause instanceof RequestError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new RequestError('ERR_STORE', `Cannot ${what} the page of the session: ${why}`, { cause });
    }
  }
}

function readKept(text: string): KeptPage {
  try {
    const kept: KeptPage & { version: unknown } = JSON.parse(text);
    if (kept.version === 1 && URL.canParse(kept.page.url) && Array.isArray(kept.history)) return kept;
  } catch {
    // What is no JSON is no page.
  }
  throw new RequestError('ERR_INVALID_DOCUMENT', 'The kept page cannot be read: open the page again');
}

/** Removes the pages of a session that has ended. */
export async function removePages({ base }: Pick<PagesPlace, 'base'>): Promise<void> {
  const folder = dirname(base);
  const names = await readdir(folder).catch(() => []);
  const own = names.filter((name) => name.startsWith(`${basename(base)}.`) && name.endsWith(ending));
  for (const name of own) await removeDurably(join(folder, name), systemFiles);
}
