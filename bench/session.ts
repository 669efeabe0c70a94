import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createSession } from 'jarfetch';
import { Agent, request } from 'undici';

/**
 * How much a session costs beside the bare client: `npm run bench`. Rounds are interleaved, so that a busy machine
 * slows all alike; only the ratios mean something.
 */
const rounds = 9;
const requestsPerRound = 3000;

const server = fork(new URL('./server.ts', import.meta.url));
const [port] = await once(server, 'message');
const url = `http://127.0.0.1:${port}/`;

const agent = new Agent({ allowH2: false });
const session = await createSession();
for (let index = 0; index < 5; index++) session.setCookie(`cookie${index}`, 'value', url);

const contestants = {
  'undici.request': async () => {
    const { body } = await request(url, { dispatcher: agent });
    await body.text();
  },
  'session.fetch': async () => {
    const response = await session.fetch(url);
    await response.text();
  },
};

for (const concurrency of [1, 50]) await compare(concurrency);
await compareSessions();
await session.close();
await agent.close();
server.disconnect();

async function compare(concurrency: number): Promise<void> {
  const times = new Map<string, number[]>(Object.keys(contestants).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, send] of Object.entries(contestants)) {
      const elapsed = await run(send, concurrency);
      // The first round only warms up.
      if (round >= 0) times.get(name)?.push(elapsed);
    }
  }
  const base = median(times.get('undici.request') ?? []);
  for (const [name, values] of times) {
    const time = median(values);
    const perRequest = ((time / requestsPerRound) * 1000).toFixed(1);
    console.log(`C=${concurrency}  ${name.padEnd(16)} ${perRequest.padStart(7)} us  x${(base / time).toFixed(2)}`);
  }
}

async function run(send: () => Promise<void>, concurrency: number): Promise<number> {
  let left = requestsPerRound;
  const startedAt = performance.now();
  const worker = async (): Promise<void> => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return performance.now() - startedAt;
}

async function compareSessions(): Promise<void> {
  const count = 10_000;
  for (let warmUp = 0; warmUp < 2; warmUp++) {
    const startedAt = performance.now();
    for (let index = 0; index < count; index++) await (await createSession()).close();
    const micro = ((performance.now() - startedAt) / count) * 1000;
    if (warmUp === 1) console.log(`createSession + close  ${micro.toFixed(1)} us`);
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
