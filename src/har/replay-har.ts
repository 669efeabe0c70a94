import type { Dispatcher } from 'undici';
import { checkBoolean, checkDelay, checkOneOf, checkOptions, own } from '../core/checks.ts';
import { invalidOption, isRequestError, RequestError, redactUrl } from '../core/errors.ts';
import type { HeaderEntry } from '../core/http.ts';
import { Transport } from '../core/transport/transport.ts';
import { resolveTransport } from '../core/transport/transport-options.ts';
import { AnsweringDispatcher, type GivenAnswer, type GivenRequest } from './answering-dispatcher.ts';
import { checkHar } from './check-har.ts';
import type { ReplayedRequest, ReplayMatch } from './compare-request.ts';
import type { Har, HarEntry } from './har-format.ts';
import { answerOfEntry } from './recorded-answer.ts';
import { Recording, type ReplayMatcher } from './recording.ts';

/** Options of {@link replayHar}. */
export interface ReplayHarOptions {
  /**
   * `sequence`: every exchange answers one request, equal requests in recorded order. `any`: the last of equal
   * exchanges answers any number of requests.
   * @default 'sequence'
   */
  readonly mode?: 'sequence' | 'any' | undefined;
  /**
   * How a request without a recorded answer is handled: `error` fails it with ERR_REPLAY_NO_MATCH, `pass` sends it to
   * its server, over connections of this transport without a proxy.
   * @default 'error'
   */
  readonly notFound?: 'error' | 'pass' | undefined;
  /** Which requests count as equal. @default those with the same method, URL and body */
  readonly match?: ReplayMatch | ReplayMatcher | undefined;
  /**
   * Milliseconds before an answer; `recorded` waits as long as the server took.
   * @default 0
   */
  readonly latency?: number | 'recorded' | undefined;
}

const keys: ReadonlySet<string> = new Set(['mode', 'notFound', 'match', 'latency']);
const matchKeys: ReadonlySet<string> = new Set(['ignoreQuery', 'ignoreBody', 'headers']);

/** A transport whose answers are recorded. Made by {@link replayHar}. */
export class ReplayTransport extends Transport {
  readonly #recording: Recording;
  readonly #passing: Passing;

  /** @internal */
  constructor(recording: Recording, passing: Passing, dispatcher: Dispatcher) {
    super(resolveTransport({ dispatcher }));
    this.#recording = recording;
    this.#passing = passing;
  }

  /** The exchanges that have not answered a request yet. WebSockets, which cannot be replayed, are left out. */
  unused(): HarEntry[] {
    return this.#recording.unused();
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#passing.transport?.close();
  }
}

/** Sends requests without a recorded answer; created with the first one. */
interface Passing {
  transport: Transport | null;
}

/**
 * A transport that answers requests from a recording. Everything above it is the real code: cookies, redirects,
 * decoding, retries. Failures fail again; dates are moved to now; a mark of {@link recordHar} matches the secret that
 * it stands for.
 *
 * @param har from {@link recordHar}, Chrome, Firefox or Playwright; see {@link readHar} for a file
 * @throws RequestError ERR_INVALID_OPTION, ERR_INVALID_DOCUMENT for anything but a HAR
 * @example
 * const transport = replayHar(await readHar('login.har'));
 * const session = await createSession({ transport });
 * await logInAndFetchOrders(session);
 * assert.deepEqual(transport.unused(), []);
 */
export function replayHar(har: object, options: ReplayHarOptions = {}): ReplayTransport {
  if (typeof har === 'string') throw invalidOption('har', 'an object: readHar(path) reads a file', undefined);
  checkHar(har);
  checkOptions(options, 'replayHar options', keys);
  const mode = checkOneOf('mode', own(options, 'mode') ?? 'sequence', ['sequence', 'any']);
  const notFound = checkOneOf('notFound', own(options, 'notFound') ?? 'error', ['error', 'pass']);
  const latency = checkLatency(own(options, 'latency') ?? 0);
  const recording = new Recording(har, checkMatch(own(options, 'match') ?? {}), mode === 'any');
  const isForeign = !isOurs(har);
  const passing: Passing = { transport: null };
  const dispatcher = new AnsweringDispatcher(async (given) => {
    const request = await requestOf(given);
    const entry = find(recording, request);
    if (entry === null && notFound === 'pass' && !request.headers.has('upgrade'))
      return pass(passing, given, request);
    if (entry === null) throw noMatch(recording, request);
    await pause(latency === 'recorded' ? waitOf(entry) : latency, given.signal);
    return answerOfEntry(entry, { now: Date.now(), isForeign });
  });
  return new ReplayTransport(recording, passing, dispatcher);
}

