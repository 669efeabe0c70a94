import type { Query } from '../page/index.ts';
import { ToolError } from './tool-error.ts';

const kinds = ['text', 'label', 'name', 'href', 'rel', 'value'] as const;

/** Parses a target in text form: a ref (`@e3`), `text=Next`, `label=…`, `name=…`, or a CSS selector. */
export function parseTarget(text: string): Query {
  if (text.startsWith('@')) {
    if (/^@e\d+$/.test(text)) return { ref: text };
    throw new ToolError(
      'ERR_STALE_REF',
      'A ref has the form @e3',
      'Take refs from page_snapshot of this page.',
    );
  }
  for (const kind of kinds) if (text.startsWith(`${kind}=`)) return { [kind]: text.slice(kind.length + 1) };
  return text;
}
