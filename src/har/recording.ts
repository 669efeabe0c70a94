import { recordedBody } from './compare-body.ts';
import {
  differences,
  type RecordedRequest,
  type ReplayedRequest,
  type ReplayMatch,
} from './compare-request.ts';
import { inWords } from './difference.ts';
import type { Har, HarEntry } from './har-format.ts';
import { Marks, type MarkTrial } from './marked-text.ts';

/** Tells whether a recorded exchange answers a request. */
export type ReplayMatcher = (request: ReplayedRequest, entry: HarEntry) => boolean;

interface Recorded extends RecordedRequest {
  /** The number of requests that it has answered. */
  answers: number;
}

/** The exchanges of a recording that can be replayed, and which have been used. */
export class Recording {
  readonly #all: readonly Recorded[];
  readonly #marks = new Marks();
  readonly #match: ReplayMatch | ReplayMatcher;
  readonly #isReusable: boolean;

  /** @param isReusable true where an exchange answers any number of requests */
  constructor({ log }: Har, match: ReplayMatch | ReplayMatcher, isReusable: boolean) {
    this.#match = match;
    this.#isReusable = isReusable;
    const afresh = new Set(log.entries.filter(({ _resent }) => _resent === true).map(placeOf));
    this.#all = log.entries.flatMap((entry) => {
      // A request that was repeated after its connection was lost: a replay has no connections to lose.
      const isFirst = entry._resent !== true && afresh.has(placeOf(entry));
      return isFirst ? [] : recordedOf(entry);
    });
  }

  unused(): HarEntry[] {
    return this.#all.filter(({ answers }) => answers === 0).map(({ entry }) => entry);
  }

  /** The exchange for a request: equal ones in recorded order, then the last one again where that is allowed. */
  find(request: ReplayedRequest): HarEntry | null {
    const url = new URL(request.url);
    let last: { recorded: Recorded; trial: MarkTrial } | null = null;
    for (const recorded of this.#all) {
      if (recorded.answers > 0 && !this.#isReusable) continue;
      const trial = this.#marks.attempt();
      if (!this.#answers(recorded, request, url, trial)) continue;
      last = { recorded, trial };
      if (recorded.answers === 0) break;
    }
    if (last === null) return null;
    last.trial.keep();
    last.recorded.answers++;
    return last.recorded.entry;
  }

  #answers(recorded: Recorded, request: ReplayedRequest, url: URL, trial: MarkTrial): boolean {
    const { entry } = recorded;
    if (typeof this.#match === 'function') return this.#match(request, entry);
    if (entry.request.method !== request.method || recorded.url.origin !== url.origin) return false;
    return differences(recorded, request, url, this.#match, trial).next().done === true;
  }

  /** A description of the recorded exchange that is most similar to an unanswered request. */
  nearest(request: ReplayedRequest): string {
    const url = new URL(request.url);
    const rules = typeof this.#match === 'function' ? {} : this.#match;
    const ranked = this.#all
      .map((recorded) => ({ recorded, far: distance(recorded, request.method, url) }))
      .sort((a, b) => a.far - b.far)
      .slice(0, 8)
      .map(({ recorded, far }) => ({
        recorded,
        far,
        differences: [...differences(recorded, request, url, rules, this.#marks.attempt())],
      }))
      .sort((a, b) => a.far + a.differences.length - b.far - b.differences.length);
    const [nearest] = ranked;
    if (nearest === undefined) return 'the recording has no exchange that can be replayed';
    const { entry, answers } = nearest.recorded;
    const index = 1 + this.#all.indexOf(nearest.recorded);
    const place = `exchange ${index} of ${this.#all.length}, ${entry.request.method} ${shownUrl(nearest.recorded.url)}`;
    if (typeof this.#match === 'function') return `the nearest is ${place}, which match refused`;
    if (nearest.differences.length === 0) {
      const times = answers === 1 ? 'once' : `${answers} times`;
      return `${place} was replayed ${times}; mode: 'any' replays it again`;
    }
    return `the nearest is ${place}, which differs in ${nearest.differences.map(inWords).join(' and in ')}`;
  }
}

/** The number of the request and of its call. */
function placeOf({ _call, _attempt, _hop }: HarEntry): string {
  return `${_call} ${_attempt} ${_hop}`;
}

/** Entries of other protocols, and WebSockets, cannot be replayed. */
function recordedOf(entry: HarEntry): Recorded[] {
  const url = new URL(entry.request.url);
  if (!/^https?:$/.test(url.protocol) || entry.response.status === 101) return [];
  url.hash = url.username = url.password = '';
  return [{ entry, url, body: recordedBody(entry.request), answers: 0 }];
}

/** The differences that are cheap to find: 0 for equal. */
function distance({ entry, url }: Recorded, method: string, other: URL): number {
  const origin = url.origin === other.origin ? 0 : 8;
  const path = url.pathname === other.pathname ? 0 : 4 - 3 * shared(url.pathname, other.pathname);
  return origin + path + (entry.request.method === method ? 0 : 2);
}

/** How much of two paths is equal, from their start: 0 to 1. */
function shared(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at / Math.max(a.length, b.length);
}

function shownUrl(url: URL): string {
  return url.origin + url.pathname;
}
