/** A browser under remote control, the same for both protocols. */
import { type BrowserSettings, type CapturedBrowser, openBrowser, type RunningBrowser } from './browsers.ts';

/** One tab. The mouse and the keyboard are a person's; what `evaluate` runs has no user activation. */
export interface Tab {
  /** Does not wait for the page. */
  navigate(url: string): Promise<unknown>;
  /** What the expression gives, which must be a string. */
  evaluate(expression: string): Promise<string>;
  /** A click at this place of the window. */
  click(x: number, y: number): Promise<void>;
  pressEnter(): Promise<void>;
  type(text: string): Promise<void>;
  chooseFiles(selector: string, paths: readonly string[]): Promise<void>;
}

export interface DrivenBrowser {
  readonly version: number;
  readonly isClosed: boolean;
  /** The one tab, empty, without cookies and without other windows. */
  tab(): Promise<Tab>;
  stop(): Promise<void>;
}

/** Where the servers are that answer for every host. */
export interface HostPorts {
  readonly plain: number;
  readonly tls: number;
  readonly socks: number;
}

/** Milliseconds a browser has to start. */
const startLimit = 60_000;

/** Starts a browser and waits until it has printed where it is controlled from. */
export async function startDriven(
  browser: CapturedBrowser,
  args: readonly string[],
  pattern: RegExp,
  settings: Pick<BrowserSettings, 'preferences' | 'profile'> = {},
): Promise<{ url: string; running: RunningBrowser }> {
  let found = (_url: string): void => {};
  let fail = (_error: Error): void => {};
  const url = new Promise<string>((resolve, reject) => {
    found = resolve;
    fail = reject;
  });
  // An end after the start is noticed by the connection.
  url.catch(() => {});
  const running = await openBrowser(browser, args, {
    ...settings,
    onExit: (output) => fail(new Error(output)),
    onOutput: (output) => {
      const [, address] = pattern.exec(output) ?? [];
      if (address !== undefined) found(address);
    },
  });
  const timer = setTimeout(() => fail(new Error(`${browser} has not started`)), startLimit);
  try {
    return { url: await url, running };
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The digits after the name, as in `Chrome/156.0`. */
export function majorVersion(product: string): number {
  return Number(/(\d+)\./.exec(product)?.[1]);
}
