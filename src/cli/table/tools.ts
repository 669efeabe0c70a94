import type { CommandRow } from '../command.ts';
import { itemOptions, linesOption, networkOptions, outputOptions } from '../options.ts';

const text = (value: string, help: string) => ({ type: 'string', value, help }) as const;
const one = (help: string, ...choices: string[]) =>
  ({ type: 'string', value: 'NAME', help, choices }) as const;

/** What it tells is masked in every case. */
const { 'show-secrets': _shown, verbose: _heads, ...explainOptions } = networkOptions;

export const toolRows: readonly CommandRow[] = [
  {
    ...{ name: 'headers', args: '[BROWSER] [OS]', count: [0, 2] },
    summary: 'print the headers that a browser would send, without a request',
    options: {
      url: text('URL', 'the URL of the request (https://example.com/)'),
      method: text('METHOD', 'GET'),
      destination: text(
        'NAME',
        'document, image, script, style, font, iframe …; empty for a fetch of a page',
      ),
      mode: one('of the request', 'navigate', 'cors', 'no-cors', 'same-origin', 'websocket'),
      referrer: text('URL', 'the page, or no-referrer'),
      'referrer-policy': text('NAME', 'as in fetch'),
      initiator: one(
        'the initiator of the request',
        ...['xmlhttprequest', 'eventsource', 'beacon', 'prefetch', 'preload', 'parser', 'css'],
      ),
      'content-type': text('TYPE', 'of the body, if there is one'),
      'accept-language': text('TAGS', 'such as "de-DE, en"'),
      cache: text('MODE', 'as in fetch'),
      credentials: one('as in fetch', 'omit', 'same-origin', 'include'),
      priority: one('as in fetch', 'high', 'low', 'auto'),
      header: { type: 'string', short: 'H', multiple: true, value: 'Name:value', help: 'one of your own' },
      'redirected-from': { type: 'string', multiple: true, value: 'URL', help: 'an earlier hop' },
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
    ...{ name: 'explain', args: '[METHOD] URL [item…]', count: [1, 1000] },
    summary: 'send a request and tell what happened: heads, cookies and why, redirects, times',
    options: {
      ...itemOptions,
      'no-follow': { type: 'boolean', help: 'do not follow redirects' },
      ...explainOptions,
    },
    examples: ['jarfetch explain https://example.com/cart', 'jarfetch explain example.com --session ada'],
    load: async () => (await import('../commands/explain.ts')).explainRequest,
  },
  {
    ...{ name: 'curl', args: '[METHOD] URL [item…]', count: [1, 1000] },
    summary: 'print a request as a curl command, without sending it',
    options: { ...itemOptions, ...networkOptions },
    examples: [
      'jarfetch curl https://example.com/api q==tea',
      'jarfetch curl https://example.com/api a=1 --show-secrets',
    ],
    load: async () => (await import('../commands/curl.ts')).printCurl,
  },
  {
    ...{ name: 'import-curl', args: '[FILE|-]', count: [0, 1] },
    summary: 'send the request of a copied curl command, and keep its cookies',
    options: {
      'cookies-only': { type: 'boolean', help: 'only keep the cookies, without sending the request' },
      output: { type: 'string', short: 'o', value: 'FILE', help: 'write the body to a file' },
      'no-follow': { type: 'boolean', help: 'do not follow redirects' },
      ...linesOption,
      ...networkOptions,
    },
    examples: [
      'jarfetch import-curl copied.txt --session ada',
      'xclip -o | jarfetch import-curl --cookies-only -s ada',
    ],
    load: async () => (await import('../commands/import-curl.ts')).importCurl,
  },
  {
    ...{ name: 'har record', args: 'FILE -- COMMAND…', count: [2, 1000] },
    summary: 'run a command and record what it sends and receives, without secrets',
    options: {
      'no-bodies': { type: 'boolean', help: 'record only the sizes of bodies' },
      'show-secrets': outputOptions['show-secrets'],
      help: outputOptions.help,
    },
    examples: [
      'jarfetch har record a.har -- get https://example.com/',
      'jarfetch har record a.har -- open example.com -s ada',
    ],
    load: async () => (await import('../commands/har-record.ts')).recordCommand,
  },
  {
    ...{ name: 'replay', args: 'FILE -- COMMAND…', count: [2, 1000] },
    summary: 'run a command with a recording instead of the network',
    options: {
      any: { type: 'boolean', help: 'an exchange may answer more than one request' },
      pass: { type: 'boolean', help: 'send requests that the recording does not answer' },
      help: outputOptions.help,
    },
    examples: [
      'jarfetch replay a.har -- get https://example.com/',
      'jarfetch replay a.har --any -- text --url example.com',
    ],
    load: async () => (await import('../commands/replay.ts')).replayCommand,
  },
  {
    ...{ name: 'har show', args: 'FILE', count: [1, 1] },
    summary: 'list the exchanges of a recording',
    options: outputOptions,
    examples: ['jarfetch har show a.har', 'jarfetch har show a.har --json'],
    load: async () => (await import('../commands/har-show.ts')).showHar,
  },
  {
    ...{ name: 'mcp', args: '', count: [0, 0] },
    summary: 'serve sessions, pages and forms to agents over the Model Context Protocol',
    options: {
      tools: one('which tools', 'core', 'all'),
      'allow-host': {
        ...{ type: 'string', multiple: true, value: 'HOST[:PORT]' },
        help: 'allow this host although its address is not public',
      },
      secrets: text('FILE', 'JSON of { "NAME": { "value", "origins" } } that only its owner can read'),
      folder: text('DIR', 'the folder for cookie files, uploads and downloads'),
      store: text('DIR', 'a folder that keeps sessions over restarts, encrypted with JARFETCH_KEY'),
      proxy: text('URL', 'a proxy for all requests; then only allowed hosts can be reached'),
      http: text('PORT', 'serve over HTTP at /mcp instead of standard input and output'),
      host: text('ADDRESS', 'the address of --http (127.0.0.1); others need a token'),
      'token-env': text('NAME', 'the variable with the bearer token of --http'),
    },
    examples: ['jarfetch mcp --tools all --folder ./files', 'jarfetch mcp --http 8080 --token-env MCP_TOKEN'],
    load: async () => (await import('../commands/mcp.ts')).serveMcp,
  },
  {
    ...{ name: 'completion', args: 'bash|zsh|fish', count: [1, 1] },
    summary: 'print the script that completes commands and options in a shell',
    options: outputOptions,
    examples: [
      'source <(jarfetch completion bash)',
      'jarfetch completion fish > ~/.config/fish/completions/jarfetch.fish',
    ],
    load: async () => (await import('../commands/completion.ts')).printCompletion,
  },
];
