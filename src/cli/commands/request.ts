import { createInterface } from 'node:readline/promises';
import type { SessionResponse } from '../../index.ts';
import { type Client, withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { type ExitCode, exitCodeOfStatus } from '../exit-codes.ts';
import { type CommandRequest, completeUrl, requestOf, takeMethod } from '../request.ts';

/** Most bytes of a body that are held in memory for `--json`. */
const maxHeld = 16 * 1024 * 1024;

/** `get`, `post` and the like, and `jarfetch [METHOD] URL [item…]`. */
export async function sendRequest(invocation: Invocation): Promise<Outcome> {
  const { args, io, row } = invocation;
  const { method, rest } =
    row.method === undefined
      ? takeMethod(args.positionals, '')
      : { method: row.method, rest: args.positionals };
  const request = await requestOf(method, rest, args, io);
  return withClient(invocation, (client) =>
    isFromStdin(request) ? sendEach(invocation, client, request) : sendOne(invocation, client, request),
  );
}

function isFromStdin({ url }: CommandRequest): boolean {
  return url === completeUrl('-');
}

/** Sends a request for each line of stdin; the exit code is the first that is not 0. */
async function sendEach(invocation: Invocation, client: Client, request: CommandRequest): Promise<Outcome> {
  const { io, output } = invocation;
  let worst: ExitCode = 0;
  for await (const line of createInterface({ input: io.stdin, signal: io.signal })) {
    const url = line.trim();
    if (url === '' || url.startsWith('#')) continue;
    const { exitCode = 0, ...outcome } = await attempt(invocation, client, {
      ...request,
      url: completeUrl(url),
    });
    if (output.json !== null) await output.item({ schema: 1, ok: exitCode === 0, ...outcome });
    worst = worst === 0 ? exitCode : worst;
  }
  return { exitCode: worst };
}

/** A URL that fails does not stop the others. */
async function attempt(invocation: Invocation, client: Client, request: CommandRequest): Promise<Outcome> {
  const { io, output } = invocation;
  try {
    return await sendOne(invocation, client, request);
  } catch (error) {
    if (io.signal.aborted) throw error;
    const { showError } = await import('../failures.ts');
    const shown = showError(error);
    if (output.json === null) output.note(`jarfetch: ${shown.message}`, 'red');
    return { ...output.known, data: { error: shown }, exitCode: shown.exitCode };
  }
}

/** Sends a request, and prints the answer. */
export async function sendOne(
  invocation: Invocation,
  client: Client,
  request: CommandRequest,
): Promise<Outcome> {
  const { args, io, output } = invocation;
  output.known = { session: client.name, request: await shownRequest(request, output.showsSecrets) };
  const file = args.text('output');
  const isHeld = output.json !== null && file === undefined;
  const response = await client.session.fetch(request.url, {
    ...request.init,
    signal: io.signal,
    ...(args.flag('no-follow') ? { redirect: 'manual' } : {}),
    ...(isHeld ? { maxBodyBytes: maxHeld } : {}),
  });
  const exitCode = args.flag('no-check-status') ? 0 : exitCodeOfStatus(response.status);
  if (output.isTerminal && output.json === null) {
    const type = response.headers.get('content-type') ?? 'no type';
    output.note(`${response.status} ${response.statusText} · ${type}`, response.ok ? 'green' : 'yellow');
  }
  if (isHeld) return { ...output.known, ...(await held(response, output.showsSecrets)), exitCode };
  const bytes = file === undefined ? await print(invocation, response) : await save(response, file);
  if (output.json === null) return { exitCode };
  const { showResponse } = await import('../shown-response.ts');
  const shown = showResponse(response, bytes, output.showsSecrets);
  return { ...output.known, response: shown, data: { file }, exitCode };
}

async function shownRequest({ url, init }: CommandRequest, showsSecrets: boolean) {
  if (showsSecrets) return { method: init.method, url };
  const { maskUrl } = await import('../mask.ts');
  return { method: init.method, url: maskUrl(url) };
}

/** The body for `--json`. */
async function held(response: SessionResponse, showsSecrets: boolean): Promise<Outcome> {
  const { decoderOf, isJson, isTextual, showResponse } = await import('../shown-response.ts');
  const bytes = await response.bytes();
  const type = response.headers.get('content-type');
  const shown = showResponse(response, bytes.length, showsSecrets);
  if (!isTextual(type)) return { response: shown, data: { base64: Buffer.from(bytes).toString('base64') } };
  const text = decoderOf(type).decode(bytes);
  if (isJson(type)) {
    try {
      return { response: shown, data: { json: JSON.parse(text) } };
    } catch {
      // The body is not JSON although its type says so.
    }
  }
  return { response: shown, data: { text } };
}

/** Writes the body to stdout: unchanged into a pipe, with escaped control characters on a terminal. */
async function print({ output }: Invocation, response: SessionResponse): Promise<number> {
  let size = 0;
  if (!output.isTerminal) {
    for await (const chunk of response.readable()) {
      size += chunk.length;
      await output.bytes(chunk);
    }
    return size;
  }
  const { decoderOf, isTextual } = await import('../shown-response.ts');
  const type = response.headers.get('content-type');
  if (!isTextual(type)) {
    await response.body?.cancel();
    if (response.body !== null)
      output.note('The body is not text and is not shown: write it to a file with -o FILE', 'dim');
    return 0;
  }
  const decoder = decoderOf(type);
  let last = '';
  for await (const chunk of response.readable()) {
    size += chunk.length;
    last = decoder.decode(chunk, { stream: true });
    await output.text(last);
  }
  last = decoder.decode() || last;
  if (last !== '' && !last.endsWith('\n')) await output.text('\n');
  return size;
}

/** Writes the body to a file. A part of the file stays after a failure; `download` leaves none. */
async function save(response: SessionResponse, file: string): Promise<number> {
  const { open } = await import('node:fs/promises');
  const handle = await open(file, 'w', 0o666);
  let size = 0;
  try {
    for await (const chunk of response.readable()) {
      size += chunk.length;
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  return size;
}
