import { defineConfig } from 'vitest/config';
import { overTls } from './test/over-tls/project.ts';
import { slowTests } from './test/slow-tests.ts';

const slow = Object.keys(slowTests);

export default defineConfig({
  test: {
    setupFiles: ['./test/setup.ts'],
    // Two cores: more workers only make the servers and clients of a test wait for each other.
    maxWorkers: 2,
    // Guards a hang, never a speed: no test relies on it.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: slow } },
      {
        extends: true,
        test: { name: 'slow', include: slow.map((glob) => glob.replace(/\/\*\*$/, '/**/*.test.ts')) },
      },
      overTls('h2'),
      overTls('http/1.1'),
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['test/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
          },
        },
      },
    ],
    coverage: {
      include: ['src/**/*.ts'],
      // A little under what is measured, so that what is new comes with its tests.
      thresholds: { statements: 96.5, branches: 92.5, functions: 96, lines: 97.5 },
      reporter: ['text-summary', 'json-summary', 'html'],
    },
  },
});
