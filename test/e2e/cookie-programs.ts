/** The programs that read and write cookies.txt, each with a file of cookies as its only memory. */
import { run } from './system.ts';

export const PACKAGES = ['curl', 'wget', 'python3'];

export interface CookieProgram {
  readonly name: string;
  /** Cookies that it does not take from a file, though the file says them. */
  readonly loses: readonly string[];
  /** Opens pages one after the other, and keeps their cookies in the file. */
  visit(urls: readonly string[], file: string): Promise<void>;
  /** Opens a page with the cookies of the file; returns what the page shows. */
  open(url: string, file: string): Promise<string>;
}

const python = `
import os, ssl, sys, urllib.request
from http.cookiejar import MozillaCookieJar
proxy, file, keep, *urls = sys.argv[1:]
jar = MozillaCookieJar(file)
if os.path.exists(file): jar.load(ignore_discard=True, ignore_expires=True)
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({'http': proxy, 'https': proxy}),
    urllib.request.HTTPSHandler(context=ssl._create_unverified_context()),
    urllib.request.HTTPCookieProcessor(jar))
for url in urls: sys.stdout.buffer.write(opener.open(url).read())
if keep == 'keep': jar.save(ignore_discard=True, ignore_expires=True)
`;

/** The programs as they are at work behind a proxy. */
export function cookiePrograms(proxy: string, signal: AbortSignal): CookieProgram[] {
  const curl = ['-sS', '--insecure', '--proxy', proxy];
  const settings = ['use_proxy=yes', `http_proxy=${proxy}`, `https_proxy=${proxy}`];
  const wget = ['-q', '-O', '-', '--no-check-certificate', ...settings.flatMap((setting) => ['-e', setting])];
  return [
    {
      name: 'curl',
      loses: [],
      async visit(urls, file) {
        await run('/usr/bin/curl', [...curl, '--cookie', file, '--cookie-jar', file, ...urls], signal);
      },
      open: (url, file) => run('/usr/bin/curl', [...curl, '--cookie', file, url], signal),
    },
    {
      name: 'wget',
      // It takes a line that begins with #HttpOnly_ for a comment.
      loses: ['httponly'],
      async visit(urls, file) {
        const memory = ['--load-cookies', file, '--keep-session-cookies', '--save-cookies', file];
        await run('/usr/bin/wget', [...wget, ...memory, ...urls], signal);
      },
      open: (url, file) => run('/usr/bin/wget', [...wget, '--load-cookies', file, url], signal),
    },
    {
      name: 'python',
      // It takes the 0 of a session cookie for 1970, and sends nothing so old.
      loses: ['session', 'deep'],
      async visit(urls, file) {
        await run('/usr/bin/python3', ['-c', python, proxy, file, 'keep', ...urls], signal);
      },
      open: (url, file) => run('/usr/bin/python3', ['-c', python, proxy, file, '', url], signal),
    },
  ];
}
