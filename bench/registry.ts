// What does a registry cost with many sessions? Each question in a process of its own; on a shared machine only the
// ratios of one run mean something. npm run bench:registry [-- questions] [-- --check]
// Needs a redis-server for the rows with Redis; without one they are left out.
import { execFile } from 'node:child_process';
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createSession } from 'jarfetch';
import {
  createPool,
  createRegistry,
  fileStore,
  memoryStore,
  type Registry,
  redisStore,
  type SessionStore,
  sqliteStore,
} from 'jarfetch/registry';
import { hasRedis, startRedis } from '../test/helpers/redis.ts';

/** A line of the report; `ratio` is held against `goal`, above or below it. */
interface Row {
  readonly what: string;
  readonly measured: string;
  readonly ratio?: number;
  readonly goal?: readonly ['least' | 'most', number];
}

const many = Number(process.env.JARFETCH_BENCH_SESSIONS ?? 100_000);
const breadth = 50;
const url = 'https://example.com/';

/** Runs `work` for 0 to count - 1, so many at a time, and returns how many there were in a second. */
async function rate(
  count: number,
  work: (index: number, worker: number) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  let next = 0;
  const run = async (_: unknown, worker: number): Promise<void> => {
    while (next < count) await work(next++, worker);
  };
  await Promise.all(Array.from({ length: breadth }, run));
  return (count * 1000) / (performance.now() - start);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** How many in a second, and microseconds of CPU for each. */
interface Cost {
  readonly rate: number;
  readonly cpu: number;
}

async function costOf(count: number, work: () => Promise<number>): Promise<Cost> {
  const before = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(before);
  return { rate: done, cpu: (user + system) / count };
}

function told(costs: readonly Cost[]): string {
  const [rates, times] = [costs.map((cost) => cost.rate), costs.map((cost) => cost.cpu)];
  return `${median(rates).toFixed(0)}/s, ${median(times).toFixed(0)} µs of CPU each`;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'jarfetch-bench-'));
  process.once('exit', () => void rm(folder, { recursive: true, force: true }));
  return folder;
}

async function filled(store: SessionStore, count: number): Promise<Registry> {
  const registry = createRegistry({ store, saveInterval: false });
  await rate(count, async (index) => {
    const session = await registry.create(`s${String(index).padStart(6, '0')}`);
    for (let cookie = 0; cookie < 5; cookie++) session.setCookie(`c${cookie}`, 'x'.repeat(20), url);
  });
  return registry;
}

/** Changes of sessions that are held, each saved at once. */
async function changeAndSave(registry: Registry, count: number): Promise<number> {
  const ids = Array.from({ length: breadth }, (_, index) => `s${String(index).padStart(6, '0')}`);
  const sessions = await Promise.all(ids.map((id) => registry.get(id)));
  let value = 0;
  // Each worker has a session of its own, so that nobody waits for another.
  return rate(count, async (_, worker) => {
    const session = sessions[worker];
    session?.setCookie('n', String(value++), url);
    await registry.save(session?.id);
  });
}

