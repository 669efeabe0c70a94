import { inspect } from 'node:util';

/** The secret that tests plant. */
export const canary = 'c4n4ry';

/** Everything that a log could show of a value: at full depth, hidden properties too, as JSON, with every stack. */
function shownOf(value: unknown): string {
  const parts = [
    inspect(value, {
      depth: Number.POSITIVE_INFINITY,
      showHidden: true,
      maxStringLength: null,
      maxArrayLength: null,
    }),
    inspect(value),
  ];
  try {
    parts.push(JSON.stringify(value) ?? '');
  } catch {
    // What cannot be written as JSON is not shown by it.
  }
  for (let error = value; error instanceof Error; error = error.cause)
    parts.push(String(error), error.stack ?? '');
  return parts.join('\n');
}

/** The names of the values that show the planted secret, with what they show. */
export function leaking(values: Readonly<Record<string, unknown>>): string[] {
  const secrets = [canary, Buffer.from(`ada:${canary}`).toString('base64')];
  return Object.entries(values).flatMap(([name, value]) => {
    const shown = shownOf(value);
    return secrets.filter((secret) => shown.includes(secret)).map((secret) => `${name}: ${secret}`);
  });
}
