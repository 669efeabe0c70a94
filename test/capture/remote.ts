/** Commands and their answers over a WebSocket, as the Chrome DevTools Protocol and WebDriver BiDi have them. */

/** Milliseconds for the answer to a command. */
const answerLimit = 20_000;

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: unknown;
  readonly message?: string;
}

export interface Remote {
  readonly isClosed: boolean;
  /** @param sessionId of the tab, where the protocol has one */
  send<T>(method: string, params?: object, sessionId?: string): Promise<T>;
  close(): void;
}

export async function connectRemote(url: string): Promise<Remote> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (reason: Error) => void }>();
  let last = 0;
  let isClosed = false;
  socket.addEventListener('message', ({ data }) => {
    const { id = 0, result, error, message = '' }: Answer = JSON.parse(String(data));
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(result as never);
    else asked?.reject(new Error(`${JSON.stringify(error)} ${message}`));
  });
  socket.addEventListener('close', () => {
    isClosed = true;
    for (const { reject } of waiting.values()) reject(new Error('the browser has closed the connection'));
    waiting.clear();
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error(`cannot connect to ${url}`)), { once: true });
  });
  return {
    get isClosed() {
      return isClosed;
    },
    send: <T>(method: string, params: object = {}, sessionId?: string) =>
      new Promise<T>((resolve, reject) => {
        const id = ++last;
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`no answer to ${method}`));
        }, answerLimit);
        waiting.set(id, {
          resolve: (value) => {
            clearTimeout(timer);
            resolve(value);
          },
          reject: (reason) => {
            clearTimeout(timer);
            reject(reason);
          },
        });
        socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }));
      }),
    close: () => socket.close(),
  };
}
