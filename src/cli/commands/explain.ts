import { callLog, loggedCall } from '../../har/call-log.ts';
import { explainCall } from '../../har/explain-call.ts';
import type { SessionResponse } from '../../index.ts';
import { withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { exitCodeOfStatus } from '../exit-codes.ts';
import { noteRequest } from '../pages.ts';
import { requestOf, takeMethod } from '../request.ts';
import { hasColors } from '../terminal.ts';

/** Most bytes of a body that are read, so that its size and time can be told. */
const maxRead = 16 * 1024 * 1024;

/** `explain`: sends a request and prints what happened in the place of the body. */
export async function explainRequest(invocation: Invocation): Promise<Outcome> {
  const { args, io, output } = invocation;
  const { method, rest } = takeMethod(args.positionals, 'explain ');
  const { url, init } = await requestOf(method, rest, args, io);
  return withClient(invocation, async (client) => {
    noteRequest(invocation, init.method, url);
    const stop = client.session.observe(callLog());
    const redirect = args.flag('no-follow') ? ({ redirect: 'manual' } as const) : {};
    try {
      const response = await client.session.fetch(url, { ...init, ...redirect, signal: io.signal });
      await readSome(response);
      const exitCode = args.flag('no-check-status') ? 0 : exitCodeOfStatus(response.status);
      return { ...(await tell(invocation, response)), session: client.name, exitCode };
    } catch (error) {
      // In JSON the error stands in the place of the text.
      if (output.json === null && loggedCall(error) !== null) await tell(invocation, error);
      throw error;
    } finally {
      stop();
    }
  });
}

/** Reads a body to its end; one that has none is left after {@link maxRead} bytes. */
async function readSome(response: SessionResponse): Promise<void> {
  let size = 0;
  for await (const chunk of response.readable()) {
    size += chunk.length;
    if (size >= maxRead) break;
  }
}

async function tell({ io, output }: Invocation, subject: unknown): Promise<Outcome> {
  const text = explainCall(subject, { color: output.json === null && hasColors(io, io.stdout) });
  // The text is safe for a terminal as it is, and its colours are to reach it.
  if (output.json === null) await output.bytes(`${text}\n`);
  return { data: { text } };
}
