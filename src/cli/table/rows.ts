import type { CommandRow } from '../command.ts';
import { cookieRows } from './cookies.ts';
import { pageRows } from './pages.ts';
import { requestRows } from './requests.ts';
import { sessionRows } from './sessions.ts';
import { toolRows } from './tools.ts';

/** All commands, in the order of the help. */
export const commandRows: readonly CommandRow[] = [
  ...requestRows,
  ...pageRows,
  ...sessionRows,
  ...cookieRows,
  ...toolRows,
];
