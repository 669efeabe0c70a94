import { createSession, type Session, type SessionOptions } from '../index.ts';
import type { Invocation } from './command.ts';
import { parseCount, parseDuration } from './duration.ts';
import type { OpenSession } from './sessions.ts';
import { keyOf, sessionNamed } from './state-folder.ts';
import { UsageError } from './usage-error.ts';

/** The session of a command: a kept session, or one that ends with the command. */
export interface Client {
  readonly session: Session;
  /** `null` for a session that ends with the command. */
  readonly kept: OpenSession | null;
  /** The session as the output names it. */
  readonly name: string | null;
}

/**
 * Runs `fn` with the session that the command line names, and saves the session afterwards, also after a failure.
 *
 * @throws RequestError ERR_SESSION_NOT_FOUND
 */
export async function withClient<T>(invocation: Invocation, fn: (client: Client) => Promise<T>): Promise<T> {
  const client = await openClient(invocation);
  invocation.output.known = { session: client.name };
  invocation.hooks.onSession?.(client.session);
  const stop = invocation.args.flag('verbose') ? await watch(invocation, client.session) : () => {};
  try {
    return await fn(client);
  } finally {
    stop();
    await (client.kept?.close() ?? client.session.close());
  }
}

async function openClient(invocation: Invocation): Promise<Client> {
  const { args, io, output } = invocation;
  const name = sessionNamed(args.text('session'), io);
  const defaults = callDefaults(invocation);
  const identity = identityOf(invocation);
  if (name.kind === 'none') {
    const session = await createSession({ ...defaults, ...identity });
    return { session, kept: null, name: null };
  }
  // An empty key is an error: sessions would silently be stored without encryption.
  keyOf(io);
  const { Sessions } = await import('./sessions.ts');
  const sessions = new Sessions(io);
  if (name.kind === 'new') {
    const kept = await sessions.create(name, defaults, identity);
    output.note(`session: ${kept.name}`);
    return { session: kept.session, kept, name: kept.name };
  }
  const { proxy, browser, os } = identity;
  if (browser !== undefined || os !== undefined) {
    const option = browser === undefined ? '--os' : '--browser';
    throw new UsageError(
      `${option} applies only to a new session, because a session keeps its browser (jarfetch session new ${option} …)`,
    );
  }
  const kept = await sessions.open(name, defaults, proxy === undefined ? {} : { proxy });
  return { session: kept.session, kept, name: kept.name };
}

/** Defaults for the calls of this command. They are not stored. */
export function callDefaults({ args, hooks }: Invocation): SessionOptions {
  const timeout = args.text('timeout');
  const maxRedirects = args.text('max-redirects');
  return {
    ...(timeout === undefined ? {} : { timeout: parseDuration('--timeout', timeout) }),
    ...(maxRedirects === undefined ? {} : { maxRedirects: parseCount('--max-redirects', maxRedirects) }),
    ...(hooks.transport === undefined ? {} : { transport: hooks.transport }),
    ...(args.flag('insecure') ? { insecure: true } : {}),
  };
}

type Identity = {
  browser?: NonNullable<SessionOptions['browser']>;
  os?: NonNullable<SessionOptions['os']>;
  proxy?: string;
};

/** The browser and the system that servers see. The library checks the names. */
export function identityOf({ args, io }: Invocation): Identity {
  const browser = args.text('browser');
  const os = args.text('os');
  const proxy = args.text('proxy') ?? (io.env.JARFETCH_PROXY || undefined);
  return {
    ...(browser === undefined ? {} : { browser: browser as NonNullable<SessionOptions['browser']> }),
    ...(os === undefined ? {} : { os: os as NonNullable<SessionOptions['os']> }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

async function watch({ output }: Invocation, session: Session): Promise<() => void> {
  const { verboseObserver } = await import('./verbose.ts');
  return session.observe(verboseObserver(output));
}
