import type { CommandRow } from '../command.ts';
import { outputOptions, sessionOption } from '../options.ts';

const common = { ...sessionOption, ...outputOptions } as const;
const formats = ['netscape', 'playwright', 'chrome', 'puppeteer', 'webdriver', 'tough-cookie'] as const;

export const cookieRows: readonly CommandRow[] = [
  {
    ...{ name: 'cookies list', args: '', count: [0, 0] },
    summary: 'list the cookies of the session, without their values',
    options: {
      url: { type: 'string', value: 'URL', help: 'only those that a request to it sends' },
      ...common,
    },
    examples: ['jarfetch cookies list', 'jarfetch cookies list --url https://example.com/ --json'],
    load: async () => (await import('../commands/cookies-list.ts')).listCookies,
  },
  {
    ...{ name: 'cookies import', args: 'FILE|-', count: [1, 1] },
    summary: 'import cookies from a file of another program',
    options: {
      format: {
        type: 'string',
        value: 'NAME',
        choices: [...formats, 'cookie-header', 'curl'],
        help: 'detected by default',
      },
      url: { type: 'string', value: 'URL', help: 'the URL of the cookies, for a Cookie header' },
      ...common,
    },
    examples: [
      'jarfetch cookies import cookies.txt',
      'jarfetch cookies import - --url https://example.com/ < header.txt',
    ],
    load: async () => (await import('../commands/cookies-import.ts')).importCookies,
  },
  {
    ...{ name: 'cookies export', args: '', count: [0, 0] },
    summary: 'export the cookies for another program',
    options: {
      format: { type: 'string', value: 'NAME', choices: formats, help: 'netscape (cookies.txt) by default' },
      output: { type: 'string', short: 'o', value: 'FILE', help: 'a file that only you can read (0600)' },
      ...common,
    },
    examples: [
      'jarfetch cookies export -o cookies.txt',
      'jarfetch cookies export --format playwright -o state.json',
    ],
    load: async () => (await import('../commands/cookies-export.ts')).exportCookies,
  },
  {
    ...{ name: 'cookies set', args: 'NAME[=VALUE]', count: [1, 1] },
    summary: 'set a cookie; a secret value comes from stdin or the environment',
    options: {
      url: { type: 'string', value: 'URL', help: 'the URL that the cookie belongs to' },
      'value-stdin': { type: 'boolean', help: 'read the value from stdin' },
      'value-env': { type: 'string', value: 'NAME', help: 'read it from a variable of the environment' },
      domain: { type: 'string', value: 'DOMAIN', help: 'also for subdomains' },
      path: { type: 'string', value: 'PATH', help: 'also for paths below' },
      'max-age': {
        type: 'string',
        value: 'TIME',
        help: 'its lifetime; without it as long as the session',
      },
      secure: { type: 'boolean', help: 'for https only' },
      'http-only': { type: 'boolean', help: 'HttpOnly' },
      'same-site': { type: 'string', value: 'NAME', choices: ['strict', 'lax', 'none'], help: 'SameSite' },
      ...common,
    },
    examples: [
      'jarfetch cookies set theme=dark --url https://example.com/',
      'jarfetch cookies set sid --value-stdin --url https://example.com/ --secure < sid.txt',
    ],
    load: async () => (await import('../commands/cookies-set.ts')).setCookie,
  },
  {
    ...{ name: 'cookies clear', args: '', count: [0, 0] },
    summary: 'remove all cookies, or some',
    options: {
      name: { type: 'string', value: 'NAME', help: 'only those with this name' },
      domain: { type: 'string', value: 'DOMAIN', help: 'only those of this domain' },
      path: { type: 'string', value: 'PATH', help: 'only those of this path' },
      ...common,
    },
    examples: ['jarfetch cookies clear', 'jarfetch cookies clear --domain example.com --name sid'],
    load: async () => (await import('../commands/cookies-clear.ts')).clearCookies,
  },
  {
    ...{ name: 'cookies explain', args: 'URL', count: [1, 1] },
    summary: 'explain which cookies a URL receives, and why it does not receive the others',
    options: {
      context: {
        type: 'string',
        value: 'NAME',
        choices: ['strict', 'lax', 'none'],
        help: 'same-site request, cross-site navigation, or any other cross-site request',
      },
      ...common,
    },
    examples: [
      'jarfetch cookies explain https://example.com/cart',
      'jarfetch cookies explain example.com --context none',
    ],
    load: async () => (await import('../commands/cookies-explain.ts')).explainCookies,
  },
];
