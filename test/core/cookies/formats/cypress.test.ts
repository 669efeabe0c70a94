/**
 * Lists as `cy.getCookies()` and `cy.getAllCookies()` of Cypress 15 give them. Source: the interface Cookie and the
 * type SameSiteStatus in types/cypress.d.ts of its npm package: `hostOnly`, `expiry` and `sameSite` may be missing,
 * `expiry` is in seconds, with fractions where the browser has them.
 */
import { describe, expect, it } from 'vitest';
import { createSession } from '../../../../src/index.ts';

type SameSiteStatus = 'no_restriction' | 'strict' | 'lax' | 'unspecified';

interface CypressCookie {
  name: string;
  value: string;
  path: string;
  domain: string;
  hostOnly?: boolean;
  httpOnly: boolean;
  secure: boolean;
  expiry?: number;
  sameSite?: SameSiteStatus;
}

const base = { value: '1', path: '/', httpOnly: false, secure: true } as const;
const end = Math.floor(Date.now() / 1000) + 86_400;

const sessionCookies: readonly CypressCookie[] = [
  { ...base, name: 'host', domain: 'www.shop.example', hostOnly: true },
  { ...base, name: 'domain', domain: '.shop.example', httpOnly: true },
  { ...base, name: 'lax', domain: '.shop.example', sameSite: 'lax' },
  { ...base, name: 'strict', domain: 'www.shop.example', hostOnly: true, sameSite: 'strict' },
  { ...base, name: 'none', domain: 'www.shop.example', hostOnly: true, sameSite: 'no_restriction' },
  { ...base, name: 'unsaid', domain: '.shop.example', sameSite: 'unspecified' },
];
const lasting = sessionCookies.map((cookie, index) => ({ ...cookie, expiry: end + index / 4 }));

describe('a list of Cypress', () => {
  it.each<[kind: string, cookies: readonly CypressCookie[]]>([
    ['of cookies that last', lasting],
    ['of session cookies', sessionCookies],
    ['of both', [...sessionCookies.slice(0, 3), ...lasting.slice(3)]],
    ...sessionCookies.map((cookie): [string, CypressCookie[]] => [`of ${cookie.name} alone`, [cookie]]),
    ...lasting.map((cookie): [string, CypressCookie[]] => [`of ${cookie.name} alone, with an end`, [cookie]]),
  ])('%s is read whole', async (_, cookies) => {
    await using session = await createSession();
    const { imported, rejected } = session.importCookies(JSON.stringify(cookies));
    expect([imported, rejected]).toEqual([cookies.length, []]);
    expect(session.getAllCookies()).toEqual(
      cookies.map(({ name, domain, hostOnly = false, httpOnly, expiry, sameSite }) => ({
        ...{
          name,
          value: '1',
          domain: domain.replace(/^\./, ''),
          path: '/',
          hostOnly,
          httpOnly,
          secure: true,
        },
        ...(expiry === undefined ? {} : { expiresAtMs: expiry * 1000 }),
        ...({
          lax: { sameSite: 'lax' },
          strict: { sameSite: 'strict' },
          no_restriction: { sameSite: 'none' },
        }[sameSite as string] ?? {}),
      })),
    );
  });

  it('does not import a cookie that has expired', async () => {
    await using session = await createSession();
    const cookies: CypressCookie[] = [
      { ...base, name: 'sid', domain: '.shop.example', expiry: end - 200_000 },
    ];
    expect(session.importCookies(cookies).rejected).toEqual([{ index: 0, name: 'sid', reason: 'expired' }]);
    expect(session.getAllCookies()).toEqual([]);
  });
});
