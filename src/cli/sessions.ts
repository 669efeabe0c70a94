import { join } from 'node:path';
import { isRequestError, RequestError } from '../core/errors.ts';
import { nearName } from '../core/near-names.ts';
import type { SessionDocument, SessionOptions } from '../index.ts';
import {
  createRegistry,
  fileStore,
  type Registry,
  type RegistrySession,
  type RegistrySessionOptions,
  type SessionStore,
} from '../registry/index.ts';
import type { Io } from './command.ts';
import { parseDuration } from './duration.ts';
import { EndedSessions } from './ended-sessions.ts';
import type { PagesPlace } from './kept-page.ts';
import { pathId, pathStore } from './path-store.ts';
import { baseOf, keyOf, type SessionName, stateFolder } from './state-folder.ts';

/** How long an unused session is kept, in milliseconds. */
const defaultTtl = 7 * 86_400_000;

/** A session while a command uses it. */
export interface OpenSession {
  readonly session: RegistrySession;
  /** Its name as `--session` takes it. */
  readonly name: string;
  /** Where its pages are stored. */
  readonly pages: PagesPlace;
  /** Saves it. */
  close(): Promise<void>;
}

/** One session in the list. */
export interface ListedSession {
  readonly id: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  readonly requests: number;
  readonly cookies: number;
}

/** The sessions of the state folder, and those in files of their own. */
export class Sessions {
  readonly #io: Io;
  readonly #folder: string;
  readonly #key: string | null;
  readonly #ended: EndedSessions;
  #store: SessionStore | undefined;

  constructor(io: Io) {
    this.#io = io;
    this.#folder = stateFolder(io);
    this.#key = keyOf(io);
    this.#ended = new EndedSessions(join(this.#folder, 'ended'));
  }

  get store(): SessionStore {
    this.#store ??= fileStore(join(this.#folder, 'sessions'), { encryptionKey: this.#key });
    return this.#store;
  }

  /**
   * Opens a session that exists.
   *
   * @param defaults options for every session of this command
   * @param options options of this command; its proxy replaces the stored one
   * @throws RequestError ERR_SESSION_NOT_FOUND
   */
  async open(name: SessionName, defaults: SessionOptions, options: { proxy?: string }): Promise<OpenSession> {
    const { id, store } = this.#placeOf(name);
    const document = await this.#load(store, id);
    if (document === null) throw await this.#notFound(name, id);
    const registry = this.#registry(store, ttlOf(document), defaults);
    try {
      const session =
        options.proxy === undefined ? await registry.get(id) : await registry.getOrCreate(id, options);
      return this.#opened(name, session, registry);
    } catch (error) {
      await registry.close();
      throw isRequestError(error, 'ERR_SESSION_NOT_FOUND') ? await this.#noteEnd(error, name, id) : error;
    }
  }

  /**
   * Creates a session.
   *
   * @param name `new` for a random id
   * @throws RequestError ERR_SESSION_EXISTS
   */
  async create(
    name: SessionName,
    defaults: SessionOptions,
    options: RegistrySessionOptions,
    ttl: number = this.#ttl,
  ): Promise<OpenSession> {
    const { id, store } = this.#placeOf(name);
    const registry = this.#registry(store, ttl, defaults);
    try {
      const session = await registry.create(id, { ...options, userData: { ttl } });
      await registry.save(session.id);
      if (name.kind !== 'path') await this.#ended.forget(session.id);
      return this.#opened(name.kind === 'new' ? { kind: 'id', id: session.id } : name, session, registry);
    } catch (error) {
      await registry.close();
      throw error;
    }
  }

  /**
   * Reads the stored state of a session. This does not count as use, so the idle time goes on.
   *
   * @throws RequestError ERR_SESSION_NOT_FOUND
   */
  async read(name: SessionName): Promise<SessionDocument> {
    const { id, store } = this.#placeOf(name);
    const document = await this.#load(store, id);
    if (document === null) throw await this.#notFound(name, id);
    const registry = this.#registry(store, ttlOf(document), {});
    try {
      if (await registry.has(id)) return document;
    } finally {
      await registry.close();
    }
    await this.#forget(name, id);
    throw new RequestError('ERR_SESSION_NOT_FOUND', `session not found: ${id} (it expired)`);
  }

