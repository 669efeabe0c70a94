import type { HeaderEntry } from '../http.ts';
import { type HeaderLine, type Layout, layOut } from './layout.ts';
import type { Preset } from './preset.ts';
import type { WeighedFacts } from './weigh-hop.ts';

/** Layouts kept for one preset. The caller's header names are part of the key, so the number is bounded. */
const kept = 256;
/** Number of them that are compared before a key is made. The requests of a session are of few kinds. */
const near = 16;

interface Seen {
  readonly hop: WeighedFacts;
  readonly names: readonly string[];
  readonly removed: ReadonlySet<string>;
  readonly layout: Layout;
}

interface Memory {
  readonly recent: Seen[];
  readonly all: Map<string, Seen>;
  turn: number;
}

const memories = new WeakMap<Preset, Memory>();

/**
 * Finds the layout of a hop, or creates it from the preset's lines.
 *
 * @param removed lower-case names of lines that the caller removed
 */
export function layoutOf(
  preset: Preset,
  hop: WeighedFacts,
  headers: readonly HeaderEntry[],
  removed: ReadonlySet<string>,
): Layout {
  let memory = memories.get(preset);
  if (memory === undefined) {
    memory = { recent: [], all: new Map(), turn: 0 };
    memories.set(preset, memory);
  }
  for (const seen of memory.recent) if (isFor(seen, hop, headers, removed)) return seen.layout;
  const key = keyOf(hop, headers, removed);
  const seen = memory.all.get(key) ?? {
    hop,
    names: headers.map(([name]) => name),
    removed,
    layout: write(preset, hop, headers, removed),
  };
  if (memory.all.size >= kept) memory.all.clear();
  memory.all.set(key, seen);
  memory.recent[memory.turn] = seen;
  memory.turn = (memory.turn + 1) % near;
  return seen.layout;
}

function write(
  preset: Preset,
  { refererLevel, ...facts }: WeighedFacts,
  headers: readonly HeaderEntry[],
  removed: ReadonlySet<string>,
): Layout {
  const given = headers.map(([name]) => name);
  const names = [...new Set(given.map((name) => name.toLowerCase()))];
  const lines = preset.lines({ ...facts, referer: refererLevel > 0, names });
  // A line without a value is kept: it marks the place of a field that another part writes.
  const isSent = ({ value, from }: HeaderLine): boolean => value !== null || from !== undefined;
  const wanted = lines.filter((line) => !isSent(line) || !removed.has(line.name.toLowerCase()));
  return layOut(wanted, given, facts.http2 ? preset.pseudoFields : []);
}

/** Compares field by field, those that differ most often first. This is cheaper than creating and hashing a key. */
function isFor(
  seen: Seen,
  hop: WeighedFacts,
  headers: readonly HeaderEntry[],
  removed: ReadonlySet<string>,
): boolean {
  return (
    seen.names.length === headers.length &&
    isSameHop(seen.hop, hop) &&
    seen.names.every((name, index) => name === headers[index]?.[0]) &&
    isSameSet(seen.removed, removed)
  );
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a === b || (a.size === b.size && [...a].every((name) => b.has(name)));
}

function isSameHop(a: WeighedFacts, b: WeighedFacts): boolean {
  return isSameRequest(a, b) && isSameTarget(a, b);
}

function isSameRequest(a: WeighedFacts, b: WeighedFacts): boolean {
  return (
    a.method === b.method &&
    a.mode === b.mode &&
    a.destination === b.destination &&
    a.initiator === b.initiator &&
    a.initialMethod === b.initialMethod &&
    a.cache === b.cache &&
    a.priority === b.priority &&
    a.credentials === b.credentials &&
    a.userActivation === b.userActivation &&
    a.acceptLanguage === b.acceptLanguage
  );
}

function isSameTarget(a: WeighedFacts, b: WeighedFacts): boolean {
  return (
    a.site === b.site &&
    a.refererLevel > 0 === b.refererLevel > 0 &&
    a.secure === b.secure &&
    a.http2 === b.http2 &&
    a.hasBody === b.hasBody &&
    a.redirected === b.redirected &&
    a.crossOrigin === b.crossOrigin &&
    a.crossOriginFirst === b.crossOriginFirst &&
    a.ownPolicy === b.ownPolicy
  );
}

function keyOf(hop: WeighedFacts, headers: readonly HeaderEntry[], removed: ReadonlySet<string>): string {
  const request = `${hop.method} ${hop.initialMethod} ${hop.destination} ${hop.mode} ${hop.initiator} ${hop.cache}`;
  let key = `${request} ${hop.priority} ${hop.site} ${flagsOf(hop)} ${hop.acceptLanguage ?? ''}`;
  for (const header of headers) key += `\n${header[0]}`;
  // No name begins with a blank, so the keys cannot collide.
  for (const name of removed) key += `\n ${name}`;
  return key;
}

function flagsOf(hop: WeighedFacts): number {
  return (
    Number(hop.credentials) |
    (Number(hop.userActivation) << 1) |
    (Number(hop.refererLevel > 0) << 2) |
    (Number(hop.secure) << 3) |
    (Number(hop.http2) << 4) |
    (Number(hop.redirected) << 5) |
    (Number(hop.crossOrigin) << 6) |
    (Number(hop.crossOriginFirst) << 7) |
    (Number(hop.hasBody) << 8) |
    (Number(hop.ownPolicy) << 9)
  );
}
