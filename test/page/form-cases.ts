import { readFileSync } from 'node:fs';
import type { HostAnswer, HostRequest } from '../helpers/any-host.ts';

/** One step of what a person or a script did in the browser. */
export interface Step {
  readonly click?: string;
  readonly at?: readonly [x: number, y: number];
  readonly followLink?: string;
  readonly scriptClick?: string;
  readonly enter?: string;
  readonly requestSubmit?: string | null;
  readonly submit?: string;
  readonly locationAssign?: string;
  readonly none?: boolean;
  readonly waitMs?: number;
  readonly fill?: string;
  readonly type?: string;
  readonly check?: string;
  readonly select?: string;
  readonly file?: string;
  readonly value?: string;
  readonly text?: string;
  readonly checked?: boolean;
  readonly values?: readonly string[];
  readonly byScript?: boolean;
  readonly files?: readonly {
    readonly name: string;
    readonly contentBase64: string;
    readonly type?: string;
  }[];
}

interface CapturedRequest {
  readonly method: string;
  readonly url: string;
  readonly scheme: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly bodyBase64: string;
}

export type Browser = 'chromium' | 'firefox';

interface CapturedDom {
  readonly characterSet: string;
  readonly baseURI: string;
  readonly elements?: readonly (readonly [tag: string, type: string, name: string])[];
}

export interface FormCase {
  readonly id: string;
  readonly group: string;
  readonly page: {
    readonly url: string;
    readonly status?: number;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly html?: string;
    readonly bytesBase64?: string;
    readonly once?: boolean;
  };
  readonly responses?: readonly {
    readonly url: string;
    readonly status?: number;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly html: string;
  }[];
  readonly action: readonly Step[];
  readonly form?: string;
  readonly expect: Readonly<Partial<Record<Browser, readonly CapturedRequest[] | null>>>;
  readonly dom: Readonly<Partial<Record<Browser, CapturedDom | null>>>;
  readonly finalUrl: Readonly<Partial<Record<Browser, string | null>>>;
}

const fixture = new URL('../fixtures/form-cases.json', import.meta.url);

const file: { readonly meta: Readonly<Record<Browser, string>>; readonly cases: readonly FormCase[] } =
  JSON.parse(readFileSync(fixture, 'utf8'));

/** Pages, what was done to them, and what Chromium 156 and Firefox 153 then sent. */
export const formCases = file.cases;

const versionOf = (product: string): number => Number(/\/(\d+)/.exec(product)?.[1]);

/** The browsers that the cases were captured in. */
export const formVersions: Readonly<Record<Browser, number>> = {
  chromium: versionOf(file.meta.chromium),
  firefox: versionOf(file.meta.firefox),
};

/** What the servers answer while a case is played. */
export function answersOf({ page, responses = [] }: FormCase): (request: HostRequest) => HostAnswer {
  const own = new URL(page.url);
  const always: [string, string][] = [['Cache-Control', 'no-store']];
  let served = 0;
  return ({ scheme, url, headers }) => {
    const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
    const isPage =
      own.host === host && `${own.pathname}${own.search}` === url && `${scheme}:` === own.protocol;
    if (isPage && !(page.once === true && served > 0)) {
      served++;
      const body = page.html ?? Buffer.from(page.bytesBase64 ?? '', 'base64');
      return { status: page.status ?? 200, headers: [...page.headers, ...always], body };
    }
    const response = responses.find((each) => each.url === url || each.url === `${scheme}://${host}${url}`);
    if (response === undefined) {
      return {
        headers: [['Content-Type', 'text/html'], ...always],
        body: '<!doctype html><title>ok</title>',
      };
    }
    const { status = 200, html } = response;
    return { status, headers: [...response.headers, ...always], body: html };
  };
}
