/** Leaves out what is no scenario, and the scenarios that are not the same over this wire. */
import { beforeEach } from 'vitest';
import { wire } from '../helpers/fronts.ts';
import { differences } from './differences.ts';

beforeEach(({ task, skip }) => {
  if (!/^[A-Z]\d\d /.test(task.name)) skip('no scenario');
  const here = differences.filter(({ wires }) => wires.some((each) => each === wire));
  const found = here.find(({ tests }) => tests.some((name) => task.name.startsWith(name)));
  if (found !== undefined) skip(found.reason);
});
