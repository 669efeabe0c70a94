import { parseTarget } from '../../page/document/target.ts';
import type { ExtractSchema, PageLink } from '../../page/index.ts';
import { objectOf } from '../schema.ts';
import type { Tool } from '../tool.ts';
import { ServerText } from '../untrusted.ts';
import { pageFacts, showPage, viewArguments, viewPage } from './page-view.ts';
import { hiddenOf, openFor, pageOfCall } from './visits.ts';

const target = 'A ref (@e3) of page_snapshot, text=Next, label=…, name=…, or a CSS selector';
const pageId = { type: 'string', description: 'Of page_open, page_follow or form_submit' } as const;
/** Most links or rows of one answer. */
const most = 500;

const pageOpen: Tool = {
  name: 'page_open',
  title: 'Open a page',
  description:
    'Opens an HTML page in a session, as its browser would, and shows it. The page is kept by its page_id.',
  annotations: { openWorldHint: true },
  inputSchema: objectOf({ session_id: { type: 'string' }, url: { type: 'string' }, ...viewArguments }),
  outputSchema: pageFacts,
  run: async (place, call) => {
    const session = await place.sessions.get(call.client, call.args.text('session_id'));
    const page = await openFor(place, call, session, call.args.text('url'));
    return showPage(place, call, session, page);
  },
};

const pageSnapshot: Tool = {
  name: 'page_snapshot',
  title: 'Read a page',
  description:
    'Shows a kept page, or the next part of it: text, links, forms and controls in reading order, each with a ref.',
  annotations: { readOnlyHint: true },
  inputSchema: objectOf({ page_id: pageId, ...viewArguments, 'cursor?': { type: 'string' } }),
  outputSchema: pageFacts,
  run: async (place, call) => {
    const { page, session } = await pageOfCall(place, call);
    return viewPage(place, call, call.args.text('page_id'), session, page);
  },
};

const pageLinks: Tool = {
  name: 'page_links',
  title: 'List links',
  description: 'Lists the links of a kept page.',
  annotations: { readOnlyHint: true },
  inputSchema: objectOf({
    page_id: pageId,
    'query?': { type: 'string', description: target },
    'limit?': { type: 'integer', minimum: 1, maximum: most, default: 100 },
  }),
  outputSchema: objectOf({ links: { type: 'array' }, total: { type: 'integer' } }),
  run: async (place, call) => {
    const { page, session } = await pageOfCall(place, call);
    const query = call.args.optionalText('query');
    const limit = call.args.number('limit', 100);
    const links = query === undefined ? page.links() : page.links(parseTarget(query));
    const data = { links: links.slice(0, limit).map(linkFacts), total: links.length };
    return { data, from: page.url, hidden: hiddenOf(session, page) };
  },
};

function linkFacts({ text, url, rel }: PageLink): Record<string, unknown> {
  return { text: new ServerText(text), url: url?.href ?? null, rel: rel.map((word) => new ServerText(word)) };
}

const pageFollow: Tool = {
  name: 'page_follow',
  title: 'Follow a link',
  description: 'Follows a link of a kept page, as a click would, and shows the page that it leads to.',
  annotations: { openWorldHint: true },
  inputSchema: objectOf({
    page_id: pageId,
    target: { type: 'string', description: target },
    ...viewArguments,
  }),
  outputSchema: pageFacts,
  run: async (place, call) => {
    const { page, session } = await pageOfCall(place, call);
    const signal = call.signal;
    const next = await page.follow(
      parseTarget(call.args.text('target')),
      signal === undefined ? {} : { signal },
    );
    return showPage(place, call, session, next);
  },
};

const pageExtract: Tool = {
  name: 'page_extract',
  title: 'Extract data',
  description:
    'Extracts rows from a kept page by a JSON schema: { baseSelector, fields: [{ name, selector, type: text | attribute | html | regex | nested | list | nested_list, attribute?, pattern?, fields?, default?, transform? }] }.',
  annotations: { readOnlyHint: true },
  inputSchema: objectOf({
    page_id: pageId,
    schema: { type: 'object' },
    'limit?': { type: 'integer', minimum: 1, maximum: most, default: 100 },
  }),
  outputSchema: objectOf({ rows: { type: 'array' }, misses: { type: 'array' } }),
  run: async (place, call) => {
    const { page, session } = await pageOfCall(place, call);
    const schema = call.args.value('schema') as ExtractSchema;
    const rows = page.extract(schema, { limit: call.args.number('limit', 100) });
    const data = { rows: [...rows], misses: rows.misses };
    return { data, from: page.url, hidden: hiddenOf(session, page) };
  },
};

export const pageTools: readonly Tool[] = [pageOpen, pageSnapshot, pageLinks, pageFollow];
export const extractTools: readonly Tool[] = [pageExtract];
