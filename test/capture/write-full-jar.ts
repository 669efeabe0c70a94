/**
 * `npm run capture:full-jar`: fills the cookie jar of the installed Chromium past its limit, and writes
 * how many cookies of each site stay to test/fixtures/full-jar.json.
 *
 * Which cookies Chromium drops depends on whether they were used within 30 days. Between two runs of the browser the
 * times of the last use are set back in the database of its profile, so that no capture has to wait.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { type AnyHost, startAnyHost } from '../helpers/any-host.ts';
import { type FullJarCase, type FullJarSite, fullJarCases, hostOf, linesOf } from '../helpers/full-jar.ts';
import { majorVersion, startDriven } from './driven.ts';
import { chromiumFlags } from './driven-chromium.ts';
import { connectRemote, type Remote } from './remote.ts';

/** How many cookies of each site are there. */
type Counts = Readonly<Record<string, number>>;

/** Milliseconds in which a browser that ends writes its cookies. */
const flushTime = 3_000;

interface Opened {
  readonly version: number;
  visit(site: FullJarSite): Promise<void>;
  cookies(): Promise<Counts>;
  /** Ends in good order, so that the cookies are in the database. */
  end(): Promise<void>;
}

async function openChromium(profile: string, hosts: AnyHost): Promise<Opened> {
  const listening = /DevTools listening on (ws:\S+)/;
  const { url, running } = await startDriven('chromium', chromiumFlags(hosts.ports), listening, { profile });
  const remote = await connectRemote(url);
  const { product } = await remote.send<{ product: string }>('Browser.getVersion');
  const { targetId } = await remote.send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
  const attach = { targetId, flatten: true };
  const { sessionId } = await remote.send<{ sessionId: string }>('Target.attachToTarget', attach);
  return {
    version: majorVersion(product),
    visit: (site) => visit(remote, sessionId, site),
    cookies: async () => {
      const { cookies } = await remote.send<{ cookies: { name: string; domain: string }[] }>(
        'Storage.getCookies',
      );
      const byHost = Object.groupBy(cookies, ({ domain }) => domain);
      return Object.fromEntries(
        Object.entries(byHost)
          .map(([host, some = []]) => [host, some.length] as const)
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      );
    },
    end: async () => {
      await remote.send('Browser.close').catch(() => {});
      for (let turn = 0; turn < 200 && !remote.isClosed; turn++) await delay(50);
      // The connection closes before the cookies are written; nothing says when they are.
      await delay(flushTime);
      await running.stop();
    },
  };
}

async function visit(remote: Remote, sessionId: string, site: FullJarSite): Promise<void> {
  const url = `${site.secure ? 'https' : 'http'}://${hostOf(site)}/`;
  await remote.send('Page.navigate', { url }, sessionId);
  const shown = { expression: 'document.URL + document.readyState', returnByValue: true };
  for (let turn = 0; turn < 200; turn++) {
    const { result } = await remote.send<{ result: { value?: string } }>(
      'Runtime.evaluate',
      shown,
      sessionId,
    );
    if (result.value === `${url}complete`) return;
    await delay(20);
  }
  throw new Error(`${url} does not open`);
}

/** Sets back when the cookies were last used, in the order in which the sites were visited. */
function setBack(profile: string, sites: readonly FullJarSite[]): void {
  const database = new DatabaseSync(join(profile, 'Default', 'Cookies'));
  const update = database.prepare(
    'UPDATE cookies SET last_access_utc = last_access_utc - ? WHERE host_key = ?',
  );
  for (const site of sites) {
    // Microseconds. A site that is older by days stays older by the time between the visits, too.
    const { changes } = update.run(site.unusedDays * 86_400 * 1_000_000, hostOf(site));
    if (Number(changes) !== site.count) throw new Error(`${hostOf(site)}: ${changes} cookies were saved`);
  }
  database.close();
}

async function capture({ name, sites, last }: FullJarCase) {
  const answers = new Map([...sites, last].map((site) => [hostOf(site), linesOf(site)]));
  const hosts = await startAnyHost(({ headers }) => {
    const host = headers.find(([field]) => field.toLowerCase() === 'host')?.[1] ?? '';
    const lines = (answers.get(host) ?? []).map((line): [string, string] => ['set-cookie', line]);
    return {
      headers: [['content-type', 'text/html'], ['cache-control', 'no-store'], ...lines],
      body: '<link rel=icon href=data:,>',
    };
  });
  const profile = await mkdtemp(join(tmpdir(), 'jarfetch-full-jar-'));
  try {
    const first = await openChromium(profile, hosts);
    for (const site of sites) await first.visit(site);
    const before = await first.cookies();
    await first.end();
    setBack(profile, sites);
    const second = await openChromium(profile, hosts);
    if (total(await second.cookies()) !== total(before)) throw new Error('not all cookies were loaded again');
    await second.visit(last);
    const after = await second.cookies();
    await second.end();
    return { version: second.version, name, before, after };
  } finally {
    await hosts.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

const results = [];
for (const one of fullJarCases) results.push(await capture(one));
const file = join(import.meta.dirname, '../fixtures/full-jar.json');
const cases = results.map(({ name, before, after }) => ({ name, before: total(before), after }));
for (const { name, before, after } of cases) console.log(`${name}: ${before}, then ${total(after)}`);
await writeFile(file, `${JSON.stringify({ chromium: results[0]?.version, cases }, null, 1)}\n`);

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}
