import { readCurlCommand } from '../../core/cookies/formats/curl-command.ts';
import { withClient } from '../client.ts';
import type { Invocation, Outcome } from '../command.ts';
import { parseCurl } from '../curl-request.ts';
import { readAll, readInput } from '../input.ts';
import { sendOne } from './request.ts';

/**
 * `import-curl`: sends the request of a curl command that a browser's developer tools have copied, and adds its
 * cookies to the session.
 */
export async function importCurl(invocation: Invocation): Promise<Outcome> {
  const { args, io, output } = invocation;
  const [path = '-'] = args.positionals;
  const text = (await (path === '-' ? readAll(io) : readInput(path))).toString('utf8').trim();
  const { ignored, url, init } = parseCurl(text);
  for (const name of ignored) output.note(`jarfetch: ${name} is ignored`, 'yellow');
  return withClient(invocation, async (client) => {
    const hasCookies = readCurlCommand(text).pairs.length > 0;
    const { imported } = hasCookies
      ? client.session.importCookies(text, { format: 'curl', url })
      : { imported: 0 };
    if (args.flag('cookies-only'))
      return { text: `${imported} imported`, data: { imported }, session: client.name };
    // The copied headers are those of a browser: the preset adds none.
    const isWhole = Array.isArray(init.headers) && init.headers.some(([name]) => /^user-agent$/i.test(name));
    return sendOne(invocation, client, {
      url,
      init: { ...init, ...(isWhole ? { disableDefaultHeaders: true } : {}) },
    });
  });
}
