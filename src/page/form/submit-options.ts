import { checkBoolean, checkOneOf, checkOptions } from '../../core/checks.ts';
import { invalidOption } from '../../core/errors.ts';
import type { VisitInit } from '../navigate/navigation.ts';
import { checkVisit } from '../navigate/visit-init.ts';
import type { Point } from './entries.ts';

/** Options for submitting a form. */
export interface SubmitOptions extends VisitInit {
  /** Where an image button is clicked, in pixels from its left edge. @default 0 */
  readonly x?: number | undefined;
  /** From its upper edge. @default 0 */
  readonly y?: number | undefined;
  /**
   * False: the values are not validated.
   * @default true, false for `submit(null)`
   */
  readonly validate?: boolean | undefined;
  /**
   * `script`: as a script would do it, without user activation, which Sec-Fetch-User shows.
   * @default 'click', 'script' for `submit(null)`
   */
  readonly trigger?: 'click' | 'script' | undefined;
  /**
   * True: a form of an https page may be sent to http, where browsers ask the user.
   * @default false
   */
  readonly allowHttp?: boolean | undefined;
}

/** @throws RequestError ERR_INVALID_OPTION */
export function checkedOptions(options: SubmitOptions): SubmitOptions {
  checkVisit(options, 'x', 'y', 'validate', 'trigger', 'allowHttp');
  const { x, y, trigger } = options;
  if (trigger !== undefined) checkOneOf('trigger', trigger, ['click', 'script']);
  for (const key of ['validate', 'allowHttp'] as const) {
    if (options[key] !== undefined) checkBoolean(key, options[key]);
  }
  checkNumbers('', { x, y });
  return options;
}

export function checkPoint(point: Point | undefined): void {
  if (point === undefined) return;
  checkOptions(point, 'point', new Set(['x', 'y']));
  checkNumbers('point.', { ...point });
}

/** Coordinates can be negative: they are counted from inside the border. */
function checkNumbers(where: string, numbers: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(numbers)) {
    if (value !== undefined && !Number.isFinite(value))
      throw invalidOption(`${where}${key}`, 'a number', value);
  }
}
