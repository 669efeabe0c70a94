import type { Session } from '../../index.ts';
import { openPage, type Page } from '../../page/index.ts';
import type { RegistrySession } from '../../registry/index.ts';
import type { ToolCall, Workplace } from '../tool.ts';
import { ToolError } from '../tool-error.ts';

/** Checks a URL from the model. @throws ToolError ERR_URL_FORBIDDEN, ERR_SECRET */
export function checkUrl({ secrets }: Workplace, text: string): string {
  secrets.refuseIn(text, 'a URL');
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') {
    throw new ToolError('ERR_URL_FORBIDDEN', 'Only http: and https: URLs are allowed', 'Give another URL.');
  }
  return text;
}

export function openFor(place: Workplace, call: ToolCall, session: Session, url: string): Promise<Page> {
  const { maxHtmlBytes } = place.budget;
  return openPage(session, checkUrl(place, url), {
    maxHtmlBytes,
    ...(call.signal && { signal: call.signal }),
  });
}

/** The page that a call names, and its session, whose idle time starts again. */
export async function pageOfCall(
  { pages, sessions }: Workplace,
  { args, client }: ToolCall,
): Promise<{ readonly page: Page; readonly session: RegistrySession }> {
  const { value: page, sessionId } = pages.get(args.text('page_id'), client);
  return { page, session: await sessions.get(client, sessionId ?? '') };
}

/** The values of a session that must not be shown: those of its cookies. */
export function hiddenOf(session: RegistrySession): string[] {
  return session.cookieJar.serializeSync()?.cookies.map(({ value }) => String(value)) ?? [];
}
