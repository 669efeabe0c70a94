import { readFile } from 'node:fs/promises';
import type { Io } from './command.ts';
import { UsageError } from './usage-error.ts';

/** @throws UsageError for a file that cannot be read, before anything is sent */
export async function readInput(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new UsageError(`The file ${JSON.stringify(path)} cannot be read${code}`);
  }
}

/** The text of a file that is one line: editors and `echo` end it with a line break. @throws UsageError */
export async function readLine(path: string): Promise<string> {
  return withoutLineBreak((await readInput(path)).toString('utf8'));
}

export function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** Largest input that is read from stdin, in bytes. */
const maxInput = 256 * 1024 * 1024;

/** All of stdin. */
export async function readAll({ stdin }: Pick<Io, 'stdin'>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > maxInput) throw new UsageError(`stdin has more than ${maxInput} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