/** As much as a save has to do whatever program does it: a new file on the disk, in the old one's place. */
async function rawSave(folder: string, index: number, text: string): Promise<void> {
  const path = join(folder, `raw${index % breadth}`);
  const temporary = `${path}.${index}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
  await file.close();
  await rename(temporary, path);
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

async function files(): Promise<Row[]> {
  const folder = await newFolder();
  const registry = await filled(fileStore(join(folder, 'sessions')), breadth);
  await registry.save();
  const text = JSON.stringify((await registry.get('s000000')).save());
  const [ours, raw, ratios]: [Cost[], Cost[], number[]] = [[], [], []];
  for (let round = 0; round < 11; round++) {
    raw.push(await costOf(400, () => rate(400, (index) => rawSave(folder, index, text))));
    ours.push(await costOf(400, () => changeAndSave(registry, 400)));
    ratios.push((ours.at(-1)?.rate ?? 0) / (raw.at(-1)?.rate ?? 1));
  }
  const measured = `${told(ours)}; bare ${told(raw)}`;
  return [
    { what: 'fileStore: saves, against bare fsync', measured, ratio: median(ratios), goal: ['least', 0.7] },
  ];
}

async function sqlite(): Promise<Row[]> {
  const store = sqliteStore(join(await newFolder(), 'sessions.db'));
  const registry = await filled(store, breadth);
  await registry.save();
  const ours: Cost[] = [];
  for (let round = 0; round < 5; round++) ours.push(await costOf(1000, () => changeAndSave(registry, 1000)));
  return [{ what: 'sqliteStore: saves', measured: told(ours) }];
}

async function redis(): Promise<Row[]> {
  const server = await startRedis();
  const store = redisStore(server.url);
  const registry = await filled(store, breadth);
  await registry.save();
  const ours: Cost[] = [];
  for (let round = 0; round < 7; round++) ours.push(await costOf(4000, () => changeAndSave(registry, 4000)));
  await store.close();
  await server.stop();
  return [{ what: 'redisStore: saves', measured: told(ours) }];
}

/** CPU of the process at 200 changes in a second, in per cent of a core, with so many sessions in memory. */
async function load(sessions: number): Promise<number> {
  const store = memoryStore();
  const registry = createRegistry({ store, idleTimeout: 3_600_000 });
  for (let index = 0; index < sessions; index++) await registry.create(`s${index}`);
  await registry.save();
  await delay(1500);
  globalThis.gc?.();
  const before = process.cpuUsage();
  const start = performance.now();
  for (let tick = 0; tick < 250; tick++) {
    for (let change = 0; change < 4; change++) {
      const index = Math.floor(Math.random() * sessions);
      (await registry.get(`s${index}`)).setCookie('n', String(tick), url);
    }
    await delay(Math.max(0, start + (tick + 1) * 20 - performance.now()));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 10 / (performance.now() - start);
}

async function cpu(): Promise<Row[]> {
  const rows: Row[] = [];
  let first = Number.NaN;
  for (const sessions of [100, 1000, 10_000, many]) {
    const share = await load(sessions);
    if (Number.isNaN(first)) first = share;
    rows.push({
      what: `200 changes a second with ${sessions.toLocaleString('en')} sessions`,
      measured: `${share.toFixed(1)} % of a core`,
      ratio: share / first,
      ...(sessions === many ? { goal: ['most', 1.5] as const } : {}),
    });
  }
  return rows;
}

/** Milliseconds for one account of so many: who gets one uses it at once and gives it back. */
async function leases(accounts: number): Promise<Row[]> {
  const turns = 2000;
  const ids = Array.from({ length: accounts }, (_, index) => `s${index}`);
  const registry = createRegistry();
  const pool = createPool(registry, { accounts: ids });
  // The session is made before, as crawlee's is.
  for (const id of ids) await registry.create(id);
  const ours = await costOf(turns, async () => {
    for (let turn = 0; turn < turns; turn++) (await pool.lease()).release();
    return 0;
  });
  // Loaded here, so that no other question pays for it.
  // By a variable, because the packages of bench are not installed where the types are checked.
  const name: string = '@crawlee/core';
  const { Configuration, SessionPool } = await import(name);
  const config = new Configuration({ persistStorage: false });
  const theirs = await SessionPool.open(
    { maxPoolSize: accounts, persistenceOptions: { enable: false } },
    config,
  );
  for (const id of ids) await theirs.addSession({ id });
  const peer = await costOf(turns, async () => {
    for (let turn = 0; turn < turns; turn++) (await theirs.getSession()).markGood();
    return 0;
  });
  await theirs.teardown();
  const what = `pool of ${accounts.toLocaleString('en')} accounts: one lease`;
  const measured = `${ours.cpu.toFixed(0)} µs of CPU; crawlee's SessionPool ${peer.cpu.toFixed(0)} µs`;
  return [{ what, measured }];
}

async function pool(): Promise<Row[]> {
  return [...(await leases(100)), ...(await leases(10_000)), ...(await leases(many))];
}

