import { describe, expect, it } from 'vitest';
import { adviceOn } from '../../../src/core/foreign-options.ts';
import { type OptionRow, optionsIn } from '../../../src/core/option-row.ts';
import { defaultSettings } from '../../../src/core/request/call-settings.ts';
import { noInit, readInit } from '../../../src/core/request/init.ts';
import { optionTable } from '../../../src/core/request/option-table.ts';

const rows: [string, OptionRow][] = Object.entries(optionTable);

describe('the option table', () => {
  it.each(rows.filter(([, row]) => row.setting))(
    'checks the setting %s and has a default for it',
    (_, row) => {
      expect(row.check).toBeTypeOf('function');
      expect(row.default).toBeDefined();
    },
  );

  it.each(rows.filter(([, row]) => row.merge === 'fixed'))('has words for the fixed option %s', (_, row) => {
    expect(row.called).toBeTypeOf('string');
    expect(row.scopes).toEqual(expect.arrayContaining(['session', 'call']));
  });

  it.each(rows.filter(([, row]) => row.setting && row.scopes.includes('session')))(
    'says how a call merges %s with its session',
    (_, row) => {
      expect(row.merge).toMatch(/^(replace|parts)$/);
    },
  );

  it.each(rows)('gives %s a scope', (_, row) => {
    expect(row.scopes.length).toBeGreaterThan(0);
  });

  it.each(rows.filter(([, { check, default: usual }]) => check && typeof usual === 'string'))(
    'has a default that its own check takes: %s',
    (name, row) => {
      expect(row.check?.(name, row.default)).toBe(row.default);
    },
  );

  it.each(rows.map(([name]) => name))('does not have %s as the name that another client has', (name) => {
    const { scopes }: OptionRow = optionTable[name as keyof typeof optionTable];
    for (const door of ['call', 'session', 'transport'] as const) {
      if (scopes.includes(door)) expect(adviceOn(name, door)).toBeUndefined();
    }
  });
});

describe('the settings read from an init', () => {
  it('has every option of a call', () => {
    const names = [...optionsIn(optionTable, 'call'), 'settings', 'fixed'];
    expect(Object.keys(noInit).sort()).toEqual(names.sort());
    expect(Object.values(noInit).every((value) => value == null)).toBe(true);
  });

  it('is the same object for every call without one', () => {
    expect([readInit(undefined), readInit(null)]).toEqual([noInit, noInit]);
    expect(readInit(undefined)).toBe(noInit);
  });

  it('has no settings when none is given', () => {
    expect(readInit({ method: 'POST', json: {}, headers: {}, signal: null }).settings).toBeNull();
  });

  it.each([
    [{ compress: false }, false],
    [{ compress: false, decompress: true }, true],
    [{ decompress: true, compress: false }, true],
    [{ decompress: false, compress: true }, false],
  ])('prefers decompress to its other name: %o', (init, expected) => {
    expect(readInit(init).settings?.decompress).toBe(expected);
  });

  it('does not use an object of the caller as its own settings', () => {
    const init = { settings: { redirect: 'error' }, fixed: ['os'] } as object;
    expect(readInit(init)).toMatchObject({ settings: null, fixed: null });
  });

  it('reads each property once', () => {
    let reads = 0;
    const init = Object.defineProperty({}, 'timeout', { enumerable: true, get: () => ++reads });
    expect(readInit(init).settings?.timeout).toEqual({ total: 1 });
    expect(reads).toBe(1);
  });
});

it('has these defaults', () => {
  expect(defaultSettings).toEqual({
    redirect: 'follow',
    maxRedirects: 20,
    refuseDowngrade: false,
    crossOriginBody: true,
    maxBodyBytes: 104_857_600,
    decompress: true,
    acceptLanguage: null,
    credentials: true,
    presetHeaders: true,
    crossOriginHeaders: new Set(),
    retry: null,
    timeout: { total: 30_000, connect: false, headers: false, idle: false },
    signal: null,
    onProgress: null,
    onRequestEvent: null,
  });
});
