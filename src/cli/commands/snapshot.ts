import type { Invocation, Outcome } from '../command.ts';
import { parseCount } from '../duration.ts';
import { keeperOf, withPage } from '../pages.ts';
import { showText } from '../shown-page.ts';

/** `snapshot`: prints the page as text, with a ref for each link, form and control. */
export async function takeSnapshot(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  const maxLength = args.text('max-length');
  const cursor = args.text('cursor');
  return withPage(invocation, async ({ page, kept, client }) => {
    const snapshot = page.snapshot({
      ...(maxLength === undefined ? {} : { maxLength: parseCount('--max-length', maxLength, 1) }),
      ...(cursor === undefined ? {} : { cursor: parseCount('--cursor', cursor) }),
    });
    if (kept !== null) await keeperOf(invocation, client).noteShown(kept);
    const text = showText(snapshot.text, output.showsSecrets);
    if (snapshot.cursor !== null && output.json === null) {
      output.note(`There is more: jarfetch snapshot --cursor ${snapshot.cursor}`, 'dim');
    }
    return { text, data: { snapshot: text, cursor: snapshot.cursor }, session: client.name };
  });
}
