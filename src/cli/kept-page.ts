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

/** Most pages that `back` can return to. */
const maxHistory = 50;
/** Longest wait for another process that holds the lock of the file, in milliseconds. */
const lockTimeout = 10_000;
const ending = '.page';

/** Where the pages of a session are stored. */
export interface PagesPlace {
  /** The path of the files, without page name and extension. */
  readonly base: string;
  /** The file with the salt for JARFETCH_KEY. */
  readonly salt: string;
  /**
   * Whether the folder is created when it is missing: `true` for the state folder, `false` for a folder of the user.
   */
  readonly isOwn: boolean;
}

/** The stored form of a page. */
export interface KeptPage {
  /** Differs for each page that is kept. */
  readonly mark: string;
  readonly page: PageRecord;
  /** URLs for `back`, the last one first. */
  readonly history: readonly string[];
  /** Whether the refs of this page have been shown. */
  readonly areRefsShown: boolean;
}

/** The page that a session keeps between two commands. With names, a session keeps several pages. */
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

  /** The same before another page is opened: a damaged file counts as no page. */
  async loadForHistory(): Promise<KeptPage | null> {
    try {
      return await this.load();
    } catch (error) {
      if (isRequestError(error, 'ERR_INVALID_DOCUMENT')) return null;
      throw error;
    }
  }

  /** Stores a page in place of the current one; `back` then returns to that one. */
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

  /** Notes that the refs of a page have been shown, unless another page has replaced it. */
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
    // A file that does not hold JSON holds no page.
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

/**
 * Removes the pages whose session is gone: another program removed it, or a crash came between.
 *
 * @param basesNow gives the names of the files of all sessions, without their ending. It is asked after the folder is
 *   read, so that a session that is made meanwhile keeps its page
 * @returns the number of removed pages
 */
export async function removeLostPages(
  folder: string,
  basesNow: () => Promise<ReadonlySet<string>>,
): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const bases = await basesNow();
  const lost = names.filter((name) => {
    const [, base] = /^(.+)\.[\w-]{1,64}\.page$/.exec(name) ?? [];
    return base !== undefined && !bases.has(base);
  });
  for (const name of lost) await removeDurably(join(folder, name), systemFiles);
  return lost.length;
}
