import { makeVisibleLine } from '../core/visible.ts';
import type { ObservedExchange, Observer } from '../index.ts';
import type { Output } from './output.ts';

type Printer = Pick<Output, 'note' | 'showsSecrets'>;

/**
 * Prints what `curl -v` prints: the heads as they were sent and received, on stderr, with secrets masked unless
 * `--show-secrets` is given.
 */
export function verboseObserver(output: Printer): Observer {
  const masked = (exchange: ObservedExchange): ObservedExchange =>
    // The JSON of observer records has its secrets masked.
    output.showsSecrets ? exchange : JSON.parse(JSON.stringify(exchange));
  const print = (line: string): void => output.note(makeVisibleLine(line));
  return {
    onRequest: (exchange) => {
      const { connection, request, attempt } = masked(exchange);
      const remote = connection?.remote;
      const how = connection?.isReused === true ? 'Re-using connection' : 'Connected';
      const where = remote == null ? '' : ` to ${remote.address} port ${remote.port}`;
      print(`* ${how}${where}${attempt > 1 ? `, try ${attempt}` : ''}`);
      print(`> ${request?.method} ${request?.target}`);
      for (const [name, value] of request?.headers ?? []) print(`> ${name}: ${value}`);
      print('>');
    },
    onResponse: (exchange) => {
      const { response } = masked(exchange);
      print(`< ${response?.status} ${response?.statusText}`);
      for (const [name, value] of response?.headers ?? []) print(`< ${name}: ${value}`);
      print('<');
    },
    onRetry: (_call, { attempt, wait }) => print(`* Try ${attempt} follows in ${wait} ms`),
    onExchangeEnd: (exchange) => {
      const { failure, receivedBytes, timings } = masked(exchange);
      if (failure !== null) print('* Failed');
      else print(`* ${receivedBytes} bytes after ${Math.round(timings.headers ?? 0)} ms`);
    },
  };
}
