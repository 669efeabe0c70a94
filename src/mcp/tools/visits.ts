import type { Session } from '../../index.ts';
import { openPage, type Page } from '../../page/index.ts';
import type { RegistrySession } from '../../registry/index.ts';
import type { ToolCall, Workplace } from '../tool.ts';
import { ToolError } from '../tool-error.ts';

/**
 * Checks a URL from the model: a relative one, or an absolute one, which can have another origin than the base URL.
 *
 * @throws ToolError ERR_URL_FORBIDDEN, ERR_SECRET
 */
export function checkUrl({ secrets }: Workplace, text: string): URL | string {
  secrets.refuseIn(text, 'a URL');
  const url = URL.parse(text);
  if (url === null) return text;
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new ToolError('ERR_URL_FORBIDDEN', 'Only http: and https: URLs are allowed', 'Give another URL.');
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

/** The shortest values that are hidden: shorter ones are in every page by chance. */
const shortest = { cookie: 8, password: 4 };

/** The values that must not be shown: those of cookies and of password fields. */
export function hiddenOf(session: Session, page: Page | null = null): string[] {
  const cookies = session.cookieJar.serializeSync()?.cookies.map(({ value }) => String(value)) ?? [];
  const fields = page?.isHtml === true ? page.queryAll('input[type=password]') : [];
  const passwords = fields.map((field) => field.attribute('value') ?? '');
  return [
    ...cookies.filter(({ length }) => length >= shortest.cookie),
    ...passwords.filter(({ length }) => length >= shortest.password),
  ];
}
