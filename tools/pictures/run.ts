/**
 * `npm run pictures`: makes the pictures in docs/pictures of what the code does now. With a file of the benchmark's
 * figures (`npm run bench -- --json FILE`, `npm run pictures -- FILE`) also the chart of the throughput and its data.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { svgOfTerminal } from '../terminal-svg.ts';
import { columns, terminalText } from '../terminal-text.ts';
import { drawBadges, readBadges } from './badges.ts';
import { callFlow, drawCallFlow } from './call-flow.ts';
import { comparedHeads, drawHeads } from './headers.ts';
import { drawLoginChain, loginChain } from './login-chain.ts';
import { drawRooms, readRooms } from './rooms.ts';
import { drawSessionLife, sessionLife } from './session-life.ts';
import { drawThroughput, throughputRows } from './throughput.ts';

const folder = join(import.meta.dirname, '../../docs/pictures');
const write = (name: string, content: string): void => writeFileSync(join(folder, name), content);

const [figures] = process.argv.slice(2);
if (figures !== undefined) {
  const rows = throughputRows(JSON.parse(readFileSync(figures, 'utf8')));
  write('throughput.json', `${JSON.stringify(rows, null, 2)}\n`);
}
write('throughput.svg', drawThroughput(JSON.parse(readFileSync(join(folder, 'throughput.json'), 'utf8'))));
write('terminal.svg', svgOfTerminal(await terminalText(), columns));
write('call-flow.svg', drawCallFlow(await callFlow()));
write('headers.svg', drawHeads(await comparedHeads()));
write('login-chain.svg', drawLoginChain(await loginChain()));
write('session-life.svg', drawSessionLife(await sessionLife()));
write('rooms.svg', drawRooms(readRooms()));
write('badges.svg', drawBadges(readBadges()));
