import type { CommandRow } from '../command.ts';
import { itemOptions, linesOption, networkOptions } from '../options.ts';

const load = async () => (await import('../commands/request.ts')).sendRequest;

const options = {
  ...itemOptions,
  output: { type: 'string', short: 'o', value: 'FILE', help: 'write the body to a file' },
  'no-follow': { type: 'boolean', help: 'do not follow redirects' },
  ...linesOption,
  ...networkOptions,
} as const;

const items = 'URL|- [item…]';

/** The commands that are named after a method, with their examples. */
const methods: readonly (readonly [name: string, summary: string, examples: readonly [string, string]])[] = [
  [
    'get',
    'send a GET request and print the body; "-" reads URLs from stdin',
    [
      'jarfetch get https://example.com/api q==tea Accept:application/json',
      'cat urls | jarfetch get - --ndjson',
    ],
  ],
  [
    'head',
    'send a HEAD request',
    ['jarfetch head https://example.com/ --json', 'jarfetch head -v https://example.com/'],
  ],
  [
    'post',
    'send a POST request, with items as JSON, as a form or as multipart',
    [
      'jarfetch post https://example.com/notes text=hello tags:=\'["a","b"]\'',
      'jarfetch post https://example.com/upload --multipart note=hi photo@cat.jpg',
    ],
  ],
  [
    'put',
    'send a PUT request',
    [
      'jarfetch put https://example.com/notes/1 text=hello',
      'jarfetch put https://example.com/file -d @file.bin',
    ],
  ],
  [
    'patch',
    'send a PATCH request',
    [
      'jarfetch patch https://example.com/notes/1 done:=true',
      'jarfetch patch https://example.com/x -d @- < patch.json',
    ],
  ],
  [
    'delete',
    'send a DELETE request',
    [
      'jarfetch delete https://example.com/notes/1',
      'jarfetch delete https://example.com/notes/1 --session ada',
    ],
  ],
  [
    'options',
    'send an OPTIONS request',
    ['jarfetch options https://example.com/', 'jarfetch options https://example.com/ --json'],
  ],
];

export const requestRows: readonly CommandRow[] = [
  ...methods.map(
    ([name, summary, examples]): CommandRow => ({
      ...{ name, summary, examples, options, load },
      ...{ args: items, count: [1, 1000], method: name.toUpperCase() },
    }),
  ),
  {
    ...{ name: 'request', options, load, args: `[METHOD] ${items}`, count: [1, 1000] },
    summary: 'send a request; its name may be left out',
    examples: ['jarfetch https://example.com/notes text=hello', 'jarfetch PURGE https://example.com/page'],
  },
];
