import { createSession, type SessionDocument } from '../../src/index.ts';

/** A document of a session named `id` with one cookie. */
export async function documentOf(id: string, value = '1'): Promise<SessionDocument> {
  const session = await createSession({ sessionId: id });
  session.setCookie('sid', value, 'https://example.com/');
  return session.save({ userData: { text: 'ü\u{1F36A}', list: [1, null] } });
}
