/** A BullMQ queue over four worker processes, whose sessions live in a real redis-server (Debian's), and the worker of docs/fleet.md. */
import assert from 'node:assert/strict';
import { users } from '../../examples/site.ts';
import { installClients, runClient } from './client-example.ts';
import { runFleet } from './documented-programs.ts';
import type { Suite } from './suite.ts';
import { installPackages } from './system.ts';

export const suite: Suite = {
  name: 'bullmq',
  async run(context) {
    const { step, defer, signal } = context;
    await step('redis-server is installed', () => installPackages(['redis-server'], signal));
    await step('the clients install', () => installClients(signal));
    // Loaded now: it looks for the program.
    const { startRedis } = await import('../helpers/redis.ts');
    const server = await startRedis();
    defer(() => server.stop());
    const output = await step('the example runs to its end', () =>
      runClient('bullmq', signal, { REDIS_URL: server.url }),
    );
    await step("every job got its own account's data", () => {
      for (const { name, secret } of users)
        assert.match(output, RegExp(`^${name}: 20 of 20 jobs got "${secret}"$`, 'm'));
    });
    // Each of the five had to log in to get its data; so five logins are one each.
    await step('each account logged in once over all workers', () =>
      assert.match(output, RegExp(`^[2-4] workers, ${users.length} logins$`, 'm')),
    );
    await runFleet(context, server.url);
  },
};
