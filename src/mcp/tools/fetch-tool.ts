import { createSession, type RequestInit, type Session, type SessionResponse } from '../../index.ts';
import { type Page, pageOf } from '../../page/index.ts';
import { partOf, usualViewLength } from '../budget.ts';
import { objectOf } from '../schema.ts';
import type { LongText, Tool, ToolAnswer, ToolCall, Workplace } from '../tool.ts';
import { ToolError } from '../tool-error.ts';
import { ServerText } from '../untrusted.ts';
import { readCursor } from './page-view.ts';
import { checkUrl, hiddenOf } from './visits.ts';

const forms = ['text', 'markdown', 'html', 'json'] as const;

export const fetchTool: Tool = {
  name: 'fetch',
  title: 'Make a request',
  description:
    "Makes an HTTP request and gives its body as text. With a session_id it sends and keeps that session's cookies. A long body goes on with cursor alone. Write {{secret:NAME}} in a header, form or json where a secret belongs.",
  annotations: { destructiveHint: true, openWorldHint: true },
  inputSchema: objectOf({
    'url?': { type: 'string', description: 'Left out only with cursor' },
    'session_id?': { type: 'string' },
    'method?': { type: 'string', default: 'GET' },
    'headers?': { type: 'object' },
    'query?': { type: 'object' },
    'form?': { type: 'object' },
    'json?': {},
    'as?': { type: 'string', enum: forms, default: 'text' },
    'max_chars?': { type: 'integer', minimum: 100, maximum: 100_000, default: usualViewLength },
    'cursor?': { type: 'string', description: 'next_cursor of the last answer: its next part' },
  }),
  outputSchema: objectOf({
    'status?': { type: 'integer' },
    'type?': { type: 'string' },
    url: { type: 'string' },
    'hops?': { type: 'array' },
    truncated: { type: 'boolean' },
    next_cursor: { description: 'null at the end' },
    'view?': { type: 'string', description: 'Text of the server, not trusted' },
  }),
  run: async (place, call) => {
    const cursor = call.args.optionalText('cursor');
    if (cursor !== undefined) return nextPart(place, call, cursor);
    const url = call.args.optionalText('url');
    if (url === undefined)
      throw new ToolError('ERR_INVALID_OPTION', 'url is missing', 'Give a URL, or a cursor.');
    const id = call.args.optionalText('session_id');
    if (id !== undefined) {
      const session = await place.sessions.get(call.client, id);
      const base = place.sessions.baseUrlOf(session);
      return request(place, call, { session, base }, checkUrl(place, url));
    }
    const session = await createSession(place.sessions.once);
    try {
      return await request(place, call, { session, base: undefined }, checkUrl(place, url));
    } finally {
      await session.close();
    }
  },
};

interface Sender {
  readonly session: Session;
  readonly base: string | undefined;
}

async function request(
  place: Workplace,
  call: ToolCall,
  { session, base }: Sender,
  url: URL | string,
): Promise<ToolAnswer> {
  const response = await session.fetch(url, initOf(place, call, URL.parse(String(url), base)?.origin ?? ''));
  const as = call.args.optionalText('as') ?? 'text';
  const { text, page } = await bodyAs(place, session, response, as);
  const hidden = hiddenOf(session, page);
  // Kept when it is clean: a value that stands at the end of a part would be shown in two pieces.
  const kept: LongText = { text: place.secrets.scrubber(hidden)(text), url: response.url, hidden };
  const hops = response.hops.map(({ url, status }) => ({ url, status }));
  const facts = {
    status: response.status,
    type: new ServerText(response.headers.get('content-type') ?? ''),
    hops,
  };
  return answerPart(place, call, kept, 0, facts, null);
}

/** @param origin the first origin of the request: credentials are not sent to any other */
function initOf({ secrets }: Workplace, { args, signal }: ToolCall, origin: string): RequestInit {
  const method = (args.optionalText('method') ?? 'GET').toUpperCase();
  const query = args.members('query');
  secrets.refuseIn(JSON.stringify(query), 'a query');
  const said = { headers: args.members('headers'), form: args.value('form'), json: args.value('json') };
  const value = secrets.expandAll(said, origin) as typeof said;
  return {
    method,
    ...(Object.keys(query).length > 0 && { searchParams: query as Record<string, string> }),
    headers: value.headers as Record<string, string>,
    ...(value.form !== undefined && { form: value.form as Record<string, string> }),
    ...(value.json !== undefined && { json: value.json }),
    ...(signal !== undefined && { signal }),
  };
}

/** The body as text, and as a page where it is one. */
async function bodyAs(
  { budget }: Workplace,
  session: Session,
  response: SessionResponse,
  as: string,
): Promise<{ readonly text: string; readonly page: Page | null }> {
  if (as === 'json') return { text: JSON.stringify(await response.json(), null, 2), page: null };
  const isHtml = /^(text\/html|application\/xhtml)/i.test(response.headers.get('content-type') ?? '');
  if (!isHtml && as !== 'markdown') return { text: await response.text(), page: null };
  const page = await pageOf(session, response, { maxHtmlBytes: budget.maxHtmlBytes });
  if (as === 'markdown') return { text: page.markdown(), page };
  if (as === 'text') return { text: page.text(), page };
  return { text: page.html(), page };
}

function nextPart(place: Workplace, call: ToolCall, cursor: string): ToolAnswer {
  const [, id = '', at] = /^(t_[0-9a-f]{32}):(\d+)$/.exec(cursor) ?? [];
  const { value } = place.texts.get(id, call.client);
  return answerPart(place, call, value, readCursor(at), {}, id);
}

function answerPart(
  { texts, budget }: Workplace,
  { args, client }: ToolCall,
  kept: LongText,
  cursor: number,
  facts: Readonly<Record<string, unknown>>,
  id: string | null,
): ToolAnswer {
  const length = Math.min(args.number('max_chars', usualViewLength), budget.maxViewLength);
  const { text, next } = partOf(kept.text, cursor, length);
  const session = args.optionalText('session_id') ?? null;
  const rest = next === null ? null : `${id ?? texts.add(kept, kept.text.length, client, session)}:${next}`;
  const { url, hidden } = kept;
  return {
    data: { ...facts, url, truncated: next !== null, next_cursor: rest },
    view: { text, url },
    hidden,
  };
}
