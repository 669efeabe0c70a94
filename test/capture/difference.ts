/** Two lists of lines as one: ` ` in both, `-` only theirs, `+` only ours. A line in another place stands twice. */
export function difference(theirs: readonly string[], ours: readonly string[]): string[] {
  const [mine, ...rest] = ours;
  const [line, ...others] = theirs;
  if (line === undefined) return ours.map((each) => `+ ${each}`);
  if (mine === undefined) return theirs.map((each) => `- ${each}`);
  if (line === mine) return [`  ${line}`, ...difference(others, rest)];
  if (!ours.includes(line)) return [`- ${line}`, ...difference(others, ours)];
  if (!theirs.includes(mine)) return [`+ ${mine}`, ...difference(theirs, rest)];
  return [`- ${line}`, ...difference(others, ours)];
}
