import { nearName } from '../core/near-names.ts';

/** What was written on the command line cannot be meant. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'ERR_USAGE';
}

/** `, did you mean X?`, or nothing where no name is near. */
export function didYouMean(name: string, names: Iterable<string>, show = (near: string) => near): string {
  const near = nearName(name, names, (length) => Math.max(1, Math.floor(length / 3)));
  return near === undefined ? '' : `, did you mean ${show(near)}?`;
}
