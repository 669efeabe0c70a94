/** Plays the cases of form-cases.json again in an installed browser, and says where it does not do what the file says. */
import { isDeepStrictEqual } from 'node:util';
import { type AnyHost, type HostRequest, startAnyHost } from '../helpers/any-host.ts';
import { comparable } from '../page/differences.ts';
import { answersOf, type Browser, type FormCase, formCases, formVersions } from '../page/form-cases.ts';
import { difference } from './difference.ts';
import type { DrivenBrowser } from './driven.ts';
import { driveChromium } from './driven-chromium.ts';
import { driveFirefox } from './driven-firefox.ts';
import { type Patience, type Played, playForm } from './form-player.ts';

interface FormDifference {
  readonly id: string;
  readonly lines: readonly string[];
}

export interface FormsReport {
  readonly version: number;
  /** Of the browser that the file was made in. */
  readonly fileVersion: number;
  readonly played: number;
  /** Alike at the second try only, by id. */
  readonly late: readonly string[];
  readonly differences: readonly FormDifference[];
}

const first: Patience = { quiet: 150, silence: 900 };
const second: Patience = { quiet: 700, silence: 2500 };

/** @param only which ids; all where it is absent */
export async function captureForms(
  browser: Browser,
  only: RegExp | undefined,
  signal: AbortSignal,
): Promise<FormsReport> {
  const cases = formCases.filter(({ id, expect }) => expect[browser] != null && (only?.test(id) ?? true));
  let answers = answersOf(formCases[0] as FormCase);
  const hosts = await startAnyHost((request) => answers(request));
  const start = (): Promise<DrivenBrowser> =>
    browser === 'chromium' ? driveChromium(hosts.ports) : driveFirefox(hosts.ports);
  let driven = await start();
  const { version } = driven;
  const fileVersion = formVersions[browser];
  const differences: FormDifference[] = [];
  const late: string[] = [];
  const play = async (one: FormCase, patience: Patience): Promise<readonly string[]> => {
    signal.throwIfAborted();
    answers = answersOf(one);
    try {
      const isOther = version !== fileVersion;
      return await compareCase(browser, driven, hosts, one, patience, isOther);
    } catch (error) {
      // It hangs, or has gone: a new one for what follows.
      await driven.stop();
      driven = await start();
      return [`! ${error instanceof Error ? error.message : String(error)}`];
    }
  };
  try {
    for (const one of cases) {
      const lines = await play(one, first);
      if (lines.length === 0) continue;
      const again = await play(one, second);
      if (again.length === 0) late.push(one.id);
      else differences.push({ id: one.id, lines: again });
    }
  } finally {
    await driven.stop();
    await hosts.close();
  }
  return { version, fileVersion, played: cases.length, late, differences };
}

async function compareCase(
  browser: Browser,
  driven: DrivenBrowser,
  hosts: AnyHost,
  one: FormCase,
  patience: Patience,
  isOtherVersion: boolean,
): Promise<readonly string[]> {
  const wanted = one.expect[browser] ?? [];
  const tab = await driven.tab();
  const played = await playForm(tab, hosts, one, wanted.length, patience);
  const linesOf = (requests: readonly HostRequest[]): string[] =>
    requests.flatMap((request) => requestLines(browser, request, isOtherVersion));
  const file = wanted.map(({ bodyBase64, scheme, ...request }) => ({
    ...request,
    scheme: scheme === 'http' ? ('http' as const) : ('https' as const),
    body: Buffer.from(bodyBase64, 'base64'),
  }));
  const theirs = linesOf(pingsLast(played.requests));
  const ours = linesOf(pingsLast(file));
  const lines = isDeepStrictEqual(theirs, ours) ? [] : difference(theirs, ours);
  return [...lines, ...viewDifferences(browser, one, played)];
}

/** The time of a ping is chance. */
function pingsLast(requests: readonly HostRequest[]): HostRequest[] {
  const isPing = ({ headers }: HostRequest): boolean => headers.some(([name]) => /^ping-to$/i.test(name));
  return [...requests.filter((each) => !isPing(each)), ...requests.filter(isPing)];
}

/** Of another version, without what says the version. */
function requestLines(browser: Browser, request: HostRequest, isOtherVersion: boolean): string[] {
  const { line, body, headers } = comparable(browser, request) as {
    line: string;
    body: string;
    headers: string[];
  };
  const kept = isOtherVersion ? headers.filter((each) => !/^(user-agent|sec-ch-ua):/i.test(each)) : headers;
  return [line, ...kept, `body ${JSON.stringify(body)}`];
}

function viewDifferences(browser: Browser, one: FormCase, played: Played): string[] {
  const { submitter: _submitter, ...dom } = (one.dom[browser] ?? {}) as Record<string, unknown>;
  const url = one.finalUrl[browser];
  const lines: string[] = [];
  if (one.dom[browser] != null && !isDeepStrictEqual(played.dom, dom)) {
    lines.push(`- page ${JSON.stringify(played.dom)}`, `+ page ${JSON.stringify(dom)}`);
  }
  if (url != null && url !== played.finalUrl) {
    lines.push(`- ends at ${played.finalUrl}`, `+ ends at ${url}`);
  }
  return lines;
}
