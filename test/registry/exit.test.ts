import { describe, expect, it } from 'vitest';
import { startChild } from '../helpers/child.ts';

/** A registry with one session, whose store prints what it saves after a turn of the loop, or never answers. */
const program = (options: string, update: string, rest: string): string => `
  import { createRegistry } from 'jarfetch/registry';
  const store = {
    shared: false,
    load: async () => null,
    ids: async () => [],
    close: async () => {},
    update: async (id, change) => { ${update} },
  };
  const registry = createRegistry({ store, saveInterval: false, ${options} });
  const session = await registry.create('ada');
  session.setCookie('sid', '1', 'https://example.com/');
  console.log('ready');
  ${rest}
`;
const slowly = `
  await new Promise((resolve) => setTimeout(resolve, 20));
  console.log('saved ' + change(null).cookies.length);
  return change(null);
`;
const never = 'return new Promise(() => {});';
const stay = 'setInterval(() => {}, 60_000);';

describe('closeOnExit', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('D13 saves on %s and ends by it', async (signal) => {
    const child = startChild(program('closeOnExit: true', slowly, stay));
    await child.printed('ready');
    child.process.kill(signal);
    expect(await child.ended).toMatchObject({ code: null, signal, output: 'ready\nsaved 1\n', errors: '' });
  });

  it('D13 saves when the process has nothing left to do', async () => {
    const child = startChild(program('closeOnExit: true', slowly, ''));
    expect(await child.ended).toMatchObject({ code: 0, output: 'ready\nsaved 1\n', errors: '' });
  });

  it('D13 does not wait for a store that never answers', async () => {
    const child = startChild(program('closeOnExit: true, exitTimeout: 50', never, stay));
    await child.printed('ready');
    child.process.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ signal: 'SIGTERM', output: 'ready\n' });
  });

  it('removes its listeners after close', async () => {
    const rest = `await registry.close(); console.log(process.listenerCount('SIGTERM') + process.listenerCount('beforeExit'));`;
    const child = startChild(program('closeOnExit: true', slowly, rest));
    expect(await child.ended).toMatchObject({ code: 0, output: 'ready\nsaved 1\n0\n' });
  });
});

describe('an open registry', () => {
  it('does not keep the process alive, and handles signals only with the option', async () => {
    const rest = `console.log(process.listenerCount('SIGTERM'), process.getActiveResourcesInfo().includes('Timeout'));`;
    const child = startChild(program('idleTimeout: 3_600_000', slowly, rest));
    expect(await child.ended).toMatchObject({ code: 0, output: 'ready\n0 false\n', errors: '' });
  });
});

describe('a job that waits for an account', () => {
  const pool = (options: string, rest: string): string => `
    import { createPool, createRegistry } from 'jarfetch/registry';
    const pool = createPool(createRegistry(), { accounts: ['ada'], ${options} });
    ${rest}
  `;

  it('keeps the process alive until the account has rested', async () => {
    const rest = `
      const results = await pool.run([1, 2, 3], async (session, item) => item);
      console.log(results.map(({ value }) => value).join());
    `;
    const child = startChild(pool('accountDelay: 30', rest));
    expect(await child.ended).toMatchObject({ code: 0, output: '1,2,3\n', errors: '' });
  });

  it('keeps the process alive until its wait ends', async () => {
    const rest = `
      await pool.lease();
      await pool.lease({ wait: 30 }).catch(({ code }) => console.log(code));
    `;
    const child = startChild(pool('', rest));
    expect(await child.ended).toMatchObject({ code: 0, output: 'ERR_TIMEOUT\n', errors: '' });
  });

  it('does not keep it alive after it has its account', async () => {
    const rest = `
      await pool.run([1, 2], async () => {});
      console.log(process.getActiveResourcesInfo().includes('Timeout'));
    `;
    const child = startChild(pool('accountDelay: 30', rest));
    expect(await child.ended).toMatchObject({ code: 0, output: 'false\n', errors: '' });
  });
});
