import { nearName } from '../core/near-names.ts';

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'ERR_USAGE';
}

/** `, did you mean X?`, or nothing where no name is similar. */
export function didYouMean(name: string, names: Iterable<string>, show = (near: string) => near): string {
  const near = nearName(name, names, (length) => Math.max(1, Math.floor(length / 3)));
  return near === undefined ? '' : `, did you mean ${show(near)}?`;
}
