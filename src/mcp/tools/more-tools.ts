import { readFile, rm, writeFile } from 'node:fs/promises';
import { parseTarget } from '../../page/document/target.ts';
import { download, type ExtractSchema, logIn, type Page, paginate, pollPage } from '../../page/index.ts';
import { objectOf } from '../schema.ts';
import type { Tool } from '../tool.ts';
import { ToolError } from '../tool-error.ts';
import { ServerText } from '../untrusted.ts';
import { pageFacts, showPage, viewArguments } from './page-view.ts';
import { checkUrl, hiddenOf, pageOfCall } from './visits.ts';

const sessionId = { type: 'string' } as const;

const pagePaginate: Tool = {
  name: 'page_paginate',
  title: 'Extract over several pages',
  description:
    'Goes from a kept page to its next pages (Link header, rel=next, or a link that you name) and extracts rows by a schema.',
  annotations: { readOnlyHint: true, openWorldHint: true },
  inputSchema: objectOf({
    page_id: { type: 'string' },
    schema: { type: 'object', description: 'As for page_extract' },
    'next?': { type: 'string', description: 'The link to the next page: text=…, a CSS selector' },
    'max_pages?': { type: 'integer', minimum: 1, maximum: 50, default: 5 },
    'max_items?': { type: 'integer', minimum: 1, maximum: 1000, default: 200 },
  }),
  outputSchema: objectOf({ rows: { type: 'array' } }),
  run: async (place, call) => {
    const { page, session } = await pageOfCall(place, call);
    const { args, signal } = call;
    const next = args.optionalText('next');
    const schema = args.value('schema') as ExtractSchema;
    const most = args.number('max_items', 200);
    const pages = paginate(page, {
      maxPages: args.number('max_pages', 5),
      ...(next !== undefined && { next: parseTarget(next) }),
      ...(signal !== undefined && { signal }),
    });
    const rows: unknown[] = [];
    const hidden: string[] = [];
    for await (const each of pages) {
      rows.push(...each.extract(schema, { limit: most - rows.length }));
      hidden.push(...hiddenOf(session, each));
      if (rows.length >= most) break;
    }
    return { data: { rows }, from: page.url, hidden: [...new Set([...hidden, ...hiddenOf(session)])] };
  },
};

const pageWait: Tool = {
  name: 'page_wait',
  title: 'Wait for a page',
  description: 'Opens a page again and again until a text or a CSS selector is on it.',
  annotations: { readOnlyHint: true, openWorldHint: true },
  inputSchema: objectOf({
    session_id: sessionId,
    url: { type: 'string' },
    until: { type: 'string', description: 'text=… or a CSS selector' },
    'timeout_s?': { type: 'integer', minimum: 1, maximum: 120, default: 30 },
    ...viewArguments,
  }),
  outputSchema: pageFacts,
  run: async (place, call) => {
    const { args, signal } = call;
    const session = await place.sessions.get(call.client, args.text('session_id'));
    const until = args.text('until');
    const page: Page = await pollPage(session, checkUrl(place, args.text('url')), {
      until: until.startsWith('text=') ? { text: until.slice(5) } : until,
      timeout: args.number('timeout_s', 30) * 1000,
      maxHtmlBytes: place.budget.maxHtmlBytes,
      ...(signal !== undefined && { signal }),
    });
    return showPage(place, call, session, page);
  },
};

const downloadTool: Tool = {
  name: 'download',
  title: 'Download a file',
  description: 'Downloads a URL into the folder of this server. No file that is there is replaced.',
  annotations: { destructiveHint: true, openWorldHint: true },
  inputSchema: objectOf({
    session_id: sessionId,
    url: { type: 'string' },
    file: { type: 'string', description: 'A new, plain file name' },
    'checksum?': { type: 'string', description: 'Such as sha256:…' },
  }),
  outputSchema: objectOf({ file: { type: 'string' }, size: { type: 'integer' } }),
  run: async (place, call) => {
    const { args, signal } = call;
    const session = await place.sessions.get(call.client, args.text('session_id'));
    const path = await place.files.newPath(args.text('file'));
    const checksum = args.optionalText('checksum');
    const { maxFileBytes } = place.budget;
    const limit = new AbortController();
    const { size } = await download(session, checkUrl(place, args.text('url')), path, {
      ...(checksum !== undefined && { checksum }),
      onProgress: ({ loaded }) => {
        if (loaded > maxFileBytes) limit.abort(tooLarge(maxFileBytes));
      },
      signal: signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]),
    });
    if (size > maxFileBytes) {
      await rm(path, { force: true });
      throw tooLarge(maxFileBytes);
    }
    return { data: { file: args.text('file'), size } };
  },
};

