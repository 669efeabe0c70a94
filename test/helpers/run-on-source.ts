import { execFile } from 'node:child_process';

const sources = Object.fromEntries(
  [
    ['jarfetch', 'index.ts'],
    ['jarfetch/har', 'har/index.ts'],
    ['jarfetch/mcp', 'mcp/index.ts'],
    ['jarfetch/interop', 'interop/index.ts'],
    ['jarfetch/page', 'page/index.ts'],
    ['jarfetch/registry', 'registry/index.ts'],
  ].map(([name, file]) => [name, new URL(`../../src/${file}`, import.meta.url).href]),
);

/** `jarfetch` is what src is now, not what dist was when somebody last built it. */
const hook = `
  import { registerHooks } from 'node:module';
  const sources = ${JSON.stringify(sources)};
  const isOurs = (name) => Object.hasOwn(sources, name);
  const resolve = (name, context, next) =>
    isOurs(name) ? { url: sources[name], format: 'module-typescript', shortCircuit: true } : next(name, context);
  registerHooks({ resolve });`;

export interface Ending {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program that imports `jarfetch` on the source. @param words the file, and its arguments */
export function runOnSource(words: readonly string[], { cwd, env = {} }: RunOptions): Promise<Ending> {
  const { FORCE_COLOR, NO_COLOR, ...inherited } = process.env;
  const args = [
    // Node 22 warns that it strips types.
    '--disable-warning=ExperimentalWarning',
    '--import',
    `data:text/javascript,${encodeURIComponent(hook)}`,
    ...words,
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env: { ...inherited, ...env } }, (error, output, errors) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code: error && code === 0 ? -1 : code, output, errors });
    });
  });
}
