import { fileURLToPath } from 'node:url';
import type { TestProjectInlineConfiguration } from 'vitest/config';

/** The files whose scenarios go over the wire. */
const files = [
  'core/flow/cookies-on-hops',
  'core/flow/deadline',
  'core/flow/deadline-stages',
  'core/flow/exchange',
  'core/flow/limits',
  'core/flow/redirect-credentials',
  'core/flow/redirects',
  'core/flow/retry',
  'core/flow/waiting',
  'core/response/body-decoding',
  'core/response/body-streaming',
  'core/response/body-truncation',
  'core/response/response-json',
  'core/transport/connection-pool',
  'core/transport/connections',
  'core/transport/keep-alive-race',
];

/**
 * The scenarios once more, by sessions that offer HTTP/2: `h2` against servers that speak it, `http/1.1` against
 * servers that have TLS but not HTTP/2. What is not the same is listed in differences.ts.
 */
export function overTls(wire: 'h2' | 'http/1.1'): TestProjectInlineConfiguration {
  return {
    extends: true,
    resolve: {
      alias: [
        {
          find: '../../../src/index.ts',
          replacement: fileURLToPath(new URL('sessions.ts', import.meta.url)),
        },
      ],
    },
    test: {
      name: `over ${wire}`,
      env: { WIRE: wire },
      include: files.map((file) => `test/${file}.test.ts`),
      setupFiles: ['./test/setup.ts', './test/over-tls/setup.ts'],
    },
  };
}