async function listOf(name: string, store: SessionStore): Promise<Row[]> {
  const session = await createSession();
  session.setCookie('sid', 'x'.repeat(20), url);
  const document = session.save();
  const made = await rate(many, (index) => {
    const sessionId = `s${String(index).padStart(6, '0')}`;
    return store.update(sessionId, () => ({ ...document, sessionId }), { begins: true });
  });
  const registry = createRegistry({ store });
  const start = performance.now();
  const first = (await registry.list({ limit: 100 })).length;
  const one = performance.now() - start;
  const from = performance.now();
  let listed = 0;
  for (let after = '', isMore = true; isMore; ) {
    const page = await registry.list({ after, limit: 1000 });
    listed += page.length;
    isMore = page.length === 1000;
    after = page.at(-1)?.id ?? '';
  }
  const all = performance.now() - from;
  await store.close();
  const pages = `the first ${first} in ${one.toFixed(0)} ms, all ${listed.toLocaleString('en')} in ${(all / 1000).toFixed(1)} s`;
  return [
    { what: `${name}: new sessions in a store`, measured: `${made.toFixed(0)}/s` },
    { what: `${name}: a list in pages of 1,000`, measured: pages, ratio: listed / many, goal: ['least', 1] },
  ];
}

async function list(): Promise<Row[]> {
  const rows = await listOf('sqliteStore', sqliteStore(join(await newFolder(), 'sessions.db')));
  if (!hasRedis) return rows;
  const server = await startRedis();
  rows.push(...(await listOf('redisStore', redisStore(server.url))));
  await server.stop();
  return rows;
}

async function closing(name: string, store: SessionStore): Promise<Row[]> {
  const registry = await filled(store, many);
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50);
  const start = performance.now();
  await registry.close();
  const time = (performance.now() - start) / 1000;
  clearInterval(watch);
  const saved = (await store.ids()).length;
  await store.close();
  const mega = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  const measured = `${time.toFixed(1)} s, ${saved.toLocaleString('en')} saved, ${mega(before)} MB before, ${mega(peak)} MB at most`;
  const what = `${name}: close of ${many.toLocaleString('en')} changed sessions`;
  return [{ what, measured, ratio: peak / before, goal: ['most', 2] }];
}

async function close(): Promise<Row[]> {
  if (!hasRedis) return [];
  const server = await startRedis();
  const rows = await closing('redisStore', redisStore(server.url));
  await server.stop();
  return rows;
}

const questions: Readonly<Record<string, () => Promise<Row[]>>> = {
  files,
  sqlite,
  ...(hasRedis ? { redis } : {}),
  cpu,
  pool,
  list,
  close,
};

function meets({ ratio = Number.NaN, goal }: Row): boolean {
  if (goal === undefined) return true;
  const [kind, value] = goal;
  return kind === 'least' ? ratio >= value : ratio <= value;
}

async function lead(wanted: readonly string[], isChecked: boolean): Promise<void> {
  let isMissed = false;
  for (const name of Object.keys(questions).filter((each) => wanted.length === 0 || wanted.includes(each))) {
    const args = [
      '--expose-gc',
      '--disable-warning=ExperimentalWarning',
      import.meta.filename,
      `--one=${name}`,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
    for (const row of JSON.parse(stdout) as Row[]) {
      const ratio = row.ratio === undefined ? '' : row.ratio.toFixed(2);
      const goal =
        row.goal === undefined ? '' : `goal: at ${row.goal.join(' ')}${meets(row) ? '' : ', MISSED'}`;
      console.log(
        [row.what.padEnd(58), row.measured.padEnd(64), ratio.padStart(5), goal].join(' ').trimEnd(),
      );
      isMissed ||= !meets(row);
    }
  }
  if (isChecked && isMissed) process.exitCode = 1;
}

const words = process.argv.slice(2);
const one = words.find((word) => word.startsWith('--one='))?.slice('--one='.length);
const wanted = words.filter((word) => !word.startsWith('--'));
if (one === undefined) await lead(wanted, words.includes('--check'));
else console.log(JSON.stringify(await questions[one]?.()));
