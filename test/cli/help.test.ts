import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { commandRows } from '../../src/cli/table/rows.ts';
import { runCommand } from '../helpers/command-line.ts';

describe('the help', () => {
  it('names every command and every exit code', async () => {
    const { code, output } = await runCommand(['--help']);
    for (const { name } of commandRows) expect(output).toContain(`  ${name} `);
    for (const [number, meaning] of Object.entries(exitCodes)) {
      expect(output).toMatch(new RegExp(`^  ${number} +${meaning.slice(0, 20).replace(/[()]/g, '.')}`, 'm'));
    }
    expect(code).toBe(0);
  });

  it('is printed without a command, which is an error', async () => {
    const { code, output } = await runCommand([]);
    expect(output).toContain('jarfetch COMMAND');
    expect(code).toBe(2);
  });

  it.each(commandRows)('of $name has its options and two examples', async ({ name, options, examples }) => {
    const { output } = await runCommand([...name.split(' '), '--help']);
    for (const option of Object.keys(options)) expect(output).toContain(`--${option}`);
    for (const example of examples) expect(output).toContain(`  ${example}\n`.trimEnd());
  });

  it('is also the command help', async () => {
    for (const words of [[], ['session'], ['session', 'new'], ['get']]) {
      const { output } = await runCommand([...words, '--help']);
      expect(await runCommand(['help', ...words])).toEqual({ code: 0, output, errors: '' });
    }
  });

  it('of a group lists its commands', async () => {
    const { output } = await runCommand(['session', '--help']);
    expect(output).toMatch(/session new .*\n(.*\n)*.*session gc/);
    expect(output).not.toContain('headers');
  });

  it.each([40, 60, 200])('fits a terminal of %i columns, examples aside', async (columns) => {
    const { output } = await runCommand(['--help'], { terminal: columns });
    const widest = Math.max(...output.split('\n').map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(Math.max(80, columns));
  });

  it('--version prints only the version', async () => {
    expect((await runCommand(['--version'])).output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('the completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s has every command and option', async (shell) => {
    const { output, code } = await runCommand(['completion', shell]);
    expect(code).toBe(0);
    for (const { name, options } of commandRows) {
      for (const word of name.split(' ')) expect(output).toContain(word);
      for (const option of Object.keys(options)) expect(output).toContain(option);
    }
  });

  /** Completes a line in a real bash, by the script. */
  function complete(script: string, words: readonly string[]): string[] {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const program = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _jarfetch; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split('\n');
  }

  it.each([
    [['jarfetch', 'sess'], ['session']],
    [['jarfetch', 'session', 'f'], ['fork']],
    [['jarfetch', 'session', 'new', '--tt'], ['--ttl']],
    [['jarfetch', 'get', 'http://a.test', '--max'], ['--max-redirects']],
    [['jarfetch', 'get', '--os', 'win'], ['windows']],
  ])('for bash completes %j to %j', async (words, found) => {
    const { output } = await runCommand(['completion', 'bash']);
    expect(complete(output, words)).toEqual(found);
  });
});
