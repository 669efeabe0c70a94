/** The life of a named session over two processes: when it logs in, where it is kept, and how it ends. */
import { startSite } from '../../examples/site.ts';
import type { Session } from '../../src/index.ts';
import { type Clock, createRegistry, memoryStore, type Registry } from '../../src/registry/index.ts';
import { line, rectangle, svg, text } from './drawing.ts';

export interface LifeStep {
  readonly what: string;
  /** What came of it. */
  readonly result: string;
  /** Where the session is afterwards. */
  readonly places: readonly Place[];
  /** Logins so far. */
  readonly logins: number;
}

type Place = 'first process' | 'store' | 'second process';

const idleTimeout = 3_600_000;

export async function sessionLife(): Promise<LifeStep[]> {
  const site = await startSite();
  const [store, clock] = [memoryStore(), new SteppedClock()];
  let logins = 0;
  const options = {
    baseUrl: site.url,
    login: async (session: Session) => {
      logins += 1;
      const json = { user: 'alice', password: 'white-rabbit' };
      await (await session.fetch('/api/login', { method: 'POST', json })).text();
    },
  };
  const open = (): Registry => createRegistry({ store, idleTimeout, clock });
  const registries: Partial<Record<Place, Registry>> = { 'first process': open() };
  const steps: LifeStep[] = [];
  const take = async (what: string, action: () => Promise<string>): Promise<void> => {
    const result = await action();
    steps.push({ what, result, places: await placesOf(registries, store), logins });
  };
  const visit = async (place: Place): Promise<string> => {
    const session = await registries[place]?.getOrCreate('ada', options);
    const response = await session?.fetch('/api/me');
    // A session is in use to the last byte of a body.
    await response?.text();
    return `GET /api/me: ${response?.status}`;
  };
  try {
    await take("getOrCreate('ada')", () => visit('first process'));
    await take('the process ends: close()', async () => {
      await registries['first process']?.close();
      delete registries['first process'];
      return 'kept in the store';
    });
    registries['second process'] = open();
    await take("getOrCreate('ada')", () => visit('second process'));
    const session = await registries['second process'].get('ada');
    const cookie = session.getCookies(site.url);
    await take('the site ends its session', async () => {
      const header = Object.entries(cookie)
        .map(([name, value]) => `${name}=${value}`)
        .join('; ');
      await (
        await fetch(`${site.url}/logout`, { method: 'POST', headers: { cookie: header }, redirect: 'manual' })
      ).text();
      return 'nobody has told us';
    });
    await take('the next call', () => visit('second process'));
    await take('nobody asks for two hours', async () => {
      clock.pass(2 * idleTimeout);
      const outcome = await registries['second process']?.get('ada').catch((error: Error) => error.message);
      return `get: ${String(outcome)}`;
    });
  } finally {
    await Promise.all(Object.values(registries).map((registry) => registry.close()));
    await site.close();
  }
  return steps;
}

async function placesOf(
  registries: Readonly<Partial<Record<Place, Registry>>>,
  store: ReturnType<typeof memoryStore>,
): Promise<Place[]> {
  const places: Place[] = [];
  for (const [place, registry] of Object.entries(registries) as [Place, Registry][]) {
    if (await registry.has('ada')) places.push(place);
  }
  if ((await store.load('ada')) !== null) places.push('store');
  return places;
}

/** Time passes when it is told to. */
class SteppedClock implements Clock {
  readonly #began = Date.now();
  #now = 0;
  readonly #due: { readonly at: number; readonly callback: () => void }[] = [];

  monotonic(): number {
    return this.#now;
  }

  wall(): number {
    return this.#began + this.#now;
  }

  schedule(callback: () => void, milliseconds: number): () => void {
    const entry = { at: this.#now + milliseconds, callback };
    this.#due.push(entry);
    return () => void this.#due.splice(this.#due.indexOf(entry) >>> 0, 1);
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const entry of this.#due.filter(({ at }) => at <= this.#now)) {
      this.#due.splice(this.#due.indexOf(entry), 1);
      entry.callback();
    }
  }
}

const lanes: Readonly<Record<Place, number>> = { 'first process': 340, store: 470, 'second process': 600 };
const [top, step] = [66, 62] as const;

export function drawSessionLife(steps: readonly LifeStep[]): string {
  const height = top + steps.length * step + 14;
  return svg({
    width: 780,
    height,
    title: 'The life of a named session',
    description: steps
      .map(({ what, result, places, logins }) => {
        const where = places.length === 0 ? 'nowhere' : places.join(' and ');
        return `${what}: ${result}. Logins so far: ${logins}. The session is in: ${where}.`;
      })
      .join(' '),
    shapes: [
      ...Object.entries(lanes).map(([place, x]) =>
        text(x, 34, place, { className: 'title', anchor: 'middle' }),
      ),
      text(720, 34, 'logins', { className: 'title', anchor: 'middle' }),
      line(20, 48, 760, 48, 'rule'),
      ...steps.flatMap((each, index) => drawStep(each, steps[index - 1]?.logins ?? 0, top + index * step)),
    ],
  });
}

function drawStep({ what, result, places, logins }: LifeStep, before: number, y: number): string[] {
  return [
    text(20, y + 22, what, { className: 'mono' }),
    text(20, y + 41, result, { className: 'dim' }),
    ...places.map((place) =>
      rectangle({
        x: lanes[place] - 36,
        y: y + 4,
        width: 72,
        height: step - 4,
        className: place === 'store' ? 'box' : 'warm',
      }),
    ),
    text(720, y + 30, logins === before ? String(logins) : `${logins}: logs in`, {
      className: logins === before ? 'dim' : 'mark',
      anchor: 'middle',
    }),
    line(20, y + step + 2, 760, y + step + 2, 'rule'),
  ];
}
