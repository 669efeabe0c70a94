import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import type { CommandOption } from '../../src/cli/command.ts';
import { commandRows } from '../../src/cli/table/rows.ts';
import { packageVersion } from '../../src/core/version.ts';

const commands = join(import.meta.dirname, '../../src/cli/commands');

it('has no two commands with one name', () => {
  const names = commandRows.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

it.each(commandRows)('$name loads, and has examples that use it', async ({ name, examples, load }) => {
  expect(await load()).toBeTypeOf('function');
  for (const example of examples) {
    // The name of `request` may be left out.
    expect(example).toMatch(name === 'request' ? /jarfetch/ : new RegExp(`jarfetch ${name}\\b`));
  }
});

it('has one type and one letter for each option, whatever the command', () => {
  const known = new Map<string, { type: string; short: string | undefined }>();
  for (const { options } of commandRows) {
    for (const [name, { type, short }] of Object.entries<CommandOption>(options)) {
      expect({ name, type, short }).toEqual({ name, ...(known.get(name) ?? { type, short }) });
      known.set(name, { type, short });
    }
  }
});

it('has no letter for two options of one command', () => {
  for (const { name, options } of commandRows) {
    const letters = Object.values<CommandOption>(options).flatMap(({ short = [] }) => short);
    expect([name, new Set(letters).size]).toEqual([name, letters.length]);
  }
});

it('has a row for each file of a command', async () => {
  const files = readdirSync(commands).filter((file) => file.endsWith('.ts'));
  const loaded = new Set(await Promise.all(commandRows.map(({ load }) => load())));
  for (const file of files) {
    const module: Record<string, unknown> = await import(join(commands, file));
    expect([file, Object.values(module).some((value) => loaded.has(value as never))]).toEqual([file, true]);
  }
});

it('has the version of the package, and a bin that is not an entry', () => {
  expect(packageVersion).toBe(packageJson.version);
  expect(packageJson.bin).toEqual({ jarfetch: './dist/cli/main.js' });
  expect(Object.keys(packageJson.exports)).not.toContain('./cli');
  expect(existsSync(join(commands, '../index.ts'))).toBe(false);
});
