import { describe, expect, it } from 'vitest';
import { SessionJar } from '../../src/registry/session-jar.ts';

const page = (): URL => new URL('https://example.com/members');

/** A jar whose clock says what the test sets. */
function jarAt() {
  const time = { now: 1000 };
  return { time, jar: new SessionJar(() => time.now) };
}

/** What a login on a copy of the jar made of it. */
function logIn(jar: SessionJar, work: (trial: SessionJar) => void): void {
  const trial = jar.cloneSync();
  const before = trial.documentCookies();
  const use = trial.noteUse();
  work(trial);
  jar.takeLogin(before, trial.documentCookies(), use);
}

function values(jar: SessionJar): Record<string, string> {
  return Object.fromEntries(jar.allCookies().map(({ name, value }) => [name, value]));
}

describe('the jar of a session that logs in', () => {
  it('refuses cookies of the answer to a request from before the login', () => {
    const { jar } = jarAt();
    const early = page();
    jar.cookieHeader(early);
    logIn(jar, (trial) => trial.receive('sid=in', page()));
    expect(jar.receive('sid=anonymous', early)).toEqual({ name: 'sid', stored: false, reason: 'superseded' });
    expect(jar.receive('sid=; Max-Age=0', early).reason).toBe('superseded');
    expect(jar.receive('sid=other; Path=/other', early).stored).toBe(true);
    expect(jar.receive('theme=dark', early).stored).toBe(true);
    expect(values(jar)).toEqual({ sid: 'other', theme: 'dark' });
    expect(jar.cookieHeader(page())).toBe('sid=in; theme=dark');
  });

  it('stores cookies of the answer to a request after it', () => {
    const { jar } = jarAt();
    logIn(jar, (trial) => trial.receive('sid=in', page()));
    const late = page();
    jar.cookieHeader(late);
    expect([jar.receive('sid=rolled', late).stored, values(jar)]).toEqual([true, { sid: 'rolled' }]);
  });

  it('counts a cookie that the login sent and did not change as the login’s', () => {
    const { jar } = jarAt();
    const early = page();
    jar.cookieHeader(early);
    jar.receive('sid=a; Path=/', page());
    logIn(jar, (trial) => {
      trial.cookieHeader(page());
      jar.receive('sid=b; Path=/', early);
    });
    expect(values(jar)).toEqual({ sid: 'a' });
    expect(jar.receive('sid=c; Path=/', early).reason).toBe('superseded');
  });

  it('keeps cookies that changed meanwhile and are not of the login', () => {
    const { jar } = jarAt();
    jar.receive('cart=1', new URL('https://shop.example/'));
    logIn(jar, (trial) => {
      jar.receive('cart=2', new URL('https://shop.example/'));
      trial.receive('sid=in', page());
    });
    expect(values(jar)).toEqual({ cart: '2', sid: 'in' });
  });

  it('does not restore a cookie that the login removed', () => {
    const { jar } = jarAt();
    jar.receive('guest=1; Path=/', page());
    const early = page();
    jar.cookieHeader(early);
    logIn(jar, (trial) => trial.receive('guest=; Path=/; Max-Age=0', page()));
    expect([jar.receive('guest=2; Path=/', early).reason, values(jar)]).toEqual(['superseded', {}]);
  });
});

describe('Clear-Site-Data', () => {
  it('keeps the login when the request was before it, and deletes everything when it was later', () => {
    const jar = new SessionJar(() => Date.now());
    const [early, late] = [new URL('https://example.com/'), new URL('https://example.com/')];
    jar.receive('visitor=1', early);
    jar.cookieHeader(early);
    const before = jar.documentCookies();
    const trial = jar.cloneSync();
    const use = trial.noteUse();
    trial.receive('sid=1', new URL('https://example.com/'));
    jar.takeLogin(before, trial.documentCookies(), use);
    jar.removeSite(early);
    expect(jar.cookieHeader(late)).toBe('sid=1');
    jar.removeSite(late);
    expect(jar.cookieHeader(late)).toBe('');
  });
});

describe('the cookies as documents have them', () => {
  it('have the time of their change, not of the save', () => {
    const { jar, time } = jarAt();
    jar.receive('a=1; Path=/', page());
    time.now = 2000;
    jar.receive('b=1; Path=/', page());
    time.now = 3000;
    const seen = jar.documentCookies().map(({ name, changedAt }) => [name, changedAt]);
    expect(seen).toEqual([
      ['a', 1000],
      ['b', 2000],
    ]);
  });

  it('keep their times and logins in another jar', () => {
    const { jar } = jarAt();
    logIn(jar, (trial) => trial.receive('sid=in; Path=/', page()));
    const other = new SessionJar(() => 9000);
    other.fill(jar.documentCookies());
    expect(other.documentCookies()).toEqual(jar.documentCookies());
    expect(jar.documentCookies()).toMatchObject([{ name: 'sid', changedAt: 1000, login: 1 }]);
  });

  it('of a later login take precedence over local changes', () => {
    const [{ jar }, { jar: other }] = [jarAt(), jarAt()];
    logIn(other, (trial) => trial.receive('sid=in; Path=/', page()));
    jar.receive('sid=anonymous; Path=/', page());
    jar.follow([], other.documentCookies());
    expect(values(jar)).toEqual({ sid: 'in' });
    jar.follow(jar.documentCookies(), []);
    expect(values(jar)).toEqual({});
  });
});
