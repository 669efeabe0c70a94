/** The installed browser, and as much of playwright-core as the check of the site needs. The package is one of docs. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const docsFolder: string = join(import.meta.dirname, '../../docs');

export interface BrowserPage {
  goto(url: string, options: { waitUntil: 'load' }): Promise<unknown>;
  evaluate<T>(program: string): Promise<T>;
  addStyleTag(style: { content: string }): Promise<unknown>;
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'request', listener: (request: { url(): string }) => void): void;
  close(): Promise<void>;
}

interface ContextOptions {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce';
  readonly javaScriptEnabled?: boolean;
}

export interface Browser {
  newPage(options: ContextOptions): Promise<BrowserPage>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser>;
  };
}

const requireFromDocs = createRequire(join(docsFolder, 'package.json'));

/** Chromium of Debian, or Chrome: Ubuntu has no package `chromium`, and the machines of GitHub have Chrome. */
export function installedBrowser(): string | undefined {
  return ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
}

export function launchBrowser(): Promise<Browser> {
  const { chromium }: Playwright = requireFromDocs('playwright-core');
  return chromium.launch({
    executablePath: installedBrowser() ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
}

/** Path of the script that defines `axe` in a page. */
export function axePath(): string {
  return requireFromDocs.resolve('axe-core/axe.min.js');
}
