import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

const source = new URL('../../src/', import.meta.url);

export interface Child {
  readonly process: ChildProcess;
  /** Resolves with what was printed so far once that has `text` in it; rejects when the child ends before. */
  printed(text: string): Promise<string>;
  readonly ended: Promise<ChildEnd>;
}

interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs a module in a Node.js process of its own; `jarfetch` and its entries are this project's sources there.
 * It is killed when the test ends.
 */
export function startChild(code: string, args: readonly string[] = [], folder?: string): Child {
  const text = code.replaceAll(/'jarfetch(?:\/(\w+))?'/g, (_, room?: string) =>
    JSON.stringify(
      pathToFileURL(new URL(room === undefined ? 'index.ts' : `${room}/index.ts`, source).pathname).href,
    ),
  );
  const quiet = '--disable-warning=ExperimentalWarning';
  const child = spawn(process.execPath, [quiet, '--input-type=module', '-e', text, '--', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk) => {
    output += chunk;
    for (const look of waiting) look();
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const ended = new Promise<ChildEnd>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, output, errors }));
  });
  const printed = (wanted: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!output.includes(wanted)) return;
        waiting.delete(look);
        resolve(output);
      };
      waiting.add(look);
      ended.then(() => reject(new Error(`the child ended: ${output}${errors}`)));
      look();
    });
  return { process: child, printed, ended };
}
