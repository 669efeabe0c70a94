import { describe, expect, it } from 'vitest';
import { parseLine } from '../../src/cli/parse.ts';
import { commandRows } from '../../src/cli/table/rows.ts';
import { runCommand } from '../helpers/command-line.ts';

const parse = (line: string) => parseLine(line.split(' '), commandRows);

describe('a command line', () => {
  it.each([
    ['get http://a.test', 'get', ['http://a.test']],
    ['http://a.test x=1', 'request', ['http://a.test', 'x=1']],
    ['localhost:3000/x', 'request', ['localhost:3000/x']],
    [':3000', 'request', [':3000']],
    ['/members', 'request', ['/members']],
    ['PURGE http://a.test', 'request', ['PURGE', 'http://a.test']],
    ['session new ada', 'session new', ['ada']],
    ['--session ada get http://a.test', 'get', ['http://a.test']],
    ['session --json list', 'session list', []],
    ['get -- http://a.test -1==2', 'get', ['http://a.test', '-1==2']],
  ])('%s is the command %s', (line, name, positionals) => {
    const parsed = parse(line);
    expect(parsed?.row.name).toBe(name);
    expect(parsed?.args.positionals).toEqual(positionals);
  });

  it('reads options at any position, and uses the last value of an option that may be given once', () => {
    const args = parse('-k get http://a.test --timeout 1s -v --timeout=2s')?.args;
    expect(args?.text('timeout')).toBe('2s');
    expect([args?.flag('insecure'), args?.flag('verbose'), args?.flag('json')]).toEqual([true, true, false]);
  });

  it('collects the values of an option that may be repeated', () => {
    expect(parse('headers -H a:1 --header b:2')?.args.texts('header')).toEqual(['a:1', 'b:2']);
  });
});

describe('a mistake on the command line', () => {
  it.each([
    ['gte http://a.test', 'There is no command "gte", did you mean get?'],
    ['frobnicate', 'There is no command "frobnicate"; see jarfetch --help'],
    ['session', 'session needs a command: new, list'],
    ['session nwe', 'session has no command "nwe", did you mean new?'],
    ['session frobnicate', 'session has no command "frobnicate": it has new, list'],
    ['get http://a.test --jsno', 'get has no option --jsno, did you mean --json?'],
    ['get http://a.test --frobnicate', 'get has no option --frobnicate; see jarfetch get --help'],
    ['get http://a.test --timeout', '--timeout needs a value: --timeout TIME'],
    ['get http://a.test --timeout -v', '--timeout needs a value; if "-v" is it, write --timeout=-v'],
    ['get http://a.test --insecure=yes', '--insecure takes no value'],
    ['get http://a.test --os windos', 'got "windos", did you mean windows?'],
    ['get', 'An argument is missing: jarfetch get URL|- [item…]'],
    ['session list token=s3cret', '"token=…" is one argument too many: jarfetch session list'],
    ['Authorization:s3cret', 'There is no command "Authorization:…"; see jarfetch --help'],
    ['get http://a.test --proxy -a:s3cret', '--proxy needs a value; if "-a:…" is it, write --proxy=-a:…'],
    ['session list x', '"x" is one argument too many: jarfetch session list'],
    ['completion csh', 'completion is for bash, zsh, fish, got "csh", did you mean'],
    ['get http://a.test --timeout soon', '--timeout must be a time such as 500ms, 30s or 2m, got "soon"'],
    ['get http://a.test --max-redirects -1', '--max-redirects needs a value'],
    [
      'get http://a.test --max-redirects=-1',
      '--max-redirects must be a whole number of at least 0, got "-1"',
    ],
    ['get http://a.test nothing', '"nothing" is no item'],
    ['PURGE', 'PURGE needs a URL: jarfetch PURGE URL'],
  ])('%s is told with what to do, and ends with 2', async (line, message) => {
    const { code, output, errors } = await runCommand(line.split(' '));
    expect(errors).toContain(message);
    expect(output).toBe('');
    expect(code).toBe(2);
  });

  it('is an error object for --json', async () => {
    const { code, output, errors } = await runCommand(['gte', '--json']);
    expect(JSON.parse(output)).toEqual({
      ...{ schema: 1, ok: false, session: null, request: null, response: null },
      error: { code: 'ERR_USAGE', exitCode: 2, message: 'There is no command "gte", did you mean get?' },
    });
    expect([code, errors]).toEqual([2, '']);
  });
});
