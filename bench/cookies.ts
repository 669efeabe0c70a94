import { createSession, type Session, type SessionOptions } from 'jarfetch';

/** Opens a session with `count` cookies for `origin`. */
export async function openSession(
  origin: string,
  count: number,
  options: SessionOptions = {},
): Promise<Session> {
  const session = await createSession(options);
  for (let index = 0; index < count; index++) session.setCookie(`cookie${index}`, 'value', origin);
  return session;
}
