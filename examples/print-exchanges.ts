/** An observer that prints what `curl -v` prints, with secrets masked, and a login to watch. */
import { createSession, type ObservedExchange, type Observer } from 'jarfetch';
import { startSite } from './site.ts';

/** What observers are given is real; its JSON is masked, and that is what may be printed. */
const masked = (exchange: ObservedExchange): ObservedExchange => JSON.parse(JSON.stringify(exchange));

function printer(print: (line: string) => void): Observer {
  return {
    onRequest: (exchange) => {
      const { connection, request, attempt } = masked(exchange);
      const { address, port } = connection?.remote ?? { address: 'unknown', port: 0 };
      const how = connection?.isReused === true ? 'Re-using connection' : 'Connected';
      print(`* ${how} to ${address} port ${port}${attempt > 1 ? `, try ${attempt}` : ''}`);
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
      if (failure === null) print(`* ${receivedBytes} bytes after ${Math.round(timings.headers ?? 0)} ms`);
      else print(`* Failed: ${JSON.stringify(failure)}`);
    },
  };
}

const site = await startSite();
const session = await createSession({
  baseUrl: site.url,
  browser: 'firefox',
  observers: [printer((line) => console.log(line))],
});

await (
  await session.fetch('/api/login', { method: 'POST', json: { user: 'bob', password: 'hard-hat' } })
).text();
await (await session.fetch('/api/me')).text();

await session.close();
await site.close();
