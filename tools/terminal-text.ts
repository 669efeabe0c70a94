/**
 * Commands of the program against the demo site, with what they print on a terminal. Times and the port are replaced
 * by stable ones, so that the same program prints the same.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { startSite } from '../examples/site.ts';
import type { Io } from '../src/cli/command.ts';
import { runCommandLine } from '../src/cli/run.ts';
import { commandRows } from '../src/cli/table/rows.ts';

/** Columns of the terminal. */
export const columns = 80;

/** A line that is typed. */
interface TypedLine {
  readonly shown: string;
  readonly words: readonly string[];
  /** What is typed at a prompt. */
  readonly typed?: string;
}

/** The port that the picture shows in the place of the demo site's. */
const shownPort = 3000;

const line = (text: string, typed?: string): TypedLine => ({
  shown: text,
  words: text
    .split(' ')
    .slice(1)
    .map((word) => word.replace(/^'(.*)'$/, '$1')),
  ...(typed === undefined ? {} : { typed }),
});

const lines: readonly TypedLine[] = [
  line('jarfetch session new ada --browser firefox --os linux'),
  line('jarfetch open :3000/login -i'),
  line('jarfetch login :3000/login --user alice', 'white-rabbit\r'),
  line("jarfetch query '#secret'"),
  line('jarfetch get :3000/api/me'),
  line('jarfetch cookies list'),
  line('jarfetch session close'),
  line('jarfetch get :3000/api/me'),
];

/** What a terminal shows of all lines, one after another, with its colours. */
export async function terminalText(): Promise<string> {
  const site = await startSite();
  const folder = await mkdtemp(join(tmpdir(), 'jarfetch-picture-'));
  const port = new URL(site.url).port;
  let text = '';
  try {
    const env = { XDG_STATE_HOME: folder, JARFETCH_SESSION: 'ada' };
    for (const { shown, words, typed } of lines) {
      text += `\u001b[1m$ ${shown}\u001b[0m\n`;
      const real = words.map((word) => word.replace(`:${shownPort}/`, `:${port}/`));
      text += await shownBy(real, env, typed);
    }
  } finally {
    await site.close();
    await rm(folder, { recursive: true });
  }
  return stable(text, port);
}

/** Both outputs of a command on one terminal. */
async function shownBy(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  typed: string | undefined,
): Promise<string> {
  let text = '';
  const terminal = Object.assign(
    new Writable({
      write: (chunk, _encoding, done) => {
        text += chunk;
        done();
      },
    }),
    { isTTY: true, columns },
  );
  const stdin = Readable.from(typed === undefined ? [] : [Buffer.from(typed)]);
  const io: Io = {
    ...{ env, stdout: terminal, stderr: terminal, signal: new AbortController().signal },
    stdin: Object.assign(stdin, { isTTY: true, setRawMode: () => {} }),
  };
  await runCommandLine(words, io, commandRows);
  return text;
}

/** The same text whenever and wherever it is made. */
function stable(text: string, port: string): string {
  return text
    .replaceAll(`:${port}`, `:${shownPort}`)
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2027-11-27T12:00:00.000Z');
}
