/**
 * The test files that `npm run test:fast` leaves out, each with its reason, as globs. `npm test` runs all files.
 * A glob that matches no file fails test/package/slow-tests.test.ts.
 */
export const slowTests: Readonly<Record<string, string>> = {
  'test/fuzz/**': 'runs thousands of mutated inputs',
  'test/process/**': 'starts processes, and keeps some of them busy for seconds',
  'test/examples.test.ts': 'starts a process for each example',
  'test/package/recipes.test.ts': 'starts a process for each recipe',
  'test/package/guide.test.ts': 'starts a process for each program of the guide',
  'test/**/*-processes.test.ts': 'starts processes that use one store',
  'test/cli/program.test.ts': 'starts a process for each command line',
  'test/**/exit.test.ts': 'starts a process for each way to end',
  'test/**/loading.test.ts': 'starts processes that load the package',
  'test/**/tls.test.ts': 'waits for a process to end by itself',
  'test/**/tls-faults.test.ts': 'makes a thousand failing handshakes',
  'test/**/many-transports.test.ts': 'makes a thousand transports and measures memory',
  'test/**/body-decoding.test.ts': 'decodes bodies that grow to their limit on each read path',
  'test/**/import.test.ts': 'reads and writes 100,000 cookies in each format',
  'test/**/cookies-in-and-out.test.ts': 'puts up to 100,000 cookies into a jar',
  'test/page/view/hostile.test.ts': 'writes pages of 100,000 elements in three ways',
  'test/linear-work-of-programs.test.ts': 'measures each reader on texts 64 times as long',
  'test/**/limits.test.ts': 'fills jars and bodies up to their limits',
};
