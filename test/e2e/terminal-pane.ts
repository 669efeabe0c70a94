/** A shell in a terminal of tmux, with keys that are typed and what a person sees. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SuiteContext } from './suite.ts';
import { run, runWith } from './system.ts';

export interface Pane {
  /** Types keys as they are. */
  type(text: string): Promise<void>;
  /** Presses a key by tmux's name: `Enter`, `C-c`, `Tab`. */
  press(key: string): Promise<void>;
  /** Types a command and presses Enter. */
  command(text: string): Promise<void>;
  /** What is on the screen; `colors` keeps escape sequences of colours. Lines that the terminal broke are one. */
  screen(options?: { readonly colors?: boolean }): Promise<string>;
  /** Waits until the screen matches. Ends with the suite's time where it never does. */
  shows(pattern: RegExp): Promise<string>;
  /** Waits for the end of the last command, and empties the screen. */
  clear(): Promise<void>;
  /** The title that programs can set. */
  title(): Promise<string>;
}

/** Starts a shell in a terminal of 80 columns and 40 lines. The suite's end kills it. */
export async function startPane(
  context: SuiteContext,
  name: string,
  shell: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Pane> {
  const socket = `jarfetch-${process.pid}-${name}`;
  const tmux = (...words: string[]): Promise<string> => run('tmux', ['-L', socket, ...words], context.signal);
  const size = ['-x', '80', '-y', '40'];
  const start = ['-L', socket, '-f', '/dev/null', 'new-session', '-d', ...size, ...shell];
  await runWith('tmux', start, { ...env, TERM: 'xterm-256color' }, context.signal);
  context.defer(
    async () => void (await run('tmux', ['-L', socket, 'kill-server'], AbortSignal.timeout(5000))),
  );
  const screen: Pane['screen'] = async ({ colors = false } = {}) =>
    (await tmux('capture-pane', '-p', '-J', ...(colors ? ['-e'] : []))).replace(/ +$/gm, '').trimEnd();
  const shows: Pane['shows'] = async (pattern) => {
    for (let asked = 0; ; asked++) {
      const text = await screen();
      if (pattern.test(text)) return text;
      // A minute is for a machine that is busy: what is not there then never comes.
      if (asked > 300) throw new Error(`${pattern} is not on the screen:\n${text}`);
      await delay(50, undefined, { signal: context.signal });
    }
  };
  let cleared = 0;
  return {
    screen,
    shows,
    type: async (text) => void (await tmux('send-keys', '-l', text)),
    press: async (key) => void (await tmux('send-keys', key)),
    command: async (text) => {
      await tmux('send-keys', '-l', text);
      await tmux('send-keys', 'Enter');
    },
    clear: async () => {
      cleared++;
      await tmux('send-keys', '-l', `clear; echo clear-$((${cleared}))-done`);
      await tmux('send-keys', 'Enter');
      await shows(new RegExp(`^clear-${cleared}-done`));
    },
    title: async () => (await tmux('display-message', '-p', '#{pane_title}')).trim(),
  };
}
