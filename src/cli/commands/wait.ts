import type { Session } from '../../index.ts';
import { pollPage } from '../../page/index.ts';
import { withClient } from '../client.ts';
import type { Invocation, Outcome, TerminalOutput } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { arriveAt, keeperOf, keptPage, noteRequest, visitInit } from '../pages.ts';
import { ProgressBar } from '../progress-bar.ts';
import { completeUrl } from '../request.ts';
import { UsageError } from '../usage-error.ts';

/** `wait`: requests a page again until it meets the conditions. */
export async function waitForPage(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  const [word] = args.positionals;
  const until = args.text('until');
  if (until === undefined) throw new UsageError('wait needs --until CSS or --until text=…');
  const interval = args.text('interval');
  const timeout = args.text('timeout');
  return withClient(invocation, async (client) => {
    const kept = word === undefined ? await keptPage(invocation, client) : null;
    const url = word === undefined ? (kept?.page.url ?? '') : completeUrl(word);
    const before =
      kept ?? (client.kept === null ? null : await keeperOf(invocation, client).loadForHistory());
    noteRequest(invocation, 'GET', url);
    const page = await withRequestCount(client.session, output.stderr, () =>
      pollPage(client.session, url, {
        until: until.startsWith('text=') ? { text: until.slice('text='.length) } : until,
        ...visitInit(invocation),
        ...(interval === undefined ? {} : { interval: parseDuration('--interval', interval) }),
        ...(timeout === undefined ? {} : { timeout: parseDuration('--timeout', timeout) }),
      }),
    );
    return arriveAt(invocation, client, page, before);
  });
}

/** Shows on a terminal how many requests there were. */
async function withRequestCount<Result>(
  session: Pick<Session, 'observe'>,
  stderr: TerminalOutput,
  work: () => Promise<Result>,
): Promise<Result> {
  const bar = new ProgressBar(stderr);
  let count = 0;
  const stop = session.observe({
    onCallStart: () => {
      count++;
      bar.count(count === 1 ? '1 request' : `${count} requests`);
    },
  });
  try {
    return await work();
  } finally {
    stop();
    bar.end();
  }
}
