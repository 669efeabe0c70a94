import type { HeaderEntry } from '../../core/http.ts';
import { maskHeaders } from '../../core/masking.ts';
import { mockTransport } from '../../har/mock-transport.ts';
import type { Session } from '../../index.ts';
import { withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { hidden, isSecretName, maskUrl } from '../mask.ts';
import { type CommandRequest, requestOf, takeMethod } from '../request.ts';
import { UsageError } from '../usage-error.ts';

/**
 * `curl`: prints the request as a command of curl, with the session's cookies and the browser's headers. Nothing is
 * sent.
 */
export async function printCurl(invocation: Invocation): Promise<Outcome> {
  const { args, io, output } = invocation;
  const { method, rest } = takeMethod(args.positionals, 'curl ');
  const request = await requestOf(method, rest, args, io);
  return withClient(invocation, async (client) => {
    const composed = await compose(client.session, request);
    const command = commandOf(composed, output.showsSecrets);
    return { text: command, data: { command }, session: client.name };
  });
}

interface Composed {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly HeaderEntry[];
  readonly body: Uint8Array;
}

/** The request as it would be sent. A copy of the session makes it, so that the session does not change. */
async function compose(session: Session, { url, init }: CommandRequest): Promise<Composed> {
  let composed: Composed | undefined;
  let headers: readonly HeaderEntry[] = [];
  const fork = await session.fork({
    observers: [
      {
        onRequest: ({ request }) => {
          headers = request?.headers ?? [];
        },
      },
    ],
  });
  const transport = mockTransport(async (request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    composed = { method: request.method, url: request.url, headers, body };
    return new Response(null, { status: 204 });
  });
  try {
    await fork.fetch(url, { ...init, transport });
  } finally {
    await fork.close();
    await transport.close();
  }
  if (composed === undefined) throw new Error('The request could not be created');
  return composed;
}

/** curl writes these headers itself. */
const own: ReadonlySet<string> = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);

function commandOf({ method, url, headers, body }: Composed, showsSecrets: boolean): string {
  const kept = headers.filter(([name]) => !own.has(name.toLowerCase()));
  const shown = showsSecrets ? kept : maskHeaders(kept);
  const hasBody = body.length > 0;
  const words = [
    `curl ${quoted(showsSecrets ? url : maskUrl(url))}`,
    ...(method === (hasBody ? 'POST' : 'GET') ? [] : [method === 'HEAD' ? '--head' : `-X ${quoted(method)}`]),
    ...shown.map(([name, value]) => `-H ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`),
    ...(kept.some(([name]) => name.toLowerCase() === 'accept-encoding') ? ['--compressed'] : []),
    ...(hasBody ? [`--data-raw ${quoted(bodyText(body, kept, showsSecrets))}`] : []),
  ];
  return words.join(' \\\n  ');
}

function bodyText(body: Uint8Array, headers: readonly HeaderEntry[], showsSecrets: boolean): string {
  const text = decoded(body);
  if (showsSecrets) return text;
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (type.includes('urlencoded')) return maskUrl(`?${text}`).slice(1);
  if (!type.includes('json')) return text;
  const mask = (name: string, value: unknown): unknown =>
    isSecretName(name) && typeof value !== 'object' ? hidden : value;
  return JSON.stringify(JSON.parse(text), mask);
}

function decoded(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new UsageError('The body is not text: pass it to curl as a file with --data-binary @FILE');
  }
}

/** Quotes a word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
