import { readFileSync } from 'node:fs';

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
  readonly files?: readonly { readonly name: string; readonly contentBase64: string; readonly type?: string }[];
}

export interface CapturedRequest {
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

/** Pages, what was done to them, and what Chromium 156 and Firefox 153 then sent. */
export const formCases: readonly FormCase[] = JSON.parse(readFileSync(fixture, 'utf8')).cases;
