import { checkNumber, checkOptions, checkString, ownCopy } from '../core/checks.ts';
import { isRequestError } from '../core/errors.ts';
import { forAll, throwTogether } from './bounded.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { ResolvedRegistry } from './options.ts';
import { infoOfLive, infoOfStored, type SessionInfo } from './session-info.ts';
import { type IdPageOptions, idPageOf } from './store.ts';

/** Options of {@link Registry.list}. */
export interface ListOptions {
  /** Only ids that begin so. @default all */
  readonly prefix?: string | undefined;
  /** Only ids behind this one: the last of the page before. @default from the first */
  readonly after?: string | undefined;
  /**
   * Most sessions; fewer come only at the end.
   * @default no limit
   */
  readonly limit?: number | undefined;
}

const keys: ReadonlySet<string> = new Set(['prefix', 'after', 'limit']);

/** @throws RequestError ERR_INVALID_OPTION */
export function resolveList(given: ListOptions): IdPageOptions {
  checkOptions(given, 'List options', keys);
  const { prefix = '', after = '', limit } = ownCopy('List options', given);
  return {
    prefix: prefix === '' ? '' : checkString('prefix', prefix),
    after: after === '' ? '' : checkString('after', after),
    limit:
      limit === undefined
        ? Number.POSITIVE_INFINITY
        : checkNumber('limit', limit, { least: 1, integer: true }),
  };
}

/** Walks over the sessions of a registry, in memory and in the store. */
export class Listing {
  readonly #live: LiveSessions;
  readonly #options: ResolvedRegistry;

  constructor(live: LiveSessions, options: ResolvedRegistry) {
    this.#live = live;
    this.#options = options;
  }

  /** In the order of their ids. One that cannot be read is left out and told to `onError`. */
  async list({ prefix, after, limit }: IdPageOptions): Promise<SessionInfo[]> {
    const infos: SessionInfo[] = [];
    for (let from = after; infos.length < limit; ) {
      const wanted = limit - infos.length;
      const ids = await this.#page({ prefix, after: from, limit: wanted });
      const failures = await forAll(ids, async (id) => {
        const info = await this.#infoOf(id);
        if (info !== null) infos.push(info);
      });
      throwTogether('Some sessions could not be listed', failures);
      const last = ids.at(-1);
      if (last === undefined || ids.length < wanted) break;
      from = last;
    }
    return infos.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async #page(options: IdPageOptions): Promise<string[]> {
    const stored = await this.#live.stored.page(options);
    // After a full page of the store, its next ones come before the others.
    const end = stored.length < options.limit ? undefined : stored.at(-1);
    const inMemory = this.#live.ids(({ id }) => end === undefined || id <= end);
    return idPageOf(new Set([...stored, ...inMemory]), options);
  }

  async #infoOf(id: string): Promise<SessionInfo | null> {
    const live = this.#live.current(id);
    if (live !== null) return infoOfLive(live, this.#options, this.#live.clock);
    const { stored, queue } = this.#live;
    const document = await queue
      .run(id, () => stored.load(id))
      .catch((error) => {
        this.#live.onError(error, id);
        return null;
      });
    return document === null ? null : infoOfStored(document, stored.endOf(document));
  }

  /**
   * Deletes expired sessions from the store.
   *
   * @returns how many sessions
   */
  async purge(): Promise<number> {
    const { stored, queue } = this.#live;
    let purged = (await stored.store?.purge?.()) ?? 0;
    const failures = await forAll(await stored.ids(), async (id) => {
      if (this.#live.current(id) !== null) return;
      const wasOver = await queue
        .run(id, () => stored.removeIfOver(id))
        .catch((error) => {
          if (isRequestError(error, 'ERR_STORE')) throw error;
          this.#live.onError(error, id);
          return false;
        });
      if (wasOver) purged++;
    });
    throwTogether('Some sessions could not be purged', failures);
    return purged;
  }
}
