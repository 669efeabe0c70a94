// biome-ignore-all lint/correctness/noUndeclaredDependencies: the suite `telemetry` of test/e2e installs them
/**
 * An observer that makes a span and a measurement of each request, by OpenTelemetry's conventions for HTTP clients, with
 * the SDK and its exporters in memory. It needs the packages @opentelemetry/api, sdk-trace-node, sdk-trace-base and
 * sdk-metrics.
 */
import { metrics, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  createSession,
  isRequestError,
  type ObservedCall,
  type ObservedExchange,
  type Observer,
} from 'jarfetch';
import { startSite } from './site.ts';

/** https://opentelemetry.io/docs/specs/semconv/http/http-spans/: any other method is _OTHER. */
const knownMethods = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
]);

/** A URL may be a secret by its query. */
function shownUrl({ url }: ObservedExchange): string {
  const { origin, pathname, search } = new URL(url);
  return origin + pathname + (search === '' ? '' : '?REDACTED');
}

/** What spans and measurements have in common. */
function commonAttributes({ method, url }: ObservedExchange): Record<string, string | number> {
  const { hostname, port, protocol } = new URL(url);
  return {
    'http.request.method': knownMethods.has(method) ? method : '_OTHER',
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
    'url.scheme': protocol.slice(0, -1),
  };
}

/** What is known at the end of a request. */
function outcomeAttributes({
  response,
  failure,
  connection,
}: ObservedExchange): Record<string, string | number> {
  const reason = failure?.reason;
  const status = response?.status ?? 0;
  return {
    ...(status > 0 && { 'http.response.status_code': status }),
    ...(connection?.protocol != null && {
      'network.protocol.version': connection.protocol === 'h2' ? '2' : '1.1',
    }),
    ...(failure !== null && { 'error.type': isRequestError(reason) ? reason.code : 'aborted' }),
    ...(failure === null && status >= 400 && { 'error.type': `${status}` }),
  };
}

export function telemetry(): Observer {
  const tracer = trace.getTracer('jarfetch-example');
  const duration = metrics.getMeter('jarfetch-example').createHistogram('http.client.request.duration', {
    unit: 's',
    description: 'Duration of HTTP client requests.',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  const spans = new WeakMap<ObservedExchange, { span: Span; startedAt: number }>();
  const requests = new WeakMap<ObservedCall, number>();
  return {
    // The context of the call is active here: a span of the caller's is the parent.
    onExchangeStart: (exchange) => {
      const resends = requests.get(exchange.call) ?? 0;
      requests.set(exchange.call, resends + 1);
      const { method } = exchange;
      const attributes = {
        ...commonAttributes(exchange),
        'url.full': shownUrl(exchange),
        ...(!knownMethods.has(method) && { 'http.request.method_original': method }),
        ...(resends > 0 && { 'http.request.resend_count': resends }),
      };
      const name = knownMethods.has(method) ? method : 'HTTP';
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes });
      spans.set(exchange, { span, startedAt: performance.now() });
    },
    onExchangeEnd: (exchange) => {
      const { span, startedAt } = spans.get(exchange) ?? {};
      const outcome = outcomeAttributes(exchange);
      const { remote = null } = exchange.connection ?? {};
      span?.setAttributes(outcome);
      if (remote !== null) {
        span?.setAttributes({ 'network.peer.address': remote.address, 'network.peer.port': remote.port });
      }
      if (outcome['error.type'] !== undefined) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
      const seconds = (performance.now() - (startedAt ?? 0)) / 1000;
      duration.record(seconds, { ...commonAttributes(exchange), ...outcome });
    },
  };
}

const spanExporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] }).register();
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: metricExporter });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));

const site = await startSite();
const session = await createSession({ baseUrl: site.url, observers: [telemetry()] });
await trace.getTracer('caller').startActiveSpan('job', async (job) => {
  const login = { user: 'bob', password: 'hard-hat' };
  await (await session.fetch('/api/login?from=canary', { method: 'POST', json: login })).text();
  await (await session.fetch('/members')).text();
  await (await session.fetch('/nowhere')).text();
  await session.fetch(new URL('http://127.0.0.1:1/')).catch(() => {});
  job.end();
});
await session.close();
await site.close();

for (const { name, kind, status, attributes, parentSpanContext } of spanExporter.getFinishedSpans()) {
  const hasParent = parentSpanContext !== undefined;
  console.log(JSON.stringify({ span: name, kind, status: status.code, hasParent, attributes }));
}
await reader.forceFlush();
const [collected] = metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
for (const { descriptor, dataPoints } of collected?.metrics ?? []) {
  for (const { attributes, value } of dataPoints) {
    const { count, sum } = value as { count: number; sum: number };
    console.log(
      JSON.stringify({ metric: descriptor.name, unit: descriptor.unit, count, isLong: sum > 60, attributes }),
    );
  }
}
await reader.shutdown();
