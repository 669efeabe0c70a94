import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { differences } from './over-tls/differences.ts';
import { overTls } from './over-tls/project.ts';

interface Row {
  /** The first words of a sentence of docs/reliability.md, or the first words of a row of its table of limits. */
  readonly promise: string;
  /** For a row of the table of limits: where it is tested. */
  readonly wire?: 'HTTP/1.1' | 'HTTP/2';
  readonly file: string;
  /** As the file has it, its `%s` included. */
  readonly test: string;
}

const root = join(import.meta.dirname, '..');
const rows: Row[] = JSON.parse(readFileSync(new URL('fixtures/promises.json', import.meta.url), 'utf8'));
const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8');

/** The lines of a section that match, without what the pattern takes away. */
function linesOf(heading: string, start: RegExp): string[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => start.test(line));
  return lines.map((line) => line.replace(start, ''));
}

const promises = [
  ...linesOf('Promises', /^\d+\. /),
  ...linesOf('Timing', /^- /),
  ...linesOf('Decisions', /^- /),
];
const limits = linesOf('Limits that are on by default', /^\| (?=\w)/);
const ofPromises = rows.filter(({ wire }) => wire === undefined);
const ofLimits = rows.filter(({ wire }) => wire !== undefined);

it('the page has promises and limits', () => {
  expect([promises.length, limits.length].every((count) => count > 10)).toBe(true);
});

it('each promise has a row', () => {
  expect(promises.filter((line) => !ofPromises.some(({ promise }) => line.includes(promise)))).toEqual([]);
});

it('each limit has a row for HTTP/1.1 and for HTTP/2, or for the protocol that it names', () => {
  const missing = limits.flatMap((limit) => {
    const [name = ''] = limit.split(' |');
    const own = ofLimits.filter(({ promise }) => promise === name);
    const wires = (['HTTP/1.1', 'HTTP/2'] as const).filter(
      (wire) => !/HTTP\/[12]/.test(name) || name.includes(wire),
    );
    return wires.filter((wire) => !own.some((row) => row.wire === wire)).map((wire) => `${wire}: ${name}`);
  });
  expect(missing).toEqual([]);
});

it('each row is about a sentence or a limit of the page', () => {
  expect(ofPromises.filter(({ promise }) => !page.includes(promise))).toEqual([]);
  expect(ofLimits.filter(({ promise }) => !limits.some((limit) => limit.startsWith(`${promise} |`)))).toEqual(
    [],
  );
});

it('each row names a test that exists', () => {
  const isThere = ({ file, test }: Row): boolean => {
    const path = join(root, file);
    return existsSync(path) && readFileSync(path, 'utf8').includes(test);
  };
  expect(rows.filter((row) => !isThere(row))).toEqual([]);
});

it('each row for HTTP/2 names a test that runs over HTTP/2', () => {
  const repeated = overTls('h2').test?.include ?? [];
  const leftOut = differences.filter(({ wires }) => wires.includes('h2')).flatMap(({ tests }) => tests);
  const runs = ({ file, test }: Row): boolean =>
    file.includes('http2') || (repeated.includes(file) && !leftOut.some((start) => test.startsWith(start)));
  expect(rows.filter((row) => row.wire === 'HTTP/2' && !runs(row))).toEqual([]);
});