function tooLarge(most: number): ToolError {
  const next = 'Download another file. Whoever runs this server sets the limit.';
  return new ToolError('ERR_BODY_TOO_LARGE', `The file has more than ${most} bytes`, next);
}

const cookiesList: Tool = {
  name: 'cookies_list',
  title: 'List cookies',
  description: 'Lists the cookies of a session without their values.',
  annotations: { readOnlyHint: true },
  inputSchema: objectOf({ session_id: sessionId }),
  outputSchema: objectOf({ cookies: { type: 'array' } }),
  run: async ({ sessions }, { client, args }) => {
    const session = await sessions.get(client, args.text('session_id'));
    const cookies = session.exportCookies('playwright').cookies.map(({ value: _, ...cookie }) => ({
      ...cookie,
      name: new ServerText(cookie.name),
    }));
    return { data: { cookies }, hidden: hiddenOf(session) };
  },
};

const cookiesImport: Tool = {
  name: 'cookies_import',
  title: 'Import cookies',
  description:
    'Adds the cookies of a file in the folder of this server, of any format: Netscape, Playwright, Puppeteer, curl and others.',
  annotations: { idempotentHint: true },
  inputSchema: objectOf({
    session_id: sessionId,
    file: { type: 'string' },
    'url?': { type: 'string', description: 'The URL of the cookies, if the file does not say it' },
  }),
  outputSchema: objectOf({ imported: { type: 'integer' }, refused: { type: 'integer' } }),
  run: async (place, { client, args }) => {
    const session = await place.sessions.get(client, args.text('session_id'));
    const text = await readFile(await place.files.path(args.text('file')), 'utf8');
    const url = args.optionalText('url');
    const { imported, rejected } = session.importCookies(
      text,
      url === undefined ? {} : { url: checkUrl(place, url) },
    );
    return { data: { imported, refused: rejected.length } };
  },
};

const loginRun: Tool = {
  name: 'login_run',
  title: 'Log in',
  description:
    'Finds the login form of a page, fills it in and submits it once. The password is a secret of this server, given by its name.',
  annotations: { destructiveHint: true, openWorldHint: true },
  inputSchema: objectOf({
    session_id: sessionId,
    url: { type: 'string', description: 'The page with the form' },
    username: { type: 'string', description: 'May be {{secret:NAME}}' },
    password_secret: { type: 'string', description: 'The name of the secret' },
    ...viewArguments,
  }),
  outputSchema: pageFacts,
  run: async (place, call) => {
    const { args, signal, client } = call;
    const { secrets, sessions } = place;
    const session = await sessions.get(client, args.text('session_id'));
    const url = checkUrl(place, args.text('url'));
    const origin = URL.parse(String(url), sessions.baseUrlOf(session))?.origin ?? '';
    const name = args.text('password_secret');
    const page = await logIn(session, url, {
      username: secrets.expand(args.text('username'), origin),
      password: secrets.get(name, origin),
      // The page may have been redirected, and its form may lead anywhere.
      origins: secrets.originsOf(name),
      ...(signal !== undefined && { signal }),
    });
    return showPage(place, call, session, page);
  },
};

const harExport: Tool = {
  name: 'har_export',
  title: 'Write a recording',
  description:
    'Ends the recording of a session that was made with record, and writes it as HAR into the folder of this server. Cookies, tokens and passwords are masked.',
  annotations: { destructiveHint: true },
  inputSchema: objectOf({ session_id: sessionId, file: { type: 'string', description: 'A new file' } }),
  outputSchema: objectOf({ file: { type: 'string' }, requests: { type: 'integer' } }),
  run: async ({ sessions, recordings, files, secrets }, { client, args }) => {
    const { id } = await sessions.get(client, args.text('session_id'));
    const recording = recordings.get(id);
    if (recording === undefined) {
      const next = 'Make one with session_create and record: true.';
      throw new ToolError('ERR_INVALID_OPTION', 'This session is not recorded', next);
    }
    const path = await files.newPath(args.text('file'));
    const har = await recording.stop();
    try {
      await writeFile(path, secrets.scrub(JSON.stringify(har)), { mode: 0o600, flag: 'wx' });
    } catch {
      throw new ToolError(
        'ERR_FILE',
        'The file could not be written, or it exists already',
        'Give another name.',
      );
    }
    recordings.delete(id);
    return { data: { file: args.text('file'), requests: har.log.entries.length } };
  },
};

export const moreTools: readonly Tool[] = [
  ...[pagePaginate, pageWait, downloadTool, cookiesList, cookiesImport, loginRun, harExport],
];
