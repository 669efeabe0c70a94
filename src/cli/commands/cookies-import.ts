import type { ImportFormat } from '../../index.ts';
import type { Invocation, Outcome } from '../command.ts';
import { readAll, readInput } from '../input.ts';
import { completeUrl } from '../request.ts';
import { withKeptSession } from '../session-of.ts';

/** `cookies import`: reads the cookie file of another program, in any format that importCookies reads. */
export async function importCookies(invocation: Invocation): Promise<Outcome> {
  const { args, io, output } = invocation;
  const [path = ''] = args.positionals;
  const format = args.text('format');
  const url = args.text('url');
  const bytes = await (path === '-' ? readAll(io) : readInput(path));
  return withKeptSession(invocation, async ({ session }) => {
    const result = session.importCookies(new Uint8Array(bytes), {
      ...(format === undefined ? {} : { format: format as ImportFormat }),
      ...(url === undefined ? {} : { url: completeUrl(url) }),
    });
    for (const { line, index, name, reason } of output.json === null ? result.rejected : []) {
      const place = line === undefined ? `record ${index}` : `line ${line}`;
      output.note(`left out: ${place}${name === undefined ? '' : `, ${name}`}: ${reason}`, 'yellow');
    }
    const text = `${result.imported} imported, ${result.rejected.length} left out (${result.format})`;
    return { text, data: result };
  });
}
