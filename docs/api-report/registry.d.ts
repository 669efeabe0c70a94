// Written by `npm run api`.

import {
  BrowserCookieJar,
  CookieAttributes,
  CookieFilter,
  CookieImport,
  ImportFormat,
  ImportOptions,
  ObservedFailure,
  RequestErrorCode,
  SaveOptions,
  Session,
  SessionCookieInit,
  SessionDocument,
  SessionOptions,
  SessionResponse,
  WebSocketOptions,
} from './index.js';
import { WebSocket } from 'undici';

export interface AccountInfo {
  readonly id: string;
  readonly leases: number;
  readonly uses: number;
  readonly retired: string | null;
  readonly restsUntil: number | null;
  readonly score: number;
}

export type AccountInput =
  | string
  | (RegistrySessionOptions & {
      readonly id: string;
    });

export interface AccountLease {
  readonly id: string;
  readonly session: RegistrySession;
  readonly signal: AbortSignal;
  readonly isBlocked: boolean;
  rest(milliseconds: number): void;
  markBad(reason: string): void;
  release(): void;
  [Symbol.dispose](): void;
}

export interface AccountOutcome {
  readonly rest?: number | undefined;
  readonly score?: number | undefined;
}

export type AccountOutcomes = Readonly<Partial<Record<number | RequestErrorCode, AccountOutcome | null>>>;

export interface Clock {
  monotonic(): number;
  wall(): number;
  schedule(callback: () => void, milliseconds: number): () => void;
}

export interface CloseOptions {
  readonly timeout?: number | undefined;
}

export type DocumentChange = (stored: SessionDocument | null) => SessionDocument | null;

export type EncryptionKey = string | Uint8Array;

export interface FileStoreOptions {
  readonly encryptionKey?: EncryptionKey | readonly EncryptionKey[] | null;
  readonly lockTimeout?: number | undefined;
}

export interface IdPageOptions {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
}

export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
}

export type Job<Item, Result> = (
  session: RegistrySession,
  item: Item,
  lease: AccountLease,
) => Promise<Result> | Result;

export interface KillOptions {
  readonly ttl: number;
  readonly evenIfAbsent: boolean;
}

