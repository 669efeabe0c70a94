export type { AccountInfo, AccountInput } from './account.ts';
export type { AccountLease } from './account-lease.ts';
export type { AccountOutcome, AccountOutcomes } from './account-outcomes.ts';
export type { Clock } from './clock.ts';
export { type FileStoreOptions, fileStore } from './file-store.ts';
export type { ListOptions } from './listing.ts';
export type { LoginCheck } from './logged-out.ts';
export type { LoginOptions } from './login-options.ts';
export { memoryStore } from './memory-store.ts';
export type { RegistryOptions } from './options.ts';
export { createPool, type Pool, type PoolLeaseOptions } from './pool.ts';
export type { PoolEvent, PoolOptions } from './pool-options.ts';
export type { Job, PoolProgress, RunOptions } from './pool-run.ts';
export type { Rotation } from './ready-accounts.ts';
export type { IoRedisClient, NodeRedisClient } from './redis-client.ts';
export { type RedisStoreOptions, redisStore } from './redis-store.ts';
export { createRegistry, type Registry } from './registry.ts';
export type { CloseOptions } from './registry-close.ts';
export type {
  RegistryEvent,
  RegistryLockEvent,
  RegistryObserver,
  RegistryTimedEvent,
} from './registry-observer.ts';
export type { RegistrySession } from './registry-session.ts';
export type { RegistryStats } from './registry-stats.ts';
export type { RegistryCounts } from './registry-watch.ts';
export type { EncryptionKey } from './sealing.ts';
export type { SessionInfo } from './session-info.ts';
export type { LeaseOptions, SessionLease } from './session-lease.ts';
export type { RegistrySessionOptions } from './session-options.ts';
export { type SqliteStoreOptions, sqliteStore } from './sqlite-store.ts';
export type {
  DocumentChange,
  IdPageOptions,
  KillOptions,
  LockOptions,
  SessionStore,
  StoreLock,
  UpdateOptions,
} from './store.ts';
