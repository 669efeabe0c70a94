/** The vendor entry of `sec-ch-ua` besides GREASE and Chromium; `null` is a Chromium without a vendor. */
export type Brand = readonly [name: string, major: number] | null;

const marks = [' ', '(', ':', '-', '.', '/', ')', ';', '=', '?', '_'];
const greaseVersions = ['8', '99', '24'];
// The positions of entries 0, 1, 2 (GREASE, Chromium, brand), by version.
const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/**
 * Computes `sec-ch-ua` of a Chromium version.
 * Source: Chromium's user_agent_utils.cc, GREASE of User-Agent Client Hints, section 6.2; verified by captures.
 */
export function brandList(major: number, brand: Brand): string {
  const chromium = [entry(grease(major), greaseVersion(major)), entry('Chromium', String(major))];
  const list = brand === null ? chromium : [...chromium, entry(brand[0], String(brand[1]))];
  const order = brand === null ? [major % 2, (major + 1) % 2] : orderOf(major);
  const placed: string[] = [];
  list.forEach((text, index) => {
    placed[order[index] ?? index] = text;
  });
  return placed.join(', ');
}

function orderOf(major: number): readonly number[] {
  // The order was fixed before 103, as captures of Chrome and Edge 100 to 102 show.
  return (major < 103 ? orders[0] : orders[major % 6]) ?? [];
}

function grease(major: number): string {
  // Fixed strings of the versions before 105, which introduced the algorithm.
  if (major < 105) return major === 103 ? '.Not/A)Brand' : ' Not A;Brand';
  return `Not${marks[major % 11]}A${marks[(major + 1) % 11]}Brand`;
}

function greaseVersion(major: number): string {
  return major < 105 ? '99' : (greaseVersions[major % 3] ?? '');
}

function entry(name: string, version: string): string {
  return `"${name}";v="${version}"`;
}
