import { readFile } from 'node:fs/promises';
import type { BrowserAlias, OperatingSystem } from '../../index.ts';
import type { RegistrySession } from '../../registry/index.ts';
import type { ToolArguments } from '../arguments.ts';
import { objectOf } from '../schema.ts';
import type { Tool, Workplace } from '../tool.ts';
import { ToolError } from '../tool-error.ts';
import { showPage } from './page-view.ts';
import { openFor } from './visits.ts';

const sessionFacts = {
  session_id: { type: 'string' },
  name: {},
  expires_at: {},
  cookies: { type: 'integer' },
} as const;

const sessionCreate: Tool = {
  name: 'session_create',
  title: 'Make a session',
  description:
    'Creates a browser-like HTTP session with cookies of its own. Every later call with its session_id sends and keeps them.',
  annotations: { openWorldHint: true },
  inputSchema: objectOf({
    'name?': { type: 'string', description: 'A name for people' },
    'browser?': {
      type: 'string',
      description: 'The browser whose headers are sent, such as chrome or firefox',
      default: 'chrome',
    },
    'os?': { type: 'string', enum: ['windows', 'macos', 'linux', 'android', 'ios'] },
    'base_url?': { type: 'string', description: 'The base of relative URLs' },
    'ttl_s?': { type: 'integer', minimum: 1, maximum: 28_800, description: 'Lifetime in seconds' },
    'cookies_file?': {
      type: 'string',
      description: 'A cookie file in the folder of this server, of any format',
    },
    'fork_of?': {
      type: 'string',
      description: 'A session_id whose cookies, browser and base_url are copied',
    },
    'url?': { type: 'string', description: 'A page to open first' },
    'record?': { type: 'boolean', description: 'Record what is sent and received, for har_export' },
  }),
  outputSchema: objectOf({ ...sessionFacts, 'page?': {}, 'view?': { type: 'string' } }),
  run: async (place, call) => {
    const { client, args } = call;
    const { sessions } = place;
    const forked = await forkedFrom(place, client, args);
    const like = forked === null ? {} : sessions.likeness(forked);
    const session = await sessions.create(client, {
      name: args.optionalText('name') ?? null,
      browser: (args.optionalText('browser') as BrowserAlias | undefined) ?? like.browser ?? 'chrome',
      os: (args.optionalText('os') as OperatingSystem | undefined) ?? like.os,
      baseUrl: args.optionalText('base_url') ?? like.baseUrl,
      ttl: args.value('ttl_s') === undefined ? null : args.number('ttl_s', 0),
      cookies: forked?.exportCookies('playwright') ?? (await cookiesOf(place, args)),
    });
    if (args.flag('record')) {
      // Loaded with the first recording.
      const { recordHar } = await import('../../har/index.ts');
      place.recordings.set(session.id, recordHar(session));
    }
    const url = args.optionalText('url');
    if (url === undefined) return { data: { ...sessions.factsOf(session) } };
    const page = await openFor(place, call, session, url).catch(async (error: unknown) => {
      // Nobody would know of it.
      await sessions.close(client, session.id);
      throw error;
    });
    const { data, view, hidden = [] } = showPage(place, call, session, page);
    const facts = { ...sessions.factsOf(session), page: data };
    return view === undefined ? { data: facts, hidden } : { data: facts, view, hidden };
  },
};

async function forkedFrom(
  { sessions }: Workplace,
  client: string,
  args: ToolArguments,
): Promise<RegistrySession | null> {
  const from = args.optionalText('fork_of');
  if (from === undefined) return null;
  if (args.optionalText('cookies_file') === undefined) return sessions.get(client, from);
  const message = 'cookies_file and fork_of cannot be combined';
  throw new ToolError('ERR_INVALID_OPTION', message, 'Give one of them.');
}

async function cookiesOf({ files }: Workplace, args: ToolArguments): Promise<string | undefined> {
  const file = args.optionalText('cookies_file');
  return file === undefined ? undefined : readFile(await files.path(file), 'utf8');
}

const sessionList: Tool = {
  name: 'session_list',
  title: 'List sessions',
  description: 'Lists your sessions. No cookie values are shown.',
  annotations: { readOnlyHint: true },
  inputSchema: objectOf({}),
  outputSchema: objectOf({ sessions: { type: 'array', items: objectOf(sessionFacts) } }),
  run: async ({ sessions }, { client }) => ({ data: { sessions: await sessions.list(client) } }),
};

const sessionClose: Tool = {
  name: 'session_close',
  title: 'Close a session',
  description: 'Ends a session: its cookies and pages are gone.',
  annotations: { destructiveHint: true, idempotentHint: true },
  inputSchema: objectOf({ session_id: { type: 'string' } }),
  outputSchema: objectOf({ closed: { type: 'boolean' } }),
  run: async ({ sessions, pages, texts, recordings }, { client, args }) => {
    const id: string = args.text('session_id');
    const session: RegistrySession | null = await sessions.get(client, id).catch(() => null);
    if (session === null) return { data: { closed: false } };
    await sessions.close(client, id);
    pages.forgetOf(id);
    texts.forgetOf(id);
    recordings.delete(id);
    return { data: { closed: true } };
  },
};

export const sessionTools: readonly Tool[] = [sessionCreate, sessionList, sessionClose];
