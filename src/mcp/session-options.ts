import type { RegistrySessionOptions } from '../registry/index.ts';

/** What a client may choose of a session. */
export interface CreateSessionOptions
  extends Pick<RegistrySessionOptions, 'browser' | 'os' | 'baseUrl' | 'cookies'> {
  readonly name: string | null;
  /** Seconds that it lives, `null` for as long as it is used. */
  readonly ttl: number | null;
}
