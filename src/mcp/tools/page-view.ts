import type { Page } from '../../page/index.ts';
import type { RegistrySession } from '../../registry/index.ts';
import { partOf, usualViewLength } from '../budget.ts';
import { objectOf, type Schema } from '../schema.ts';
import type { ToolAnswer, ToolCall, Workplace } from '../tool.ts';
import { ToolError } from '../tool-error.ts';
import { shortText } from '../untrusted.ts';
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
  const id = place.pages.add(page, call.client, session.id);
  return viewPage(place, call, id, session, page);
}

/** Shows a kept page. */
export function viewPage(
  { budget }: Workplace,
  { args }: ToolCall,
  id: string,
  session: RegistrySession,
  page: Page,
): ToolAnswer {
  const length = Math.min(args.number('max_chars', usualViewLength), budget.maxViewLength);
  const part = partOfView(
    page,
    args.optionalText('view') ?? 'snapshot',
    readCursor(args.optionalText('cursor')),
    length,
  );
  const { url } = page;
  const data = {
    page_id: id,
    url,
    title: shortText(page.title),
    status: page.status,
    links: page.links().length,
    forms: page.forms().length,
    next_cursor: part.next === null ? null : String(part.next),
  };
  return { data, view: { text: part.text, url }, hidden: hiddenOf(session) };
}

function partOfView(
  page: Page,
  view: string,
  cursor: number,
  length: number,
): { readonly text: string; readonly next: number | null } {
  if (view === 'markdown') return partOf(page.markdown(), cursor, length);
  if (view === 'text') return partOf(page.text(), cursor, length);
  const { text, cursor: next } = page.snapshot({ cursor, maxLength: length });
  return { text, next };
}

/** Reads a cursor: a number as text. @throws ToolError ERR_INVALID_OPTION */
export function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,12}$/.test(cursor)) return Number(cursor);
  const next = 'Pass next_cursor of the last answer unchanged.';
  throw new ToolError('ERR_INVALID_OPTION', 'cursor must be a next_cursor', next);
}
