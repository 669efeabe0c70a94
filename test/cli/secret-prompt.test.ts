import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Arguments, Io } from '../../src/cli/command.ts';
import { Interrupted } from '../../src/cli/run.ts';
import { readPassword } from '../../src/cli/secret-input.ts';

const noArguments: Arguments = { positionals: [], text: () => undefined, texts: () => [], flag: () => false };

/** Asks on a terminal where these pieces are typed. */
async function ask(...typed: string[]) {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  });
  let shown = '';
  const stderr = new Writable({
    write: (chunk, _encoding, done) => {
      shown += chunk;
      done();
    },
  });
  const io: Io = { env: {}, stdin, stdout: stderr, stderr, signal: new AbortController().signal };
  for (const piece of typed) stdin.write(piece);
  const answer = await readPassword(noArguments, io, 'Password: ').catch((error: unknown) => error);
  return { answer, shown, modes };
}

describe('a password prompt', () => {
  it('does not echo, and restores the terminal', async () => {
    expect(await ask('S3', 'cret', '\r')).toEqual({
      ...{ answer: 'S3cret', shown: 'Password: \n', modes: [true, false] },
    });
  });

  it('allows corrections by whole characters', async () => {
    expect((await ask('ab\u007f', '🎉\b', 'c\n')).answer).toBe('ac');
  });

  it('is cancelled by Ctrl-C', async () => {
    const { answer, modes } = await ask('ab\u0003');
    expect(answer).toBeInstanceOf(Interrupted);
    expect(modes).toEqual([true, false]);
  });

  it('ends with the end of the input', async () => {
    expect((await ask('ab\u0004')).answer).toBe('ab');
  });
});
