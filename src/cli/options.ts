import type { OptionRows } from './command.ts';

/** Options that several commands have, each written once. */

export const outputOptions = {
  json: {
    type: 'boolean',
    help: 'print one JSON object: schema, ok, session, request, response, data or error',
  },
  'show-secrets': { type: 'boolean', help: 'show cookie values, credentials and tokens' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
} as const satisfies OptionRows;

export const linesOption = {
  ndjson: { type: 'boolean', help: 'print one JSON object a line' },
} as const satisfies OptionRows;

export const sessionOption = {
  session: {
    type: 'string',
    short: 's',
    value: 'NAME|new|PATH',
    help: 'the session (JARFETCH_SESSION); "new" makes one and prints its id to stderr',
  },
} as const satisfies OptionRows;

export const browserOptions = {
  browser: {
    type: 'string',
    value: 'NAME',
    help: 'send the headers of this browser, such as chrome or firefox_153',
  },
  os: {
    type: 'string',
    value: 'NAME',
    choices: ['windows', 'macos', 'linux', 'android', 'ios'],
    help: 'the operating system that goes with it',
  },
  proxy: { type: 'string', value: 'URL', help: 'http, https, socks4 or socks5 proxy (JARFETCH_PROXY)' },
} as const satisfies OptionRows;

export const callOptions = {
  timeout: { type: 'string', value: 'TIME', help: 'longest time of a call: 500ms, 30s, 2m, or seconds' },
  'max-redirects': { type: 'string', value: 'N', help: 'most redirects' },
  insecure: { type: 'boolean', short: 'k', help: 'do not check the certificate of servers' },
  'no-check-status': { type: 'boolean', help: 'exit with 0 whatever the status is' },
  verbose: { type: 'boolean', short: 'v', help: 'print the heads of requests and responses to stderr' },
} as const satisfies OptionRows;

/** Options of every command that sends a request. */
export const networkOptions = {
  ...sessionOption,
  ...browserOptions,
  ...callOptions,
  ...outputOptions,
} as const satisfies OptionRows;

export const itemOptions = {
  form: { type: 'boolean', short: 'f', help: 'send k=v as a form (application/x-www-form-urlencoded)' },
  multipart: { type: 'boolean', help: 'send k=v and k@file as multipart/form-data' },
  data: { type: 'string', short: 'd', value: 'TEXT|@FILE|@-', help: 'the body: a text, a file, or stdin' },
} as const satisfies OptionRows;
