import { toSafeJson } from '../../core/visible.ts';
import type { ExtractSchema } from '../../page/index.ts';
import type { Invocation, Outcome } from '../command.ts';
import { readAll, readInput } from '../input.ts';
import { parseJson } from '../items.ts';
import { withPage } from '../pages.ts';

/** `extract`: prints the rows that a schema finds, by default one JSON object a line. */
export async function extractRows(invocation: Invocation): Promise<Outcome> {
  const { args, output } = invocation;
  const schema = await readSchema(invocation, args.positionals[0] ?? '-');
  return withPage(invocation, async ({ page, client }) => {
    const rows = page.extract(schema);
    for (const { path, name, count } of rows.misses) {
      if (output.json === null) output.note(`${path} ${name} is missing in ${count} rows`, 'dim');
    }
    if (output.json === 'object') {
      return { data: { rows: [...rows], misses: rows.misses }, session: client.name };
    }
    for (const row of rows) await output.lines(toSafeJson(row));
    return { session: client.name };
  });
}

/** The library checks the fields of the schema. */
export async function readSchema({ io }: Invocation, path: string): Promise<ExtractSchema> {
  const bytes = path === '-' ? await readAll(io) : await readInput(path);
  return parseJson(path, bytes.toString('utf8')) as ExtractSchema;
}
