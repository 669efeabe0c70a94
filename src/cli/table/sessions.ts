import type { CommandRow } from '../command.ts';
import { browserOptions, callOptions, outputOptions, sessionOption } from '../options.ts';

const { verbose, 'no-check-status': _status, ...limits } = callOptions;

export const sessionRows: readonly CommandRow[] = [
  {
    ...{ name: 'session new', args: '[NAME|PATH]', count: [0, 1] },
    summary: 'create a session and print its id',
    options: {
      ttl: {
        type: 'string',
        value: 'TIME',
        help: 'how long it is kept while it is unused (JARFETCH_TTL, 7d)',
      },
      'base-url': { type: 'string', value: 'URL', help: 'the base of relative URLs in its requests' },
      header: {
        type: 'string',
        short: 'H',
        multiple: true,
        value: 'Name:value',
        help: 'sent with every request; Name:@file reads the value from a file',
      },
      cookies: {
        type: 'string',
        value: 'FILE|-',
        help: 'cookies of the new session, in any format of cookies import',
      },
      ...browserOptions,
      ...limits,
      verbose,
      ...outputOptions,
    },
    examples: [
      'export JARFETCH_SESSION=$(jarfetch session new)',
      'jarfetch session new ada --browser firefox --ttl 1h',
    ],
    load: async () => (await import('../commands/session-new.ts')).newSession,
  },
  {
    ...{ name: 'session list', args: '', count: [0, 0] },
    summary: 'list the sessions',
    options: outputOptions,
    examples: ['jarfetch session list', 'jarfetch session list --json'],
    load: async () => (await import('../commands/session-list.ts')).listSessions,
  },
  {
    ...{ name: 'session show', args: '[NAME|PATH]', count: [0, 1] },
    summary: 'show a session: browser, proxy, cookies, page, end',
    options: { ...sessionOption, ...outputOptions },
    examples: ['jarfetch session show ada', 'jarfetch session show --json'],
    load: async () => (await import('../commands/session-show.ts')).showSession,
  },
  {
    ...{ name: 'session fork', args: '[NEW NAME|PATH]', count: [0, 1] },
    summary: 'copy a session and print the id of the copy',
    options: { ...sessionOption, ...outputOptions },
    examples: ['jarfetch session fork ada-2 --session ada', 'copy=$(jarfetch session fork)'],
    load: async () => (await import('../commands/session-fork.ts')).forkSession,
  },
  {
    ...{ name: 'session close', args: '[NAME|PATH…]', count: [0, 1000] },
    summary: 'end sessions and remove their files',
    options: {
      all: { type: 'boolean', help: 'all sessions of the state folder' },
      ...sessionOption,
      ...outputOptions,
    },
    examples: ['trap "jarfetch session close" EXIT', 'jarfetch session close --all'],
    load: async () => (await import('../commands/session-close.ts')).closeSessions,
  },
  {
    ...{ name: 'session gc', args: '', count: [0, 0] },
    summary: 'remove the expired sessions',
    options: outputOptions,
    examples: ['jarfetch session gc', 'jarfetch session gc --json'],
    load: async () => (await import('../commands/session-gc.ts')).collectSessions,
  },
];
