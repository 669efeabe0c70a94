import { type ChildProcess, fork } from 'node:child_process';

export interface Server {
  readonly origin: string;
  readonly secureOrigin: string;
  /** The page over HTTP/2. */
  readonly http2Origin: string;
  /** The same by Node's own server. */
  readonly nodeHttp2Origin: string;
  stop(): void;
}

/** Starts the benchmarks' server, which ends with this process. */
export async function startServer(): Promise<Server> {
  const child = fork(new URL('./server.ts', import.meta.url));
  const [port, securePort, http2Port, nodeHttp2Port] = await answerOf<number[]>(child);
  return {
    origin: `http://127.0.0.1:${port}`,
    secureOrigin: `https://127.0.0.1:${securePort}`,
    http2Origin: `https://127.0.0.1:${http2Port}`,
    nodeHttp2Origin: `https://127.0.0.1:${nodeHttp2Port}`,
    stop: () => child.disconnect(),
  };
}

/** Starts a script of this folder as a child that answers each message with one, and ends with this process. */
export function startChild(
  script: string,
  args: readonly string[] = [],
  execArgv: string[] = [],
): ChildProcess {
  return fork(new URL(script, import.meta.url), args, { execArgv });
}

export async function ask<Answer>(child: ChildProcess, question: object): Promise<Answer> {
  const answer = answerOf<Answer>(child);
  child.send(question);
  return answer;
}

/** The next message of a child; a child that ends without a word is an error, not a wait without end. */
function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      child.off('message', onMessage);
      reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}`));
    };
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit);
      resolve(message as Answer);
    };
    child.once('exit', onExit).once('message', onMessage);
  });
}