export interface LeaseOptions extends RegistrySessionOptions {
  readonly wait?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions {
  readonly prefix?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export interface LockOptions {
  readonly name: string;
  readonly ttl: number;
  readonly wait: number;
  readonly signal?: AbortSignal | null | undefined;
}

export type LoginCheck = Pick<
  SessionResponse,
  'status' | 'url' | 'redirected' | 'headers' | 'hops' | 'cookies'
>;

export interface LoginOptions {
  readonly login?: ((session: Session) => unknown) | undefined;
  readonly isLoggedOut?: RegExp | ((response: LoginCheck) => boolean) | false | null | undefined;
  readonly loginTimeout?: number | undefined;
  readonly loginBackoff?: ((failures: number) => number) | undefined;
}

export interface NodeRedisClient {
  sendCommand(...args: unknown[]): Promise<unknown>;
}

export declare class Pool {
  #private;
  get accounts(): AccountInfo[];
  add(account: AccountInput): void;
  remove(id: string): boolean;
  revive(id: string): Promise<boolean>;
  lease(options?: PoolLeaseOptions): Promise<AccountLease>;
  run<Item, Result>(
    items: Iterable<Item> | AsyncIterable<Item>,
    fn: Job<Item, Result>,
    options?: RunOptions,
  ): Promise<PromiseSettledResult<Awaited<Result>>[]>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type PoolEvent =
  | {
      readonly type: 'rest';
      readonly id: string;
      readonly reason: string;
      readonly until: number;
    }
  | {
      readonly type: 'retire';
      readonly id: string;
      readonly reason: string;
    }
  | {
      readonly type: 'revive' | 'add' | 'remove';
      readonly id: string;
    };

export interface PoolLeaseOptions {
  readonly id?: string | undefined;
  readonly wait?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PoolOptions {
  readonly accounts: readonly AccountInput[];
  readonly perAccount?: number | undefined;
  readonly rotate?: Rotation | undefined;
  readonly maxUses?: number | undefined;
  readonly maxAge?: number | undefined;
  readonly leaseTimeout?: number | undefined;
  readonly outcomes?: AccountOutcomes | undefined;
  readonly maxScore?: number | undefined;
  readonly accountDelay?: number | undefined;
  readonly proxyDelay?: number | undefined;
  readonly perProxy?: number | undefined;
  readonly exclusive?: boolean | undefined;
  readonly onEvent?: ((event: PoolEvent) => void) | undefined;
  readonly clock?: Clock | undefined;
}

export interface PoolProgress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  readonly perSecond: number;
}

export interface RedisStoreOptions {
  readonly prefix?: string | undefined;
  readonly timeout?: number | undefined;
  readonly encryptionKey?: EncryptionKey | readonly EncryptionKey[] | null;
}

export declare class Registry {
  #private;
  constructor(options?: RegistryOptions);
  get size(): number;
  create(id?: string, options?: RegistrySessionOptions): Promise<RegistrySession>;
  get(id: string): Promise<RegistrySession>;
  getOrCreate(id: string, options?: RegistrySessionOptions): Promise<RegistrySession>;
  lease(id: string, options?: LeaseOptions): Promise<SessionLease>;
  withSession<T>(
    id: string,
    fn: (session: RegistrySession, lease: SessionLease) => Promise<T> | T,
    options?: LeaseOptions,
  ): Promise<T>;
  has(id: string): Promise<boolean>;
  list(options?: ListOptions): Promise<SessionInfo[]>;
  purge(): Promise<number>;
  stats(): RegistryStats;
  ping(): Promise<number>;
  save(id?: string): Promise<void>;
  kill(id: string): Promise<boolean>;
  killAll(): Promise<void>;
  drain(options?: CloseOptions): Promise<void>;
  close(options?: CloseOptions): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RegistryCounts {
  readonly created: number;
  readonly loaded: number;
  readonly unloaded: number;
  readonly expired: number;
  readonly killed: number;
  readonly saves: number;
  readonly failedSaves: number;
  readonly saveTime: number;
  readonly logins: number;
  readonly failedLogins: number;
  readonly loginTime: number;
  readonly locks: number;
  readonly failedLocks: number;
  readonly lockTime: number;
  readonly conflicts: number;
}

export interface RegistryEvent {
  readonly id: string;
}

export interface RegistryLockEvent extends RegistryTimedEvent {
  readonly name: string;
}

export interface RegistryObserver {
  onCreate?(event: RegistryEvent): void;
  onLoad?(event: RegistryEvent): void;
  onUnload?(event: RegistryEvent): void;
  onExpire?(event: RegistryEvent): void;
  onKill?(event: RegistryEvent): void;
  onSave?(event: RegistryTimedEvent): void;
  onLogin?(event: RegistryTimedEvent): void;
  onLock?(event: RegistryLockEvent): void;
  onConflict?(event: RegistryEvent): void;
}

export interface RegistryOptions {
  readonly session?: SessionOptions | undefined;
  readonly idleTimeout?: number | undefined;
  readonly maxAge?: number | undefined;
  readonly maxSessions?: number | undefined;
  readonly whenFull?: 'evict' | 'refuse' | undefined;
  readonly store?: SessionStore | undefined;
  readonly saveInterval?: number | false | undefined;
  readonly saveProxyPassword?: boolean | undefined;
  readonly onStoreError?: 'throw' | 'keep-going' | undefined;
  readonly onError?: ((error: unknown, id: string) => void) | undefined;
  readonly observers?: readonly RegistryObserver[] | undefined;
  readonly closeOnExit?: boolean | undefined;
  readonly exitTimeout?: number | undefined;
  readonly clock?: Clock | undefined;
}

export declare class RegistrySession extends Session {
  #private;
  get cookieJar(): BrowserCookieJar;
  get userData(): unknown;
  set userData(userData: unknown);
  save(options?: SaveOptions): SessionDocument;
  setCookie(name: string, value: string, url: string | URL, attributes?: CookieAttributes): void;
  setCookies(cookies: readonly SessionCookieInit[], url?: string | URL): void;
  clearCookies(filter?: CookieFilter): Promise<void>;
  importCookies(input: string | object, options?: ImportFormat | ImportOptions): CookieImport;
  websocket(url: string | URL, options?: WebSocketOptions): Promise<WebSocket>;
  fork(options?: SessionOptions): Promise<Session>;
  close(): Promise<void>;
}

export interface RegistrySessionOptions
  extends Omit<SessionOptions, 'sessionId' | 'cookieJar'>,
    LoginOptions {
  readonly cookies?: string | object | undefined;
  readonly cookieFormat?: ImportFormat | ImportOptions | undefined;
  readonly url?: string | URL | undefined;
  readonly userData?: unknown;
}

export interface RegistryStats extends RegistryCounts {
  readonly sessions: number;
  readonly busy: number;
  readonly unsaved: number;
  readonly leases: number;
}

export interface RegistryTimedEvent extends RegistryEvent {
  readonly duration: number;
  readonly failure: ObservedFailure | null;
}

export type Rotation = 'least' | 'longest' | 'random' | 'until-failure';

export interface RunOptions {
  readonly concurrency?: number | undefined;
  readonly retries?: number | undefined;
  readonly wait?: number | undefined;
  readonly onProgress?: ((progress: PoolProgress) => void) | undefined;
}

export interface SessionInfo {
  readonly id: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number | null;
  readonly requests: number;
  readonly cookies: number;
  readonly loaded: boolean;
}

export interface SessionLease {
  readonly id: string;
  readonly session: RegistrySession;
  readonly signal: AbortSignal;
  release(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SessionStore {
  readonly shared: boolean;
  readonly breadth?: number;
  load(id: string): Promise<SessionDocument | null>;
  update(id: string, change: DocumentChange, options?: UpdateOptions): Promise<SessionDocument | null>;
  lock?(id: string, options: LockOptions): Promise<StoreLock>;
  kill?(id: string, options: KillOptions): Promise<boolean>;
  time?(): Promise<number>;
  ids(): Promise<string[]>;
  page?(options: IdPageOptions): Promise<string[]>;
  purge?(): Promise<number>;
  ping?(): Promise<void>;
  close(): Promise<void>;
}

export interface SqliteStoreOptions {
  readonly encryptionKey?: EncryptionKey | readonly EncryptionKey[] | null;
  readonly lockTimeout?: number | undefined;
}

export interface StoreLock {
  readonly name: string;
  readonly fence: number;
  extend(ttl: number): Promise<boolean>;
  release(): Promise<void>;
}

export interface UpdateOptions {
  readonly ttl?: number | undefined;
  readonly lock?: Pick<StoreLock, 'name' | 'fence'> | undefined;
  readonly begins?: boolean | undefined;
}

export declare function createPool(registry: Registry, options: PoolOptions): Pool;

export declare function createRegistry(options?: RegistryOptions): Registry;

export declare function fileStore(folder: string, options?: FileStoreOptions): SessionStore;

export declare function memoryStore(): SessionStore;

export declare function redisStore(
  connection: string | NodeRedisClient | IoRedisClient,
  options?: RedisStoreOptions,
): SessionStore;

export declare function sqliteStore(path: string, options?: SqliteStoreOptions): SessionStore;
