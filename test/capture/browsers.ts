/** Debian's browsers, started headless with a new profile and ended by their process id. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export type CapturedBrowser = 'chromium' | 'firefox';

/** The Debian package of each, which is its command, too. */
export const packages: Readonly<Record<CapturedBrowser, string>> = {
  chromium: 'chromium',
  firefox: 'firefox-esr',
};

/** Milliseconds a browser has to end in good order. */
const stopLimit = 3_000;

const chromiumFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Nothing that asks, reports or updates. */
const firefoxPreferences = `
user_pref('browser.aboutwelcome.enabled', false);
user_pref('browser.shell.checkDefaultBrowser', false);
user_pref('datareporting.policy.dataSubmissionEnabled', false);
user_pref('app.update.enabled', false);
user_pref('app.normandy.enabled', false);
user_pref('termsofuse.bypassNotification', true);
user_pref('intl.accept_languages', 'en-US, en');
`;

/** A running browser. */
export interface RunningBrowser {
  stop(): Promise<void>;
}

export interface BrowserSettings {
  /** Called when the browser ends by itself, with what it printed last. */
  readonly onExit: (output: string) => void;
  /** Called with the last of what it has printed so far, when there is more of it. */
  readonly onOutput?: (output: string) => void;
  /** More lines of Firefox's user.js. */
  readonly preferences?: string;
  /** The folder of a profile that outlives this run. A new one, removed at the end, where it is absent. */
  readonly profile?: string;
}

/** Starts a browser with these arguments, the last of which may be a URL that is opened as if it were typed. */
export async function openBrowser(
  browser: CapturedBrowser,
  args: readonly string[],
  { onExit, onOutput = () => {}, preferences = '', profile: kept }: BrowserSettings,
): Promise<RunningBrowser> {
  const profile = kept ?? (await mkdtemp(join(tmpdir(), 'jarfetch-browser-')));
  if (browser === 'firefox') await writeFile(join(profile, 'user.js'), firefoxPreferences + preferences);
  const own =
    browser === 'chromium'
      ? [...chromiumFlags, `--user-data-dir=${profile}`, '--accept-lang=en-US,en']
      : ['--headless', '--no-remote', '--profile', profile];
  // A group of its own: a browser is many processes.
  const child = spawn(packages[browser], [...own, ...args], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: profile },
  });
  let output = '';
  let isStopping = false;
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-4000);
    onOutput(output);
  });
  const ended = new Promise<void>((resolve) => {
    const end = (reason: string): void => {
      if (!isStopping) onExit(`${reason}\n${output}`);
      resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(`${packages[browser]} ended with ${code ?? signal}`));
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    signalGroup(child.pid, 'SIGTERM');
    await Promise.race([ended, delay(stopLimit, undefined, { ref: false })]);
    signalGroup(child.pid, 'SIGKILL');
    await ended;
    if (kept === undefined) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { stop };
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}
