import { readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { isRequestError } from '../../../src/core/errors.ts';
import {
  type BrowserAlias,
  type BrowserProfile,
  getOperatingSystems,
  getProfiles,
  type OperatingSystem,
  resolvePreset,
  resolveProfile,
} from '../../../src/core/presets/index.ts';

interface Names {
  readonly profiles: readonly string[];
  readonly aliases: Record<string, string>;
  readonly operatingSystems: readonly string[];
}

const names: Names = JSON.parse(
  readFileSync(new URL('../../fixtures/profile-names.json', import.meta.url), 'utf8'),
);

/** A name as untyped JavaScript would pass it. */
const untyped = (name: unknown) => name as BrowserProfile;

function failureOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(isRequestError(error, 'ERR_INVALID_OPTION')).toBe(true);
    return String(error);
  }
  return 'no error';
}

describe('getProfiles', () => {
  it('has every name of wreq-js 3.1.0, once', () => {
    const profiles = getProfiles();
    expect(profiles).toEqual(expect.arrayContaining([...names.profiles]));
    expect(new Set(profiles).size).toBe(profiles.length);
  });

  it('continues to the newest captured versions', () => {
    expect(getProfiles()).toEqual(
      expect.arrayContaining(['chrome_156', 'edge_156', 'firefox_153', 'safari_26.6']),
    );
  });

  it('returns a new array each time', () => {
    getProfiles().length = 0;
    getOperatingSystems().length = 0;
    expect(getProfiles().length).toBeGreaterThan(100);
    expect(getOperatingSystems()).toEqual(names.operatingSystems);
  });
});

describe('resolveProfile', () => {
  it.each(Object.keys(names.aliases))('uses the newest of %s', (alias) => {
    const family = getProfiles().filter((profile) => new RegExp(`^${alias}_\\d`).test(profile));
    expect(resolveProfile(alias as BrowserAlias)).toBe(family.at(-1));
  });

  it('leaves a profile as it is', () => {
    expect(resolveProfile('safari_ios_17.4.1')).toBe('safari_ios_17.4.1');
  });

  it.each([
    ['chrom', /did you mean chrome,/],
    ['chrome_999', /browser "chrome_999" is not known; did you mean chrome_\d+/],
    ['Firefox', /did you mean firefox,/],
    ['safari-ios', /did you mean safari_ios/],
    ['', /browser "" is not known/],
    ['x'.repeat(5000), /a long string is not known/],
    [null, /browser must be a profile name such as "chrome", got null/],
    [{}, /browser must be a profile name/],
    ['__proto__', /is not known/],
    ['constructor', /is not known/],
  ])('refuses %s with near matches', (name, message) => {
    expect(failureOf(() => resolveProfile(untyped(name)))).toMatch(message);
  });
});

describe('resolvePreset', () => {
  it.each([
    ['chrome', 'macos'],
    ['safari', 'macos'],
    ['opera_131', 'macos'],
    ['safari_ios', 'ios'],
    ['safari_ipad_18', 'ios'],
    ['firefox_android', 'android'],
    ['okhttp', 'android'],
  ] as const)('puts %s on %s when no system is asked for', (browser, os) => {
    expect(resolvePreset(browser, undefined).os).toBe(os);
  });

  it.each([
    ['safari_18', 'windows', 'safari_18 does not exist on windows; it exists on macos, ios'],
    ['safari_ios', 'macos', 'does not exist on macos; it exists on ios'],
    ['opera', 'android', 'does not exist on android; it exists on macos, windows, linux'],
    ['firefox_private', 'ios', 'does not exist on ios'],
    ['okhttp', 'macos', 'does not exist on macos; it exists on android'],
    [
      'chrome',
      'solaris' as OperatingSystem,
      'os must be one of windows, macos, linux, android, ios, got "solaris"',
    ],
  ] as const)('refuses %s on %s, saying what exists', (browser, os, message) => {
    expect(failureOf(() => resolvePreset(browser, os))).toContain(message);
  });

  it('gives the same object for the same browser and system', () => {
    expect(resolvePreset('chrome', undefined)).toBe(resolvePreset(resolveProfile('chrome'), 'macos'));
    expect(resolvePreset('chrome', 'linux')).not.toBe(resolvePreset('chrome', 'macos'));
  });
});

describe('BrowserProfile', () => {
  it('is a union of string literals', () => {
    expectTypeOf<'chrome_142'>().toExtend<BrowserProfile>();
    expectTypeOf<'safari_ios_17.4.1'>().toExtend<BrowserProfile>();
    expectTypeOf<'chrome_99'>().not.toExtend<BrowserProfile>();
    expectTypeOf<string>().not.toExtend<BrowserProfile>();
  });
});
