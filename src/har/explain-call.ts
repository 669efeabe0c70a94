import { styleText } from 'node:util';
import { checkBoolean, checkOptions, own } from '../core/checks.ts';
import { RequestError } from '../core/errors.ts';
import { loggedCall } from './call-log.ts';
import { type CallLine, linesOf } from './call-text.ts';

/** Options of {@link explainCall}. */
export interface ExplainCallOptions {
  /**
   * Whether the text has colours. By default it has them where standard output is a terminal and NO_COLOR is not set.
   */
  readonly color?: boolean | undefined;
}

const keys: ReadonlySet<string> = new Set(['color']);

/**
 * Describes a call as text, request by request: the head as sent, the response, each cookie that was sent, withheld,
 * stored or refused and the reason, redirects, retries and times. Values of cookies, credentials and queries are
 * masked.
 *
 * @param subject the response of a call, its error, or a record that an observer receives; of a session that has
 * {@link callLog} as an observer
 * @throws RequestError ERR_INVALID_OPTION for a call that no callLog has observed
 * @example
 * const session = await createSession({ observers: [callLog()] });
 * console.log(explainCall(await session.fetch('https://shop.example/orders')));
 */
export function explainCall(subject: unknown, options: ExplainCallOptions = {}): string {
  checkOptions(options, 'explainCall options', keys);
  const color = own(options, 'color');
  if (color !== undefined) checkBoolean('color', color);
  const logged = loggedCall(subject);
  if (logged === null) {
    const message =
      'explainCall has no record of this: give it the response or the error of a call whose session was created with observers: [callLog()]';
    throw new RequestError('ERR_INVALID_OPTION', message);
  }
  return linesOf(logged)
    .map((line) => paint(line, color))
    .join('\n');
}

const styles = {
  title: 'bold',
  sent: 'cyan',
  received: 'green',
  good: 'green',
  bad: 'red',
  note: 'dim',
} as const satisfies Record<CallLine['style'], Parameters<typeof styleText>[0]>;

function paint({ style, text }: CallLine, color: boolean | undefined): string {
  if (color === false) return text;
  if (color === true) return styleText(styles[style], text, { validateStream: false });
  return styleText(styles[style], text, { stream: process.stdout });
}