  /** Ends a session and removes its pages. @returns false when it did not exist */
  async end(name: SessionName): Promise<boolean> {
    const { id, store } = this.#placeOf(name);
    const { removePages } = await import('./kept-page.ts');
    await removePages(this.#pagesOf(name));
    if (name.kind === 'path') {
      const found = await store.load(id);
      await store.update(id, () => null);
      return found !== null;
    }
    const registry = this.#registry(store, defaultTtl, {});
    try {
      return await registry.kill(id);
    } finally {
      await registry.close();
    }
  }

  /** Lists the sessions that have not expired; expired ones are removed with their pages. */
  async list(
    onBad: (error: unknown, id: string) => void,
  ): Promise<{ sessions: ListedSession[]; expired: string[] }> {
    const sessions: ListedSession[] = [];
    const expired: string[] = [];
    for (const id of await this.store.ids()) {
      try {
        const listed = await this.#listed(id);
        if (listed === null) expired.push(id);
        else sessions.push(listed);
      } catch (error) {
        onBad(error, id);
      }
    }
    return { sessions: sessions.sort((a, b) => b.lastUsedAt - a.lastUsedAt), expired };
  }

  /** Removes the pages whose session is gone, and tells how many. */
  async removeLostPages(): Promise<number> {
    const { removeLostPages } = await import('./kept-page.ts');
    const basesNow = async () => new Set((await this.store.ids()).map(baseOf));
    return removeLostPages(join(this.#folder, 'pages'), basesNow);
  }

  async #listed(id: string): Promise<ListedSession | null> {
    try {
      const document = await this.read({ kind: 'id', id });
      const { createdAt, lastUsedAt, requests, cookies } = document;
      const expiresAt = lastUsedAt + ttlOf(document);
      return { id, createdAt, lastUsedAt, expiresAt, requests, cookies: cookies.length };
    } catch (error) {
      if (isRequestError(error, 'ERR_SESSION_NOT_FOUND')) return null;
      throw error;
    }
  }

  /** Copies a session under another name: cookies, browser and settings, without its history. */
  async fork(name: SessionName, to: SessionName): Promise<string> {
    const document = await this.read(name);
    const opened = await this.create(to, {}, {}, ttlOf(document));
    const { id } = opened.session;
    await opened.close();
    const { lineage: _lineage, era: _era, account: _account, ...copied } = document;
    const now = Date.now();
    await this.#placeOf({
      ...to,
      ...(to.kind === 'new' ? { kind: 'id', id } : {}),
    } as SessionName).store.update(id, (made) => ({
      ...copied,
      ...(made?.lineage === undefined ? {} : { lineage: made.lineage }),
      ...(made?.era === undefined ? {} : { era: made.era }),
      ...{ sessionId: id, createdAt: now, lastUsedAt: now, savedAt: now, requests: 0 },
      revision: (made?.revision ?? 0) + 1,
    }));
    return opened.name;
  }

  /** Where the pages of a session are stored. */
  #pagesOf(name: SessionName): PagesPlace {
    if (name.kind === 'path') return { base: name.path, salt: `${name.path}.salt`, isOwn: false };
    const file = baseOf(name.kind === 'id' ? name.id : 'new');
    const salt = join(this.#folder, 'sessions', 'salt');
    return { base: join(this.#folder, 'pages', file), salt, isOwn: true };
  }

  get #ttl(): number {
    const given = this.#io.env.JARFETCH_TTL;
    return given === undefined || given === '' ? defaultTtl : parseDuration('JARFETCH_TTL', given);
  }

  #placeOf(name: SessionName): { readonly id: string; readonly store: SessionStore } {
    if (name.kind === 'path') return { id: pathId, store: pathStore(name.path, this.#key) };
    return { id: name.kind === 'id' ? name.id : 'new', store: this.store };
  }

  #registry(store: SessionStore, idleTimeout: number, session: SessionOptions): Registry {
    // The password of a proxy is stored only in an encrypted file.
    const saveProxyPassword = this.#key !== null;
    return createRegistry({ store, idleTimeout, session, saveProxyPassword, saveInterval: false });
  }

  #opened(name: SessionName, session: RegistrySession, registry: Registry): OpenSession {
    const shown = name.kind === 'path' ? name.path : session.id;
    return { session, name: shown, pages: this.#pagesOf(name), close: () => closeWithOne(registry) };
  }

  async #load(store: SessionStore, id: string): Promise<SessionDocument | null> {
    try {
      return await store.load(id);
    } catch (error) {
      // After a kill the registry reports the reason itself.
      if (isRequestError(error, 'ERR_SESSION_NOT_FOUND')) return null;
      throw error;
    }
  }

  async #noteEnd(error: RequestError, name: SessionName, id: string): Promise<RequestError> {
    if (error.message.includes('expired')) await this.#forget(name, id);
    return error;
  }

  async #forget(name: SessionName, id: string): Promise<void> {
    const { removePages } = await import('./kept-page.ts');
    await removePages(this.#pagesOf(name));
    if (name.kind === 'id') await this.#ended.note(id);
  }

  async #notFound(name: SessionName, id: string): Promise<RequestError> {
    if (name.kind === 'path') {
      const message = `session not found: ${name.path} (make it with: jarfetch session new ${name.path})`;
      return new RequestError('ERR_SESSION_NOT_FOUND', message);
    }
    if (await this.#ended.hasExpired(id)) {
      return new RequestError('ERR_SESSION_NOT_FOUND', `session not found: ${id} (it expired)`);
    }
    const registry = this.#registry(this.store, defaultTtl, {});
    try {
      await registry.get(id);
    } catch (error) {
      if (isRequestError(error, 'ERR_SESSION_NOT_FOUND')) return this.#withNear(error, id);
      throw error;
    } finally {
      await registry.close();
    }
    return new RequestError('ERR_SESSION_NOT_FOUND', `session not found: ${id}`);
  }

  async #withNear(error: RequestError, id: string): Promise<RequestError> {
    const near = nearName(id, await this.store.ids(), (length) => Math.max(1, Math.floor(length / 3)));
    if (near === undefined) return error;
    return new RequestError('ERR_SESSION_NOT_FOUND', `${error.message}, did you mean ${near}?`);
  }
}

/** How long an unused session is kept, from the options it was created with. */
function ttlOf({ userData }: SessionDocument): number {
  const ttl: unknown =
    typeof userData === 'object' && userData !== null ? Reflect.get(userData, 'ttl') : null;
  return typeof ttl === 'number' && ttl > 0 ? ttl : defaultTtl;
}

/** Closes a registry that has one session: why that one could not be saved is the failure. */
async function closeWithOne(registry: Registry): Promise<void> {
  try {
    await registry.close();
  } catch (error) {
    throw error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  }
}
