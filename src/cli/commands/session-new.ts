import { callDefaults, identityOf } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { readAll, readInput, readLine } from '../input.ts';
import { completeUrl } from '../request.ts';
import { Sessions } from '../sessions.ts';
import { sessionNamed } from '../state-folder.ts';
import { headerOf } from './headers.ts';

/** `session new`: prints only the id. */
export async function newSession(invocation: Invocation): Promise<Outcome> {
  const { args, io } = invocation;
  const name = sessionNamed(args.positionals[0] ?? 'new', io);
  const ttl = args.text('ttl');
  const baseUrl = args.text('base-url');
  const file = args.text('cookies');
  const cookies = file === undefined ? undefined : await (file === '-' ? readAll(io) : readInput(file));
  const headers: [string, string][] = [];
  for (const field of args.texts('header')) {
    const [header, value] = headerOf(field);
    headers.push([header, value.startsWith('@') ? await readLine(value.slice(1)) : value]);
  }
  const kept = await new Sessions(io).create(
    name,
    callDefaults(invocation),
    {
      ...identityOf(invocation),
      ...(baseUrl === undefined ? {} : { baseUrl: completeUrl(baseUrl) }),
      ...(headers.length === 0 ? {} : { defaultHeaders: headers }),
      ...(cookies === undefined ? {} : { cookies: new Uint8Array(cookies) }),
    },
    ttl === undefined ? undefined : parseDuration('--ttl', ttl),
  );
  await kept.close();
  return { text: kept.name, session: kept.name, data: { id: kept.name } };
}
