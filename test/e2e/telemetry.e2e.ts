/** examples/opentelemetry.ts with the packed package and the real SDK: its spans and measurements. */
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { clientsFolder } from './client-example.ts';
import { installSmoke } from './smoke.ts';
import type { Suite } from './suite.ts';
import { run } from './system.ts';

const packages = ['api@~1.9.1', 'sdk-trace-base@^2', 'sdk-trace-node@^2', 'sdk-metrics@^2'];
const examples = join(import.meta.dirname, '../../examples');

interface Told {
  readonly span?: string;
  readonly kind?: number;
  readonly status?: number;
  readonly hasParent?: boolean;
  readonly metric?: string;
  readonly unit?: string;
  readonly count?: number;
  readonly isLong?: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export const suite: Suite = {
  name: 'telemetry',
  async run(context) {
    const { step, signal } = context;
    const folder = await installSmoke(
      context,
      packages.map((name) => `@opentelemetry/${name}`),
    );
    await cp(examples, folder, { recursive: true, filter: (source) => !source.startsWith(clientsFolder) });
    const flags = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', '--disable-warning=ExperimentalWarning'];
    const output = await step('the example runs to its end', () =>
      run(process.execPath, [...flags, join(folder, 'opentelemetry.ts')], signal, folder),
    );
    const told = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
    const requests = told.filter(({ span }) => span !== undefined && span !== 'job');
    const shown = (name: string) => requests.map(({ attributes }) => attributes[name]);
    await step('each request has a span below that of its caller', () => {
      assert.deepEqual(
        new Set(requests.map(({ kind, hasParent }) => `${kind} ${hasParent}`)),
        new Set(['2 true']),
      );
      assert.equal(requests[0]?.span, 'POST');
      assert.ok(told.some(({ span, hasParent }) => span === 'job' && hasParent === false));
    });
    await step('its attributes are those of the conventions', () => {
      assert.equal(shown('http.response.status_code')[0], 200);
      assert.ok(shown('http.response.status_code').includes(404));
      assert.deepEqual(new Set(shown('server.address')), new Set(['127.0.0.1']));
      assert.equal(shown('network.protocol.version')[0], '1.1');
      assert.equal(shown('network.peer.address')[0], '127.0.0.1');
      assert.match(String(shown('url.full')[0]), /\/api\/login\?REDACTED$/);
      assert.ok(shown('error.type').includes('404'));
      assert.equal(shown('error.type').at(-1), 'ERR_CONNECT');
      assert.ok(!output.includes('canary'));
      const failed = requests.filter(({ attributes }) => attributes['error.type'] !== undefined);
      assert.ok(failed.every(({ status }) => status === 2));
    });
    await step('its durations are measured', () => {
      const measured = told.filter(({ metric }) => metric === 'http.client.request.duration');
      assert.equal(
        measured.reduce((sum, { count = 0 }) => sum + count, 0),
        requests.length,
      );
      assert.ok(measured.every(({ unit, isLong }) => unit === 's' && isLong === false));
    });
  },
};
