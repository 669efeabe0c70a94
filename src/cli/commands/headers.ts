import {
  type BrowserAlias,
  type BrowserProfile,
  type EmulationContext,
  getEmulationHeaders,
  type OperatingSystem,
} from '../../index.ts';
import type { Arguments, Invocation, Outcome } from '../command.ts';
import { UsageError } from '../usage-error.ts';

const names = [
  ...['url', 'method', 'destination', 'mode', 'referrer', 'referrer-policy', 'initiator', 'content-type'],
  ...['accept-language', 'cache', 'credentials', 'priority'],
];

/** `headers`: prints the headers that a browser would send, in its order and spelling. */
export async function printHeaders({ args }: Invocation): Promise<Outcome> {
  const [browser, os] = args.positionals;
  const list = getEmulationHeaders(
    browser as BrowserProfile | BrowserAlias | undefined,
    os as OperatingSystem | undefined,
    contextOf(args),
  );
  const width = Math.max(...list.map(([name]) => name.length));
  const text = list.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
  return { text, data: { headers: list } };
}

/** The library checks the values. */
function contextOf(args: Arguments): EmulationContext {
  const texts = names
    .map((name) => [camelCase(name), args.text(name)] as const)
    .filter(([, value]) => value !== undefined);
  const redirectedFrom = args.texts('redirected-from');
  return {
    ...Object.fromEntries(texts),
    headers: args.texts('header').map(headerOf),
    ...(redirectedFrom.length === 0 ? {} : { redirectedFrom }),
    ...(args.flag('http2') ? { http2: true } : {}),
  };
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Reads `Name: value`. @throws UsageError */
export function headerOf(field: string): [name: string, value: string] {
  const colon = field.indexOf(':');
  if (colon < 1) throw new UsageError('--header must be Name:value');
  return [field.slice(0, colon).trim(), field.slice(colon + 1).trim()];
}
