/**
 * What it costs to write HTTP/1.1 heads in the browser's order: `node bench/head-order.ts`. The goal is 2 % of a
 * request. Short rounds with and without it alternate, so that a busy machine slows both alike, and the ratios of
 * neighbours count. Below them the rewriting alone, in a loop.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { inferContext, presetHeaders, resolvePreset } from '../src/core/presets/index.ts';
import { composeHead } from '../src/core/transport/head/compose.ts';
import { resolveTransport } from '../src/core/transport/transport-options.ts';
import { createSession, type Session, Transport } from '../src/index.ts';

const roundCount = 150;
const requestsPerRound = 400;
const goal = 0.02;

/** A transport that leaves heads as undici writes them. */
class PlainTransport extends Transport {
  override get ordersHeads(): boolean {
    return false;
  }
}

const server = fork(new URL('./server.ts', import.meta.url));
const [[port]] = await once(server, 'message');
const url = `http://127.0.0.1:${port}/`;

for (const browser of ['chrome', 'firefox'] as const) {
  const [ordered, plain] = [
    new Transport(resolveTransport({})),
    new PlainTransport(resolveTransport({})),
  ] as const;
  const sessions = [
    await createSession({ browser, transport: ordered }),
    await createSession({ browser, transport: plain }),
  ] as const;
  for (const concurrency of [1, 50]) await compare(browser, sessions, concurrency);
  for (const session of sessions) await session.close();
  await Promise.all([ordered.close(), plain.close()]);
  measureAlone(browser);
}
server.disconnect();

async function compare(
  browser: string,
  [ordered, plain]: readonly [Session, Session],
  concurrency: number,
): Promise<void> {
  const rounds: { readonly plain: Cost; readonly extra: Cost }[] = [];
  for (let round = -10; round < roundCount; round++) {
    // Who goes first takes turns, too.
    const orderedFirst = round % 2 === 0;
    const first = await run(orderedFirst ? ordered : plain, concurrency);
    const second = await run(orderedFirst ? plain : ordered, concurrency);
    const [withIt, without] = orderedFirst ? [first, second] : [second, first];
    const extra = { cpu: withIt.cpu - without.cpu, elapsed: withIt.elapsed - without.elapsed };
    if (round >= 0) rounds.push({ plain: without, extra });
  }
  for (const clock of ['elapsed', 'cpu'] as const) {
    const base = median(rounds.map((each) => each.plain[clock]));
    const extra = median(rounds.map((each) => each.extra[clock]));
    const verdict = extra / base <= goal ? 'met' : 'missed';
    console.info(
      `${browser.padEnd(8)} C=${String(concurrency).padEnd(2)} ${clock.padEnd(7)} ${base.toFixed(1).padStart(6)} us, ` +
        `rewriting ${extra.toFixed(2).padStart(5)} us or ${((extra / base) * 100).toFixed(2).padStart(5)} %: ${verdict}`,
    );
  }
}

/** Microseconds a request takes, by the clock and of the processor. */
interface Cost {
  readonly elapsed: number;
  readonly cpu: number;
}

async function run(session: Session, concurrency: number): Promise<Cost> {
  let left = requestsPerRound;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const worker = async (): Promise<void> => {
    while (left-- > 0) await (await session.fetch(url)).text();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const elapsed = ((performance.now() - startedAt) * 1000) / requestsPerRound;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { elapsed, cpu: (user + system) / requestsPerRound };
}

function measureAlone(browser: 'chrome' | 'firefox'): void {
  const target = new URL(url);
  const head = presetHeaders(resolvePreset(browser, undefined), {
    method: 'GET',
    url: target,
    context: inferContext({ url: target, method: 'GET', headers: [], contentType: null }),
    redirectedFrom: [],
    http2: false,
    acceptLanguage: null,
    headers: [],
    hasBody: false,
  });
  const text = `GET / HTTP/1.1\r\nhost: ${target.host}\r\nconnection: keep-alive\r\n\r\n`;
  const times: number[] = [];
  const calls = 100_000;
  let bytes = 0;
  for (let repeat = 0; repeat < 7; repeat++) {
    const start = process.hrtime.bigint();
    for (let count = 0; count < calls; count++) {
      // Written out as the socket would, or the engine would only note what to join.
      bytes += Buffer.byteLength(composeHead(text, head, 'sid=1'), 'latin1');
    }
    times.push(Number(process.hrtime.bigint() - start) / calls);
  }
  console.info(`${browser.padEnd(8)} rewriting alone ${median(times).toFixed(0)} ns, ${bytes} bytes in all`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
