import { RequestError } from '../errors.ts';
import { resolveProfile } from '../presets/index.ts';
import type { FixedOption, ReadInit } from '../request/init.ts';
import { optionTable } from '../request/option-table.ts';
import { besideTransport, type ResolvedSession } from './options.ts';

/**
 * Refuses a new value for an option that is fixed when the session is created.
 *
 * @throws RequestError ERR_INVALID_OPTION that names the option
 */
export function checkFixed(init: ReadInit, session: ResolvedSession): void {
  for (const name of init.fixed ?? []) {
    if (askedFor(init, name) === fixedValue(session, name)) continue;
    const message = `Session ${optionTable[name].called} cannot be changed after creation`;
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
}

function askedFor(init: ReadInit, name: FixedOption): unknown {
  const { browser } = init;
  return name === 'browser' && browser != null ? resolveProfile(browser) : init[name];
}

function fixedValue(session: ResolvedSession, name: FixedOption): unknown {
  if (name === 'browser') return session.preset?.browser ?? null;
  return name === 'os' ? session.os : (session.connection[name] ?? optionTable[name].default);
}

/**
 * Refuses the options that a transport of the call decides.
 *
 * @throws RequestError ERR_INVALID_OPTION that names the option
 */
export function checkBesideTransport(init: ReadInit): void {
  const [name] = init.fixed ?? [];
  if (name === undefined) return;
  throw besideTransport(name);
}
