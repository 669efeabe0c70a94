import type { Io, TerminalOutput } from './command.ts';

const colors = { dim: 2, bold: 1, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export type Color = keyof typeof colors;

/**
 * Whether a stream gets colours: NO_COLOR turns them off, FORCE_COLOR on; by default a terminal gets them.
 * https://no-color.org
 */
export function hasColors({ env }: Pick<Io, 'env'>, stream: TerminalOutput): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

export function paint(text: string, color: Color): string {
  return `\u001b[${colors[color]}m${text}\u001b[0m`;
}

/** Columns of a terminal; 80 where the number is not known. */
export function widthOf(stream: TerminalOutput): number {
  const { columns } = stream;
  return columns !== undefined && columns > 0 ? columns : 80;
}
