/** Each snippet of the README and the docs type-checks, strictly, as a newcomer's editor would do it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../tools/entries.ts';
import { publicNames } from './public-names.ts';
import { documents, type Snippet, snippetsOf } from './snippets.ts';

const snippets = documents.flatMap(snippetsOf);

/** What a fragment leaves to its reader: values of the program that it stands in. */
const surroundings = `
  declare const session: import('jarfetch').Session;
  declare const other: import('jarfetch').Session;
  declare const page: import('jarfetch/page').Page;
  declare const registry: import('jarfetch/registry').Registry;
  declare const [proxy, password, url]: [string, string, string];
  declare const urls: string[];
  declare const users: { name: string; password: string }[];
  declare const user: { name: string; password: string };
  declare interface User { readonly name: string }
  declare const orders: import('jarfetch/page').Page;
  declare const schema: import('jarfetch/page').ExtractSchema;
  declare const { expect, vi }: typeof import('vitest');
  declare let token: string;
  declare function newToken(): Promise<string>;
  declare function credentialsOf(account: string): Promise<{ username: string; password: string }>;
  declare function stopTakingWork(): Promise<void>;
  declare function report(error: unknown): void;
  declare const options: import('jarfetch/registry').GetOrCreateOptions;
  declare const { readFile, writeFile }: typeof import('node:fs/promises');
  // Packages that are not installed here; the suites mocks and jest run them.
  declare const jest: { useFakeTimers(options: object): void; advanceTimersByTimeAsync(ms: number): Promise<void> };
  declare const browser: { newContext(options: object): Promise<object> };
  declare const context: { storageState(): Promise<object> };
`;

/** As much of packages that are not installed here as the snippets use. */
const mocks = `
  declare module 'bullmq' {
    interface Connected { readonly connection: import('ioredis').Redis }
    interface Task { readonly account: string; readonly path: string }
    export class Worker {
      constructor(queue: string, work: (job: { data: Task }) => Promise<string>, options: Connected & { concurrency: number });
      close(): Promise<void>;
    }
    export class Queue {
      constructor(name: string, options: Connected);
      add(name: string, data: Task, options: { attempts: number; backoff: object }): Promise<object>;
      close(): Promise<void>;
    }
  }
  declare module 'msw' {
    export const http: { get(url: string, answer: () => Response): object };
    export const HttpResponse: { text(body: string): Response };
    export function getResponse(handlers: readonly object[], request: Request): Promise<Response | undefined>;
  }
  declare module 'nock' {
    function nock(origin: string): { get(path: string): { reply(status: number, body: string): void } };
    namespace nock { function disableNetConnect(): void }
    export default nock;
  }
`;

/** A fragment without imports has what it calls of the package; the text around it says from where. */
function withImports({ code }: Snippet): string {
  // As TypeScript reads CommonJS in a file of its own kind.
  if (/\brequire\(/.test(code))
    return code.replace(/^const (.+) = require\((.+)\);$/gm, 'import $1 from $2;');
  if (/^import /m.test(code)) return code;
  const lines = Object.entries(publicNames).map(([entry, names]) => {
    const used = names.filter((name) => new RegExp(`(?<![.\\w])${name}\\(`).test(code));
    return used.length === 0
      ? ''
      : `import { ${used.join(', ')} } from '${entry.replace('.', 'jarfetch')}'; `;
  });
  return `${lines.join('')}${code}\nexport {};`;
}

const pathOf = ({ document, line }: Snippet): string =>
  join(root, `${document.replaceAll('/', '-')}-${line}.ts`);

/** What the compiler says of each file, all of them in one program. */
function diagnose(files: ReadonlyMap<string, string>): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  const getSourceFile = host.getSourceFile;
  host.getSourceFile = (path, ...rest) => {
    const text = files.get(path);
    return text === undefined
      ? getSourceFile(path, ...rest)
      : ts.createSourceFile(path, text, ts.ScriptTarget.ES2023);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return new Map(
    [...files.keys()].map((path) => {
      const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(path));
      return [path, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}

describe('the snippets of the README and the docs', () => {
  let found: Map<string, string[]>;
  beforeAll(() => {
    const files = new Map([
      [join(root, 'surroundings.d.ts'), surroundings],
      [join(root, 'mocks.d.ts'), mocks],
    ]);
    for (const snippet of snippets) files.set(pathOf(snippet), withImports(snippet));
    found = diagnose(files);
  });

  it('are many', () => {
    expect(snippets.length).toBeGreaterThan(20);
  });

  it('have surroundings that type-check', () => {
    expect(found.get(join(root, 'surroundings.d.ts'))).toEqual([]);
  });

  it.each(snippets)('$document:$line type-checks', (snippet) => {
    expect(found.get(pathOf(snippet))).toEqual([]);
  });
});

/** Each kind of block in the docs, and what checks it. */
const checkedBy: Readonly<Record<string, string>> = {
  js: 'type-checked above; programs are run by recipes.test.ts and guide.test.ts',
  ts: 'the same',
  sh: 'read by bash in shell-snippets.test.ts; those of docs/cli.md are run by shell-processes.test.ts',
  json: 'parsed below',
  mjs: 'programs of other clients, run by the suite clients of npm run test:e2e',
  python: 'the same',
  text: 'what a program prints; troubleshooting.test.ts compares it',
  yaml: 'not checked: read by Docker and Kubernetes, which the tests do not have',
  dockerfile: 'the same',
  '': 'no code',
};

describe('the blocks of the README and the docs', () => {
  const blocks = documents.flatMap((document) =>
    [...readFileSync(join(root, document), 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
      ([, language = '', code = '']) => ({ document, language, code }),
    ),
  );

  it('are of kinds that are listed here with what checks them', () => {
    expect([...new Set(blocks.map(({ language }) => language))].sort()).toEqual(
      Object.keys(checkedBy).sort(),
    );
  });

  it.each(blocks.filter(({ language }) => language === 'json'))('$document has valid JSON', ({ code }) => {
    expect(() => JSON.parse(code)).not.toThrow();
  });
});
