import { RequestError } from '../core/errors.ts';
import { openPage, type Page } from '../page/index.ts';
import { recordPage, restorePage } from '../page/restore-page.ts';
import { type Client, withClient } from './client.ts';
import type { Invocation, Outcome } from './command.ts';
import { exitCodeOfStatus } from './exit-codes.ts';
import { type KeptPage, PageKeeper } from './kept-page.ts';
import { maskUrl } from './mask.ts';
import { completeUrl } from './request.ts';
import { showPage } from './shown-page.ts';
import { keyOf } from './state-folder.ts';
import { UsageError } from './usage-error.ts';

/** The page that a command works with. */
export interface ReadPage {
  readonly page: Page;
  /** `null` for a page that was opened for this command. */
  readonly kept: KeptPage | null;
  readonly client: Client;
}

/** Runs `fn` with the page of `--url`, else with the page that the session keeps. */
export async function withPage(
  invocation: Invocation,
  fn: (read: ReadPage) => Promise<Outcome>,
): Promise<Outcome> {
  const url = invocation.args.text('url');
  return withClient(invocation, async (client) => {
    if (url === undefined) {
      const kept = await keptPage(invocation, client);
      return fn({ page: restorePage(client.session, kept.page), kept, client });
    }
    const page = await openPage(client.session, completeUrl(url), { signal: invocation.io.signal });
    const outcome = await fn({ page, kept: null, client });
    return { exitCode: statusCode(invocation, page), ...outcome };
  });
}

/** The name of the kept page, where a session has several. */
function pageNameOf({ args, io }: Invocation): string {
  const name = args.text('page') ?? (io.env.JARFETCH_PAGE || 'main');
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw new UsageError('--page must be 1 to 64 letters, digits, - or _');
  }
  return name;
}

/** @throws UsageError without a session, RequestError ERR_NOT_FOUND where no page is open */
export async function keptPage(invocation: Invocation, client: Client): Promise<KeptPage> {
  const kept = await keeperOf(invocation, client).load();
  if (kept !== null) return kept;
  const message = `No page is open in the session ${client.name}: open one with jarfetch open URL`;
  throw new RequestError('ERR_NOT_FOUND', message);
}

export function keeperOf(invocation: Invocation, { kept }: Client): PageKeeper {
  if (kept === null) {
    const { name } = invocation.row;
    throw new UsageError(
      `${name} needs a session that keeps the page: --session NAME, or set JARFETCH_SESSION`,
    );
  }
  return new PageKeeper(kept.pages, pageNameOf(invocation), keyOf(invocation.io));
}

/**
 * Stores the page that a command has opened, and returns its description.
 *
 * @param before the page that `back` returns to from there, `null` for none; or the known list of URLs for `back`
 */
export async function arriveAt(
  invocation: Invocation,
  client: Client,
  page: Page,
  before: KeptPage | readonly string[] | null,
): Promise<Outcome> {
  const { args, output } = invocation;
  const record = recordPage(page);
  if (client.kept !== null) {
    await keeperOf(invocation, client).keep(record, historyFrom(before));
  }
  const isSnapshot = args.flag('snapshot') && page.isHtml;
  if (isSnapshot && client.kept !== null) {
    const keeper = keeperOf(invocation, client);
    const now = await keeper.load();
    if (now !== null) await keeper.noteShown(now);
  }
  const shown = showPage(page, output.showsSecrets, isSnapshot);
  if (!page.isHtml) await page.response?.body?.cancel();
  return { ...shown, session: client.name, exitCode: statusCode(invocation, page) };
}

/** `back` does not repeat a POST. */
function historyFrom(before: KeptPage | readonly string[] | null): readonly string[] {
  if (before === null) return [];
  if (!('page' in before)) return before;
  const { page, history } = before;
  return page.reload?.method === 'GET' ? [page.url, ...history] : history;
}

function statusCode({ args }: Invocation, page: Page) {
  return args.flag('no-check-status') ? 0 : exitCodeOfStatus(page.status);
}

/** Notes the request for the output. */
export function noteRequest({ output }: Invocation, method: string, url: string): void {
  output.known = { ...output.known, request: { method, url: output.showsSecrets ? url : maskUrl(url) } };
}

/** The options of every navigation of a command. */
export function visitInit({ io }: Invocation): { readonly signal: AbortSignal } {
  return { signal: io.signal };
}
