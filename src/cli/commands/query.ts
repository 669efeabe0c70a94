import { RequestError } from '../../core/errors.ts';
import type { PageElement } from '../../page/index.ts';
import type { Invocation, Outcome } from '../command.ts';
import { withPage } from '../pages.ts';

/** `query`: prints the text, or an attribute, of the elements that match a selector. */
export async function queryPage(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  const [selector = ''] = args.positionals;
  const attribute = args.text('attr');
  return withPage(invocation, async ({ page, client }) => {
    const found = page.queryAll(selector);
    if (found.length === 0) {
      throw new RequestError('ERR_NOT_FOUND', `Nothing on the page matches ${JSON.stringify(selector)}`);
    }
    const read = (element: PageElement): string | null =>
      attribute === undefined ? element.text : element.attribute(attribute);
    const values = found.map(read);
    if (output.json === 'lines') {
      for (const value of values) await output.item(value);
      return { session: client.name };
    }
    const text = values.filter((value) => value !== null).join('\n');
    return { text, data: { values }, session: client.name };
  });
}
