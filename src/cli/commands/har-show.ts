import { makeVisibleLine } from '../../core/visible.ts';
import type { Invocation, Outcome } from '../command.ts';
import { readInput } from '../input.ts';
import { parseJson } from '../items.ts';
import { maskUrl } from '../mask.ts';
import { showBytes } from '../progress-bar.ts';
import { tableOf } from '../text-table.ts';
import { UsageError } from '../usage-error.ts';

/** `har show`: lists the exchanges of a recording, one a line. */
export async function showHar({ args, output }: Invocation): Promise<Outcome> {
  const [path = ''] = args.positionals;
  const har = parseJson(path, (await readInput(path)).toString('utf8'));
  const entries: unknown = part(part(har, 'log'), 'entries');
  if (!Array.isArray(entries))
    throw new UsageError(`${JSON.stringify(path)} is not a HAR file: log.entries is missing`);
  const shown = entries.map((entry) => {
    const request = part(entry, 'request');
    const response = part(entry, 'response');
    const url = String(part(request, 'url') ?? '');
    return {
      status: Number(part(response, 'status') ?? 0),
      method: String(part(request, 'method') ?? ''),
      url: output.showsSecrets ? url : maskUrl(url),
      type: String(part(part(response, 'content'), 'mimeType') ?? ''),
      bytes: Number(part(part(response, 'content'), 'size') ?? 0),
      time: Math.round(Number(part(entry, 'time') ?? 0)),
    };
  });
  const rows = shown.map(({ status, method, url, type, bytes, time }) =>
    [String(status), method, showBytes(Math.max(0, bytes)), `${time} ms`, type.replace(/;.*/, ''), url].map(
      makeVisibleLine,
    ),
  );
  return { text: tableOf(rows), data: { entries: shown } };
}

function part(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
