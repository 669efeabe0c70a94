/** People who go the same way through an application, one alone and then five side by side, each with a session. */
import assert from 'node:assert/strict';
import { createSession, createTransport, isRequestError, type Session, type SessionOptions } from 'jarfetch';
import { logIn, openPage, type Page, type Target } from 'jarfetch/page';
import { allDone, type SuiteContext } from './suite.ts';

export interface Person {
  readonly username: string;
  readonly password: string;
}

/** One step of the way, with a title that follows "ada alone". */
export type WayStep<P extends Person> = readonly [title: string, action: (visit: Visit<P>) => Promise<void>];

/** One person in an application. `page` is the page that the person sees. */
export class Visit<P extends Person> {
  readonly person: P;
  readonly session: Session;
  #page: Page | undefined;

  constructor(person: P, session: Session) {
    this.person = person;
    this.session = session;
  }

  get page(): Page {
    assert.ok(this.#page, 'no page is open');
    return this.#page;
  }

  /** Types a URL. */
  open(url: string): Promise<Page> {
    return this.goTo(openPage(this.session, url));
  }

  follow(target: Target): Promise<Page> {
    return this.goTo(this.page.follow(target));
  }

  /** Waits for a page, which must be a good one, and stays there. */
  async goTo(next: Promise<Page>, status = 200): Promise<Page> {
    this.#page = await next;
    assert.equal(this.#page.status, status, `${this.#page.url}: ${this.text().slice(0, 500)}`);
    return this.#page;
  }

  /** What a person reads on the page. */
  text(): string {
    return this.page.query('body')?.text ?? '';
  }

  reads(part: string | RegExp): void {
    const text = this.text();
    const isThere = typeof part === 'string' ? text.includes(part) : part.test(text);
    assert.ok(isThere, `${String(part)} is not on ${this.page.url}: ${text.slice(0, 1500)}`);
  }

  async logIn(url: string): Promise<Page> {
    const { username, password } = this.person;
    return this.goTo(logIn(this.session, url, { username, password }));
  }

  /** Tries a wrong password, and expects what the page says then. */
  async failsToLogIn(url: string, said: RegExp): Promise<void> {
    const { username } = this.person;
    const password = 'canary & "wrong" 100%';
    const failure: unknown = await logIn(this.session, url, { username, password }).catch((reason) => reason);
    assert.ok(isRequestError(failure, 'ERR_LOGIN_FAILED'), String(failure));
    assert.match(failure.message, said);
    assert.ok(!`${failure.message}${failure.stack}`.includes('canary'), 'the password is shown');
  }
}

/** An application, and what is done in it. */
export interface Walk<P extends Person> {
  readonly url: string;
  /** The first goes alone, the last five side by side. */
  readonly people: readonly P[];
  readonly way: readonly WayStep<P>[];
  /** The names of the cookies that tell one visitor from another. */
  readonly sessionCookies: RegExp;
}

/** Sends one person along the way, and then all of them over one transport. */
export async function walk<P extends Person>(context: SuiteContext, walked: Walk<P>): Promise<void> {
  const { url: baseUrl, sessionCookies } = walked;
  const [first] = walked.people;
  const people = walked.people.slice(-5);
  assert.ok(first);
  const alone = await enter(context, first, { baseUrl });
  for (const [title, action] of walked.way) {
    await context.step(`${first.username} alone ${title}`, () => action(alone));
  }
  const transport = await createTransport();
  context.defer(() => transport.close());
  const visits = await allDone(people.map((person) => enter(context, person, { baseUrl, transport })));
  let most = 0;
  for (const [title, action] of walked.way) {
    const doStep = (visit: Visit<P>): Promise<void> =>
      context.step(`${visit.person.username} beside the others ${title}`, () => action(visit));
    // Nobody goes on before all have had their answers: so a cookie in another's jar would be sent next.
    await allDone(visits.map(doStep));
    most = Math.max(most, differentCookies(visits, sessionCookies));
  }
  await context.step(`${people.length} sessions have cookies of their own all the way`, () => {
    assert.ok(most >= people.length, `${most} cookies match ${sessionCookies}`);
  });
}

/** Counts the cookies that tell visitors apart; no two visits may have the same. */
function differentCookies<P extends Person>(visits: readonly Visit<P>[], names: RegExp): number {
  const owners = new Map<string, string>();
  for (const { session, person } of visits) {
    for (const { name: key, value } of session.getAllCookies()) {
      if (!names.test(key)) continue;
      const cookie = `${key}=${value}`;
      const owner = owners.get(cookie);
      assert.ok(owner === undefined, `${owner} and ${person.username} have the same ${key}`);
      owners.set(cookie, person.username);
    }
  }
  return owners.size;
}

async function enter<P extends Person>(
  { defer }: SuiteContext,
  person: P,
  options: SessionOptions,
): Promise<Visit<P>> {
  const session = await createSession({ browser: 'chrome', ...options });
  defer(() => session.close());
  return new Visit(person, session);
}
