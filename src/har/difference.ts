import { markPattern } from './marked-text.ts';
import { Redactor } from './redactor.ts';

/** A difference: the place, and both values; `undefined` for an absent value. */
export interface Difference {
  /** Such as `form field "user"`; `name` decides whether values may be shown. */
  readonly what: string;
  readonly name: string;
  readonly given?: string | undefined;
  readonly recorded?: string | undefined;
}

const redactor = new Redactor([]);

/** Values are shown where the name is harmless and the value is too short for a secret. */
export function inWords({ what, name, given, recorded }: Difference): string {
  const shown = (value: string | undefined): string | null => {
    if (value === undefined) return null;
    const isHarmless = name === 'public' || (value.length < 8 && !redactor.isSecret(name));
    return isHarmless && !markPattern.test(value) ? JSON.stringify(value) : null;
  };
  const [is, was] = [shown(given), shown(recorded)];
  return is === null || was === null ? what : `${what} (${is}, recorded ${was})`;
}
