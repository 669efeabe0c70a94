/** A program of the README or the docs as it stands, but for the hosts in it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { temporaryFolder } from '../helpers/folders.ts';
import { type Ending, runOnSource } from '../helpers/run-on-source.ts';
import type { Snippet } from './snippets.ts';

export interface PreparedProgram {
  /** Runs the program, in the same folder each time; it must end well and tell nothing on stderr. */
  run(): Promise<string>;
  readonly folder: string;
}

/**
 * @param siteUrl stands for https://shop.example and https://example.com
 * @param changes what stands for another host of the reader's, and what is there in its place
 */
export async function prepareSnippet(
  snippet: Snippet | undefined,
  siteUrl: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<PreparedProgram> {
  const code = snippet?.code ?? '';
  const folder = await temporaryFolder();
  let program = code.replaceAll(/https:\/\/(shop\.)?example(\.com)?(?=\/|')/g, siteUrl);
  expect(program).toContain(siteUrl);
  for (const [placeholder, value] of Object.entries(changes)) {
    expect(program).toContain(placeholder);
    program = program.replaceAll(placeholder, value);
  }
  const file = join(folder, code.includes('require(') ? 'program.cjs' : 'program.mts');
  await writeFile(file, program);
  const run = async (): Promise<string> => {
    const ending: Ending = await runOnSource([file], { cwd: folder });
    expect([ending.errors, ending.code]).toEqual(['', 0]);
    return ending.output;
  };
  return { run, folder };
}
