/** `npm run picture`: makes docs/pictures/terminal.svg of what the program prints. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { svgOfTerminal } from './terminal-svg.ts';
import { columns, terminalText } from './terminal-text.ts';

const folder = join(import.meta.dirname, '../docs/pictures');
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'terminal.svg'), svgOfTerminal(await terminalText(), columns));
