import { toSafeJson } from '../../core/visible.ts';
import { parseTarget } from '../../page/document/target.ts';
import { type ExtractSchema, openPage, type Page, type PaginateOptions, paginate } from '../../page/index.ts';
import { restorePage } from '../../page/restore-page.ts';
import { type Client, withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { parseCount, parseDuration } from '../duration.ts';
import { maskUrl } from '../mask.ts';
import { keptPage, noteRequest, visitInit } from '../pages.ts';
import { ProgressBar } from '../progress-bar.ts';
import { completeUrl } from '../request.ts';
import { readSchema } from './extract.ts';

/** `paginate`: reads page after page; with a schema it prints the rows of all pages, one JSON object a line. */
export async function paginatePages(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  const path = args.text('extract');
  const schema = path === undefined ? null : await readSchema(invocation, path);
  return withClient(invocation, async (client) => {
    const start = await startOf(invocation, client);
    const isShown = output.stderr.isTTY === true && !output.isTerminal;
    const bar = new ProgressBar(output.stderr, isShown);
    try {
      const data = await readPages(invocation, start, schema, bar);
      return { ...(output.json === 'object' ? { data } : {}), session: client.name };
    } finally {
      bar.end();
    }
  });
}

async function readPages(
  invocation: Invocation,
  start: Page,
  schema: ExtractSchema | null,
  bar: ProgressBar,
): Promise<{ readonly pages: number; readonly items: readonly unknown[] }> {
  const { output } = invocation;
  const items: unknown[] = [];
  let pages = 0;
  for await (const page of paginate(start, optionsOf(invocation))) {
    pages++;
    const found = schema === null ? [showItem(page, output.showsSecrets)] : page.extract(schema);
    for (const item of found.slice(0, roomFor(invocation, items.length))) {
      items.push(item);
      if (output.json !== 'object') await print(invocation, schema === null ? page : null, item);
    }
    bar.count(`${pages} pages, ${items.length} items`);
    if (roomFor(invocation, items.length) <= 0) break;
  }
  return { pages, items };
}

async function startOf(invocation: Invocation, client: Client): Promise<Page> {
  const [word] = invocation.args.positionals;
  if (word === undefined) {
    return restorePage(client.session, (await keptPage(invocation, client)).page);
  }
  const url = completeUrl(word);
  noteRequest(invocation, 'GET', url);
  return openPage(client.session, url, visitInit(invocation));
}

function optionsOf(invocation: Invocation): PaginateOptions {
  const { args } = invocation;
  const next = args.text('next');
  const max = args.text('max');
  const delay = args.text('delay');
  return {
    ...visitInit(invocation),
    ...(next === undefined ? {} : { next: parseTarget(next) }),
    ...(max === undefined ? {} : { maxPages: parseCount('--max', max, 1) }),
    ...(delay === undefined ? {} : { delay: parseDuration('--delay', delay) }),
  };
}

function roomFor({ args }: Invocation, count: number): number {
  const most = args.text('max-items');
  return most === undefined ? Number.POSITIVE_INFINITY : parseCount('--max-items', most, 1) - count;
}

function showItem(page: Page, showsSecrets: boolean) {
  const url = showsSecrets ? page.url : maskUrl(page.url);
  return { url, status: page.status, ...(page.isHtml ? { title: page.title, text: page.text() } : {}) };
}

async function print({ output }: Invocation, page: Page | null, item: unknown): Promise<void> {
  if (output.json === 'lines' || page === null) return output.lines(toSafeJson(item));
  await output.lines(page.isHtml ? `${page.text()}\n` : '');
}
