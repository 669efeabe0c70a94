import { startDeadline } from './deadline.ts';
import { redactUrl } from './errors.ts';
import type { CallEvent, RawResponse, RequestEvent, Send } from './pipeline.ts';
import type { PreparedRequest } from './request.ts';
import { createResponse, type SessionResponse } from './response.ts';

/** One call: its deadline runs until the last byte of the body. */
export async function call(send: Send, request: PreparedRequest): Promise<SessionResponse> {
  const shown = { method: request.method, url: redactUrl(request.url) };
  const { timeout, signal, onRequestEvent } = request.settings;
  const deadline = startDeadline(timeout, signal, () => shown);
  const onEvent = onRequestEvent === null ? null : stampEvents(onRequestEvent);
  onEvent?.({ type: 'request_start', url: shown.url });
  const finish = (failure: { readonly reason: unknown } | null): void => {
    deadline.end();
    onEvent?.(failure === null ? { type: 'done' } : { type: 'error', message: messageOf(failure.reason) });
  };
  let raw: RawResponse;
  try {
    raw = await send({ ...request, deadline, onEvent });
  } catch (error) {
    finish({ reason: error });
    throw error;
  }
  if (raw.body === null) finish(null);
  else raw.body.whenDone(finish);
  return createResponse(raw);
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** Gives events their time; a listener that throws does not disturb the call, as with any EventTarget. */
function stampEvents(listener: (event: RequestEvent) => void): (event: CallEvent) => void {
  const startedAt = performance.now();
  return (event) => {
    try {
      listener({ ...event, timestamp: performance.now() - startedAt });
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
