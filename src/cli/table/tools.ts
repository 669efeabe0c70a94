import type { CommandRow } from '../command.ts';
import { outputOptions } from '../options.ts';

const text = (value: string, help: string) => ({ type: 'string', value, help }) as const;
const one = (help: string, ...choices: string[]) =>
  ({ type: 'string', value: 'NAME', help, choices }) as const;

export const toolRows: readonly CommandRow[] = [
  {
    ...{ name: 'headers', args: '[BROWSER] [OS]', count: [0, 2] },
    summary: 'print the headers that a browser would send; nothing is sent',
    options: {
      url: text('URL', 'where the request goes (https://example.com/)'),
      method: text('METHOD', 'GET'),
      destination: text(
        'NAME',
        'document, image, script, style, font, iframe …; empty for a fetch of a page',
      ),
      mode: one('of the request', 'navigate', 'cors', 'no-cors', 'same-origin', 'websocket'),
      referrer: text('URL', 'the page, or no-referrer'),
      'referrer-policy': text('NAME', 'as in fetch'),
      initiator: one(
        'what makes the request',
        ...['xmlhttprequest', 'eventsource', 'beacon', 'prefetch', 'preload', 'parser', 'css'],
      ),
      'content-type': text('TYPE', 'of the body, if there is one'),
      'accept-language': text('TAGS', 'such as "de-DE, en"'),
      cache: text('MODE', 'as in fetch'),
      credentials: one('as in fetch', 'omit', 'same-origin', 'include'),
      priority: one('as in fetch', 'high', 'low', 'auto'),
      header: { type: 'string', short: 'H', multiple: true, value: 'Name:value', help: 'one of your own' },
      'redirected-from': { type: 'string', multiple: true, value: 'URL', help: 'a hop before this one' },
      http2: { type: 'boolean', help: 'the list for HTTP/2' },
      ...outputOptions,
    },
    examples: [
      'jarfetch headers chrome windows --destination image',
      'jarfetch headers firefox_153 linux --json',
    ],
    load: async () => (await import('../commands/headers.ts')).printHeaders,
  },
  {
    ...{ name: 'completion', args: 'bash|zsh|fish', count: [1, 1] },
    summary: 'print what makes a shell complete commands and options',
    options: outputOptions,
    examples: [
      'source <(jarfetch completion bash)',
      'jarfetch completion fish > ~/.config/fish/completions/jarfetch.fish',
    ],
    load: async () => (await import('../commands/completion.ts')).printCompletion,
  },
];