function isOurs({ log }: Har): boolean {
  return log.creator?.name === 'jarfetch';
}

function checkLatency(latency: unknown): number | 'recorded' {
  return latency === 'recorded' || latency === 0 ? latency : checkDelay('latency', latency);
}

function checkMatch(match: unknown): ReplayMatch | ReplayMatcher {
  if (typeof match === 'function') return match as ReplayMatcher;
  checkOptions(match, 'match', matchKeys);
  const given = match as ReplayMatch;
  const ignoreQuery = own(given, 'ignoreQuery') ?? false;
  return {
    ignoreQuery:
      typeof ignoreQuery === 'boolean' ? ignoreQuery : checkNames('match.ignoreQuery', ignoreQuery),
    ignoreBody: checkBoolean('match.ignoreBody', own(given, 'ignoreBody') ?? false),
    headers: checkNames('match.headers', own(given, 'headers') ?? []),
  };
}

function checkNames(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return [...value];
  throw invalidOption(name, 'an array of names', value);
}

/** A body in chunks is read to its end, because it is compared as a whole. */
async function requestOf({ method, url, headers, body }: GivenRequest): Promise<ReplayedRequest> {
  const whole =
    body instanceof ReadableStream ? new Uint8Array(await new Response(body).arrayBuffer()) : body;
  return { method, url, headers: new Headers(headers.map(([name, value]) => [name, value])), body: whole };
}

function find(recording: Recording, request: ReplayedRequest): HarEntry | null {
  if (request.headers.has('upgrade')) return null;
  try {
    return recording.find(request);
  } catch (cause) {
    if (isRequestError(cause)) throw cause;
    throw new RequestError('ERR_MOCK_FAILED', 'The match of replayHar threw', { cause });
  }
}

function noMatch(recording: Recording, request: ReplayedRequest): RequestError {
  const asked = `${request.method} ${redactUrl(new URL(request.url))}`;
  const why = request.headers.has('upgrade') ? 'WebSockets cannot be replayed' : recording.nearest(request);
  return new RequestError('ERR_REPLAY_NO_MATCH', `No recorded exchange answers ${asked}: ${why}`);
}

/** As long as the response head took. */
function waitOf({ time, timings }: HarEntry): number {
  const wait = Number(time) - Math.max(0, Number(timings?.receive ?? 0));
  return Number.isFinite(wait) ? Math.max(0, wait) : 0;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> | undefined {
  if (milliseconds === 0) return undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  // An exchange that has ended takes no answer.
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    resolve();
  });
  return promise;
}

async function pass(
  passing: Passing,
  { headers, signal }: GivenRequest,
  request: ReplayedRequest,
): Promise<GivenAnswer> {
  passing.transport ??= new Transport(resolveTransport({}));
  const { method, url, body } = request;
  const { origin, pathname, search } = new URL(url);
  const answer = await passing.transport.dispatcher.request({
    ...{ origin, path: `${pathname}${search}`, method: method as Dispatcher.HttpMethod, body, signal },
    headers: headers.flat(),
    responseHeaders: 'raw',
  });
  const fields = answer.headers as unknown as string[];
  const received = fields.flatMap((name, at): HeaderEntry[] =>
    at % 2 === 0 ? [[name, fields[at + 1] ?? '']] : [],
  );
  return {
    status: answer.statusCode,
    statusText: answer.statusText,
    headers: received,
    body: ReadableStream.from(answer.body),
  };
}
