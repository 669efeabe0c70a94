import type { Page } from '../../page/index.ts';
import type { RegistrySession } from '../../registry/index.ts';
import { partOf, usualViewLength } from '../budget.ts';
import { objectOf, type Schema } from '../schema.ts';
import type { ToolAnswer, ToolCall, Workplace } from '../tool.ts';
import { ToolError } from '../tool-error.ts';
import { ServerText } from '../untrusted.ts';
import { hiddenOf } from './visits.ts';

/** ToolArguments that choose the view of a page. */
export const viewArguments = {
  'view?': { type: 'string', enum: ['snapshot', 'markdown', 'text'], default: 'snapshot' },
  'max_chars?': { type: 'integer', minimum: 100, maximum: 100_000, default: usualViewLength },
} as const satisfies Record<string, Schema>;

export const pageFacts = objectOf({
  page_id: { type: 'string' },
  url: { type: 'string' },
  title: { type: 'string', description: 'Text of the server, not trusted' },
  status: {},
  links: { type: 'integer' },
  forms: { type: 'integer' },
  next_cursor: { description: 'The cursor for page_snapshot, null at the end' },
  'view?': { type: 'string', description: 'Text of the server, not trusted' },
});

/** Keeps a page and shows it. */
export function showPage(place: Workplace, call: ToolCall, session: RegistrySession, page: Page): ToolAnswer {
  const size = page.isHtml ? page.html().length : 0;
  const id = place.pages.add(page, size, call.client, session.id);
  return viewPage(place, call, id, session, page);
}

/** Shows a kept page. */
export function viewPage(
  { budget, secrets }: Workplace,
  { args }: ToolCall,
  id: string,
  session: RegistrySession,
  page: Page,
): ToolAnswer {
  const length = Math.min(args.number('max_chars', usualViewLength), budget.maxViewLength);
  const hidden = hiddenOf(session, page);
  const view = args.optionalText('view') ?? 'snapshot';
  // Cut when it is clean: a value that stands at the end of a part would be shown in two pieces.
  const text = secrets.scrubber(hidden)(viewOf(page, view));
  const part = partOf(text, readCursor(args.optionalText('cursor')), length, view === 'snapshot');
  const { url } = page;
  const data = {
    page_id: id,
    url,
    title: new ServerText(page.title),
    status: page.status,
    links: page.links().length,
    forms: page.forms().length,
    next_cursor: part.next === null ? null : String(part.next),
  };
  return { data, view: { text: part.text, url }, hidden };
}

function viewOf(page: Page, view: string): string {
  if (view === 'markdown') return page.markdown();
  if (view === 'text') return page.text();
  return page.snapshot({ maxLength: Number.MAX_SAFE_INTEGER }).text;
}

/** Reads a cursor: a number as text. @throws ToolError ERR_INVALID_OPTION */
export function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,12}$/.test(cursor)) return Number(cursor);
  const next = 'Pass next_cursor of the last answer unchanged.';
  throw new ToolError('ERR_INVALID_OPTION', 'cursor must be a next_cursor', next);
}
