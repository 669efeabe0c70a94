import { invalidOption, RequestError } from '../errors.ts';
import { nearestNames } from '../near-names.ts';

/**
 * Every version of every family, oldest first: the family's alias means the newest. Names are those of wreq-js 3.1.0,
 * continued to the versions that reference captures cover.
 */
const versions = {
  chrome: [
    100, 101, 104, 105, 106, 107, 108, 109, 110, 114, 116, 117, 118, 119, 120, 123, 124, 126, 127, 128, 129,
    130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150,
    151, 152, 153, 154, 155, 156,
  ],
  edge: [
    101, 122, 127, 131, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150,
    151, 152, 153, 154, 155, 156,
  ],
  opera: [116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131],
  firefox: [109, 117, 128, 133, 135, 136, 139, 142, 143, 144, 145, 146, 147, 148, 149, 150, 151, 152, 153],
  firefox_private: [135, 136, 153],
  firefox_android: [135, 153],
  safari: [
    '15.3',
    '15.5',
    '15.6.1',
    '16',
    '16.5',
    '17.0',
    '17.2.1',
    '17.4.1',
    '17.5',
    '17.6',
    '18',
    '18.2',
    '18.3',
    '18.3.1',
    '18.5',
    '26',
    '26.1',
    '26.2',
    '26.3',
    '26.4',
    '26.5',
    '26.6',
  ],
  safari_ios: ['16.5', '17.2', '17.4.1', '18.1.1', '26', '26.2', '26.3', '26.4', '26.5', '26.6'],
  safari_ipad: ['18', '26', '26.2', '26.3', '26.4', '26.5', '26.6'],
  okhttp: ['3.9', '3.11', '3.13', '3.14', '4.9', '4.10', '4.12', '5'],
} as const;

/** A browser family; it means its newest version. */
export type BrowserAlias = keyof typeof versions;

/** A browser at a version, such as `chrome_142`. */
export type BrowserProfile = {
  [Family in BrowserAlias]: `${Family}_${(typeof versions)[Family][number]}`;
}[BrowserAlias];

/** Operating systems that a profile can run on. */
export type OperatingSystem = 'windows' | 'macos' | 'linux' | 'android' | 'ios';

const operatingSystems: readonly OperatingSystem[] = ['windows', 'macos', 'linux', 'android', 'ios'];

// The first is the family's default where 'macos' was not requested and does not exist.
const desktop: readonly OperatingSystem[] = ['macos', 'windows', 'linux'];
const everywhere: readonly OperatingSystem[] = [...desktop, 'android', 'ios'];
const systems: Record<BrowserAlias, readonly OperatingSystem[]> = {
  chrome: everywhere,
  edge: everywhere,
  // Opera for Android and iOS have other version numbers, so they are not in this list.
  opera: desktop,
  firefox: everywhere,
  firefox_private: desktop,
  firefox_android: ['android'],
  safari: ['macos', 'ios'],
  safari_ios: ['ios'],
  safari_ipad: ['ios'],
  okhttp: ['android'],
};

/** The parts of a profile's name. */
export interface Profile {
  readonly browser: BrowserProfile;
  readonly family: BrowserAlias;
  /** As in the name: '142', '17.4.1'. */
  readonly version: string;
  /** `major * 100 + minor`, for comparisons: 14200, 1704. */
  readonly rank: number;
}

let known: ReadonlyMap<string, Profile> | undefined;

/** All profiles by name, in the table's order. Built at the first use. */
function profiles(): ReadonlyMap<string, Profile> {
  known ??= new Map(
    Object.entries(versions).flatMap(([family, list]) =>
      list.map((version) => {
        const [major = 0, minor = 0] = String(version).split('.').map(Number);
        const browser = `${family}_${version}`;
        return [
          browser,
          { browser, family, version: String(version), rank: major * 100 + minor } as Profile,
        ] as const;
      }),
    ),
  );
  return known;
}

/** Lists all profile names, family by family, oldest first; a fresh array on each call. */
export function getProfiles(): BrowserProfile[] {
  return [...profiles().values()].map((profile) => profile.browser);
}

/** Lists the operating systems; a fresh array on each call. */
export function getOperatingSystems(): OperatingSystem[] {
  return [...operatingSystems];
}

function isAlias(name: string): name is BrowserAlias {
  return Object.hasOwn(versions, name);
}

/**
 * Finds the profile of a name or an alias.
 *
 * @throws RequestError `ERR_INVALID_OPTION` for an unknown name, with the nearest known ones
 */
export function profileOf(name: BrowserProfile | BrowserAlias): Profile {
  if (typeof name !== 'string') throw invalidOption('browser', 'a profile name such as "chrome"', name);
  const profile = profiles().get(isAlias(name) ? `${name}_${versions[name].at(-1)}` : name);
  if (profile === undefined) throw unknownBrowser(name);
  return profile;
}

/** Checks an operating system against a profile, or returns the default when none was given. */
export function systemOf(profile: Profile, os: OperatingSystem | undefined): OperatingSystem {
  const available = systems[profile.family];
  if (os === undefined) return available[0] ?? 'macos';
  if (available.includes(os)) return os;
  if (!operatingSystems.includes(os)) throw invalidOption('os', `one of ${operatingSystems.join(', ')}`, os);
  throw new RequestError(
    'ERR_INVALID_OPTION',
    `${profile.browser} does not exist on ${os}; it exists on ${available.join(', ')}`,
  );
}

function unknownBrowser(name: string): RequestError {
  const shown = name.length <= 40 ? JSON.stringify(name) : 'a long string';
  const near =
    name.length <= 40 ? nearestNames(name.toLowerCase(), allNames(), 3) : ['chrome', 'firefox', 'safari'];
  return new RequestError(
    'ERR_INVALID_OPTION',
    `browser ${shown} is not known; did you mean ${near.join(', ')}?`,
  );
}

/** Families first, then profiles with the newest first. */
function allNames(): string[] {
  return [...Object.keys(versions), ...getProfiles().reverse()];
}
