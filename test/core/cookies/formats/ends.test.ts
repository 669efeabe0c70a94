import { describe, expect, it } from 'vitest';
import { createSession, type ImportFormat } from '../../../../src/index.ts';
import { refusalOf } from '../../../helpers/refusals.ts';

const base = { name: 'sid', value: 'hunter2', domain: 'shop.example', path: '/' };
const later = Math.ceil(Date.now() / 1000) + 86_400;

describe('a list whose expiry fields are unknown is refused as a whole', () => {
  it.each<[what: string, records: object[], format?: ImportFormat]>([
    ['a word of no format', [{ ...base, sameSite: 'Lax', expiresAt: later }]],
    [
      'a word of no format in one record of many',
      [
        { ...base, sameSite: 'Lax' },
        { ...base, sameSite: 'Lax', maxAge: 60 },
      ],
    ],
    ['Max-Age as a header has it', [{ ...base, sameSite: 'Lax', 'Max-Age': 60 }]],
    ['a snake', [{ ...base, sameSite: 'Lax', expires_utc: 13_000_000_000 }]],
    ['a time to live', [{ ...base, sameSite: 'lax', ttl: 60 }]],
    ['the word of another format', [{ ...base, expirationDate: later }], 'puppeteer'],
    ['the word of another format, the other way', [{ ...base, expires: later }], 'chrome'],
    ['the word of WebDriver', [{ ...base, expiry: later }], 'playwright'],
  ])('%s', async (_, records, format) => {
    await using session = await createSession();
    const error = await refusalOf(() => session.importCookies(records, format));
    expect(error.code).toBe('ERR_INVALID_COOKIE');
    expect(error.message).toContain('their end is in the field');
    expect(error.message).not.toContain('hunter2');
    expect(session.getAllCookies()).toEqual([]);
  });

  it.each<[what: string, record: object]>([
    ['nothing there', { ...base, sameSite: 'Lax', expires: -1, expiresAt: null }],
    [
      'an end that is understood beside one that is not',
      { ...base, sameSite: 'Lax', expires: later, expirationUtc: 1 },
    ],
    ['a session cookie by another word', { ...base, sameSite: 'lax', session: true, expires: -1 }],
  ])('but not for %s', async (_, record) => {
    await using session = await createSession();
    expect(session.importCookies([record])).toMatchObject({ imported: 1, rejected: [] });
  });

  it('an expired cookie of a WebDriver list is not imported', async () => {
    await using session = await createSession();
    const list = [
      { ...base, secure: false, httpOnly: true, sameSite: 'Lax', expiry: 1000 },
      { ...base, name: 'b', secure: false, httpOnly: true, sameSite: 'Lax' },
    ];
    expect(session.importCookies(list)).toEqual({
      format: 'webdriver',
      imported: 1,
      rejected: [{ index: 0, name: 'sid', reason: 'expired' }],
    });
  });
});
