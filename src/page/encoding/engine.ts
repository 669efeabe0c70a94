/** The engine to follow where Chromium and Firefox differ. */
export type Engine = 'chromium' | 'firefox';

/** The engine of a session's browser; Safari and sessions without a preset do as Chromium does. */
export function engineOf(browser: string | null): Engine {
  return browser?.startsWith('firefox') === true ? 'firefox' : 'chromium';
}
