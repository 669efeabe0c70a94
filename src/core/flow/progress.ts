import type { Progress } from '../request/events.ts';
import type { ObservedExchange, Observer } from './observer.ts';
import { contentLength } from './request-events.ts';

/** Milliseconds between two reports of one direction. */
const interval = 100;

/** The progress of one direction of an exchange. */
interface Course {
  readonly exchange: ObservedExchange;
  readonly startedAt: number;
  toldAt: number;
  told: number;
  /** Reports the withheld progress when no more bytes arrive. */
  timer: NodeJS.Timeout | null;
}

/**
 * The progress of a call's bodies for `onProgress`: at most ten reports a second for each direction, and one when all
 * bytes are there. A body that stalls is reported as far as it arrived. Bodies of redirects are not reported.
 *
 * @param now milliseconds of a clock that never decreases
 */
export function progressObserver(
  listener: (progress: Progress) => void,
  now = (): number => performance.now(),
): Observer {
  const courses = new Map<Progress['direction'], Course>();
  const tell = (exchange: ObservedExchange, direction: Progress['direction'], isEnd: boolean): void => {
    const loaded = loadedOf(exchange, direction);
    if (loaded === 0) return;
    const time = now();
    let course = courses.get(direction);
    if (course?.exchange !== exchange) {
      stop(course);
      course = { exchange, startedAt: time, toldAt: Number.NEGATIVE_INFINITY, told: 0, timer: null };
      courses.set(direction, course);
    }
    if (course.told === loaded) return;
    const wait = isEnd ? 0 : course.toldAt + interval - time;
    if (wait > 0) {
      // What keeps the process alive is the request, not its progress.
      course.timer ??= setTimeout(tell, wait, exchange, direction, true).unref();
      return;
    }
    stop(course);
    course.toldAt = time;
    course.told = loaded;
    listener(progressOf(exchange, direction, loaded, time - course.startedAt));
  };
  return {
    onBytes: (exchange, direction) => tell(exchange, direction === 'sent' ? 'upload' : 'download', false),
    onRequestEnd: (exchange) => tell(exchange, 'upload', true),
    onExchangeEnd: (exchange) => {
      if (exchange.failure === null) tell(exchange, 'download', true);
      for (const course of courses.values()) if (course.exchange === exchange) stop(course);
    },
  };
}

function stop(course: Course | undefined): void {
  if (course === undefined || course.timer === null) return;
  clearTimeout(course.timer);
  course.timer = null;
}

function loadedOf(exchange: ObservedExchange, direction: Progress['direction']): number {
  if (direction === 'upload') return exchange.sentBytes;
  const status = exchange.response?.status ?? 0;
  return status >= 300 && status < 400 ? 0 : exchange.receivedBytes;
}

function progressOf(
  { request, response }: ObservedExchange,
  direction: Progress['direction'],
  loaded: number,
  elapsed: number,
): Progress {
  const total = direction === 'upload' ? (request?.bodyLength ?? null) : contentLength(response);
  const rate = elapsed > 0 ? (loaded / elapsed) * 1000 : null;
  const eta = rate === null || total === null ? null : Math.max(0, ((total - loaded) / rate) * 1000);
  return { direction, loaded, total, rate, eta };
}
