/** What a peer makes of one call: the status and the text, or it throws. */
export interface FaultPeer {
  readonly name: string;
  readonly call: (url: string, init?: FaultInit) => Promise<{ status: number; text: string }>;
}

export interface FaultInit {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds, by the knob that the peer's documentation names for a whole call. */
  readonly timeout?: number;
}

/** Every client that is installed, ours first. */
export async function faultPeers(): Promise<FaultPeer[]> {
  const peers: FaultPeer[] = [];
  for (const [name, make] of Object.entries({
    jarfetch,
    fetch: platformFetch,
    undici,
    'fetch-cookie': fetchCookie,
    got,
    axios,
    'node-fetch': nodeFetch,
  })) {
    try {
      peers.push({ name, call: await make() });
    } catch (error) {
      console.error(`${name} is left out: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
    }
  }
  return peers;
}

type Call = FaultPeer['call'];
type Fetch = (url: string, init: object) => Promise<{ status: number; text(): Promise<string> }>;

async function jarfetch(): Promise<Call> {
  const { createSession } = await import('../src/index.ts');
  const session = await createSession();
  return async (url, init = {}) => {
    const response = await session.fetch(url, init);
    return { status: response.status, text: await response.text() };
  };
}

function ofFetch(fetch: Fetch): Call {
  return async (url, { timeout, ...init } = {}) => {
    const signal = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
    const response = await fetch(url, { ...init, signal });
    return { status: response.status, text: await response.text() };
  };
}

async function platformFetch(): Promise<Call> {
  return ofFetch(globalThis.fetch);
}

// Peers are only there after `npm install` in bench/; what they are is told by their names here.
async function load(name: string): Promise<Record<string, unknown>> {
  return await import(name);
}

async function undici(): Promise<Call> {
  return ofFetch((await load('undici')).fetch as Fetch);
}

async function nodeFetch(): Promise<Call> {
  return ofFetch((await load('node-fetch')).default as Fetch);
}

async function fetchCookie(): Promise<Call> {
  const wrap = (await load('fetch-cookie')).default as (fetch: unknown) => Fetch;
  return ofFetch(wrap((await load('undici')).fetch));
}

async function got(): Promise<Call> {
  const client = (await load('got')).default as (
    url: string,
    options: object,
  ) => Promise<{ statusCode: number; body: string }>;
  return async (url, { timeout, ...init } = {}) => {
    const options = {
      throwHttpErrors: false,
      ...(timeout === undefined ? {} : { timeout: { request: timeout } }),
    };
    const { statusCode, body } = await client(url, { ...init, ...options });
    return { status: statusCode, text: body };
  };
}

async function axios(): Promise<Call> {
  const client = (await load('axios')).default as (
    options: object,
  ) => Promise<{ status: number; data: unknown }>;
  return async (url, { body, ...init } = {}) => {
    const given = body === undefined ? {} : { data: body };
    const { status, data } = await client({
      url,
      ...init,
      ...given,
      validateStatus: () => true,
      responseType: 'text',
    });
    return { status, text: String(data) };
  };
}
