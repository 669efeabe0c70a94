import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { svgOfTerminal } from '../../tools/terminal-svg.ts';
import { columns, terminalText } from '../../tools/terminal-text.ts';

const picture = join(import.meta.dirname, '../../docs/pictures/terminal.svg');

it('the picture of the terminal is what the program prints now', async () => {
  expect(svgOfTerminal(await terminalText(), columns)).toBe(await readFile(picture, 'utf8'));
});

it('shows colours, breaks lines as a terminal does and escapes XML', () => {
  const svg = svgOfTerminal('\u001b[31mab\u001b[39m <&>\n  x', 4);
  const drawn = [...svg.matchAll(/<text(.*?) x="(.*?)" y="(.*?)".*?>(.*?)<\/text>/g)].map((found) =>
    found.slice(1).join('|'),
  );
  expect(drawn).toEqual([' class="red"|16|29|ab', '|41.2|29|&lt;', '|16|47|&amp;&gt;', '|32.8|65|x']);
  expect(svg).toContain('prefers-color-scheme: dark');
});

it('refuses an escape sequence that it does not know', () => {
  expect(() => svgOfTerminal('\u001b[5mx', 4)).toThrow('The colour 5 is new here');
});
