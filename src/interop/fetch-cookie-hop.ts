import type { FetchResponse } from './foreign-response.ts';
import { setCookieLines } from './foreign-response.ts';

/** A hop as fetch-cookie sends it. */
export interface CookieHop {
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The value of the Cookie header, `''` for none. */
  cookie(): Promise<string>;
  send(headers: [string, string][]): Promise<FetchResponse>;
}

/**
 * Sends one hop by fetch-cookie, and returns the response with its Set-Cookie lines. fetch-cookie is shown a list of
 * headers made for it, and a response that only has whole lines. So it neither follows redirects, nor writes to the
 * caller's Headers, nor splits Set-Cookie at commas.
 */
export async function sendByFetchCookie(
  hop: CookieHop,
): Promise<{ readonly response: FetchResponse; readonly lines: string[] }> {
  // Loaded at the first call, since most programs do not need it.
  const { default: fetchCookie } = await import('fetch-cookie');
  const lines: string[] = [];
  let response: FetchResponse | undefined;
  const send = fetchCookie(
    async (url: string, init?: object) => {
      const headers: unknown = Reflect.get(Object(init), 'headers');
      response = await hop.send(headers as [string, string][]);
      const whole = setCookieLines(response);
      return { url, status: 200, headers: { get: () => null, has: () => false, getAll: () => whole } };
    },
    { getCookieString: hop.cookie, setCookie: async (line) => lines.push(line) },
  );
  await send(hop.url, { headers: [...hop.headers] } as object);
  if (response === undefined) throw new TypeError('there was no response');
  return { response, lines };
}
