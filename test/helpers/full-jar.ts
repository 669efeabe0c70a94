/** Visits that fill a cookie jar past its limit, for the capture in a browser and for our jar. */

/** One site, visited once. */
export interface FullJarSite {
  readonly site: string;
  readonly count: number;
  readonly secure: boolean;
  /** Days since its cookies were used when the last visit comes. */
  readonly unusedDays: number;
}

export interface FullJarCase {
  readonly name: string;
  /** In the order of the visits. */
  readonly sites: readonly FullJarSite[];
  /** The visit after the times were set back. */
  readonly last: FullJarSite;
}

export function hostOf({ site }: FullJarSite): string {
  return `${site}.test`;
}

/** The Set-Cookie lines of its answer. */
export function linesOf({ count, secure }: FullJarSite): string[] {
  const end = `Max-Age=31536000; Path=/${secure ? '; Secure' : ''}`;
  return Array.from({ length: count }, (_, at) => `c${String(at).padStart(3, '0')}=1; ${end}`);
}

function sitesOf(from: number, to: number, count: number, unusedDays: number, secure = false): FullJarSite[] {
  return Array.from({ length: to - from }, (_, at) => ({
    site: `site-${String(from + at).padStart(2, '0')}`,
    count,
    secure,
    unusedDays,
  }));
}

const one: FullJarSite = { site: 'last', count: 1, secure: false, unusedDays: 0 };

export const fullJarCases: readonly FullJarCase[] = [
  { name: 'all used today', sites: sitesOf(0, 40, 100, 0), last: one },
  {
    name: 'two sites in use, the others not for 40 days and more',
    sites: [...sitesOf(0, 2, 150, 0), ...sitesOf(2, 32, 100, 40)],
    last: { ...one, count: 150 },
  },
  {
    name: 'a few not used for 40 days',
    sites: [...sitesOf(0, 32, 100, 0), ...sitesOf(32, 34, 60, 40)],
    last: one,
  },
  {
    name: 'Secure ones the oldest',
    sites: [...sitesOf(0, 5, 100, 60, true), ...sitesOf(5, 7, 100, 40), ...sitesOf(7, 33, 100, 0)],
    last: { ...one, count: 50 },
  },
  {
    name: 'Secure ones and enough others',
    sites: [...sitesOf(0, 5, 100, 60, true), ...sitesOf(5, 33, 100, 40)],
    last: { ...one, count: 50 },
  },
];
