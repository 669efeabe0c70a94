import { randomBytes } from 'node:crypto';
import type { SessionOptions } from '../index.ts';
import type { Registry, RegistrySession, RegistrySessionOptions } from '../registry/index.ts';
import type { Budget } from './budget.ts';
import { ToolError } from './tool-error.ts';

/** The options that a client may choose for a session. */
interface CreateOptions extends Pick<RegistrySessionOptions, 'browser' | 'os' | 'cookies'> {
  readonly baseUrl: string | undefined;
  readonly name: string | null;
  /** Lifetime in seconds; `null` for as long as it is used. */
  readonly ttl: number | null;
}

/** The data that is stored with a session beside its cookies. */
interface Keep {
  readonly client: string;
  readonly name: string | null;
  readonly baseUrl: string | null;
  /** When it ends, in epoch milliseconds; `null` for no such time. */
  readonly expiresAt: number | null;
  readonly browser: CreateOptions['browser'] | null;
  readonly os: CreateOptions['os'] | null;
}

/** A session as the tools describe it to a client. */
export interface SessionFacts {
  readonly session_id: string;
  readonly name: string | null;
  readonly expires_at: string | null;
  readonly cookies: number;
}

/**
 * The sessions of all clients in one registry. An id is random, and only the client that created the session can use
 * it.
 */
export class ClientSessions {
  /** The options of a session for one request. */
  readonly once: SessionOptions;
  readonly #registry: Registry;
  readonly #budget: Budget;
  /** The last creation of each client. */
  readonly #creating = new Map<string, Promise<void>>();

  constructor(registry: Registry, once: SessionOptions, budget: Budget) {
    this.once = once;
    this.#registry = registry;
    this.#budget = budget;
  }

  /** @throws ToolError ERR_TOO_MANY_SESSIONS */
  create(client: string, options: CreateOptions): Promise<RegistrySession> {
    // One after the other, so that many at once are counted, too.
    const before = this.#creating.get(client) ?? Promise.resolve();
    const created = before.then(() => this.#create(client, options));
    const settled = created.then(
      () => {},
      () => {},
    );
    this.#creating.set(client, settled);
    return created;
  }

  async #create(client: string, { name, ttl, baseUrl, ...options }: CreateOptions): Promise<RegistrySession> {
    const { maxSessions } = this.#budget;
    if ((await this.#of(client)).length >= maxSessions) {
      const message = `The limit of ${maxSessions} sessions is reached`;
      throw new ToolError('ERR_TOO_MANY_SESSIONS', message, 'Close one with session_close.');
    }
    const expiresAt = ttl === null ? null : Date.now() + ttl * 1000;
    const { browser = null, os = null } = options;
    const userData: Keep = { client, name, expiresAt, baseUrl: baseUrl ?? null, browser, os };
    return this.#registry.create(`s_${randomBytes(16).toString('hex')}`, { ...options, baseUrl, userData });
  }

  /** @throws ToolError ERR_SESSION_NOT_FOUND, also for the session of another client */
  async get(client: string, id: string): Promise<RegistrySession> {
    const session = await this.#find(id);
    const keep = session === null ? null : keepOf(session);
    if (session === null || keep === null || keep.client !== client) throw notFound();
    if (keep.expiresAt === null || keep.expiresAt > Date.now()) return session;
    await this.#registry.kill(id);
    throw notFound();
  }

  async #find(id: string): Promise<RegistrySession | null> {
    if (!/^s_[0-9a-f]{32}$/.test(id) || !(await this.#registry.has(id))) return null;
    return this.#registry.get(id);
  }

  async list(client: string): Promise<SessionFacts[]> {
    return (await this.#of(client)).map((session) => this.factsOf(session));
  }

  async #of(client: string): Promise<RegistrySession[]> {
    const found: RegistrySession[] = [];
    for (const { id } of await this.#registry.list()) {
      const session = await this.get(client, id).catch(() => null);
      if (session !== null) found.push(session);
    }
    return found;
  }

  factsOf(session: RegistrySession): SessionFacts {
    const keep = keepOf(session);
    const expiresAt = keep?.expiresAt ?? null;
    return {
      session_id: session.id,
      name: keep?.name ?? null,
      expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      cookies: session.cookieJar.serializeSync()?.cookies.length ?? 0,
    };
  }

  /** What a fork takes over beside the cookies. */
  likeness(session: RegistrySession): Partial<Pick<CreateOptions, 'browser' | 'os' | 'baseUrl'>> {
    const { browser, os, baseUrl } = keepOf(session) ?? {};
    return { ...(browser && { browser }), ...(os && { os }), ...(baseUrl && { baseUrl }) };
  }

  /** The base URL of a session's relative URLs. */
  baseUrlOf(session: RegistrySession): string | undefined {
    return keepOf(session)?.baseUrl ?? undefined;
  }

  async close(client: string, id: string): Promise<void> {
    await this.get(client, id);
    await this.#registry.kill(id);
  }
}

function keepOf({ userData }: RegistrySession): Keep | null {
  const { client, ...kept } = Object(userData) as Partial<Keep>;
  const { name = null, expiresAt = null, baseUrl = null, browser = null, os = null } = kept;
  return typeof client === 'string' ? { client, name, expiresAt, baseUrl, browser, os } : null;
}

function notFound(): ToolError {
  const next = 'Make one with session_create; session_list shows those that there are.';
  return new ToolError(
    'ERR_SESSION_NOT_FOUND',
    'This session does not exist: it was closed, or it expired',
    next,
  );
}
