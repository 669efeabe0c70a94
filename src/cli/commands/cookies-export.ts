import type { CookieFormat } from '../../index.ts';
import { systemFiles, writeWhole } from '../../registry/durable-file.ts';
import type { Invocation, Outcome } from '../command.ts';
import { withKeptSession } from '../session-of.ts';
import { UsageError } from '../usage-error.ts';

/** `cookies export`: writes the cookies to a file that only its owner can read, or to stdout with `--output -`. */
export async function exportCookies(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  const format = (args.text('format') ?? 'netscape') as CookieFormat;
  const file = args.text('output');
  if (file === undefined && !output.showsSecrets) {
    throw new UsageError(
      'The values of cookies are secrets: write them with -o FILE, or print them with --show-secrets',
    );
  }
  return withKeptSession(invocation, async ({ session }) => {
    const exported = session.exportCookies(format);
    const text = typeof exported === 'string' ? exported : `${JSON.stringify(exported, null, 2)}\n`;
    if (file === undefined) return { text, data: { format, cookies: exported } };
    await writeWhole(file, text, systemFiles, { sync: false });
    return { text: file, data: { format, file } };
  });
}
