/** The sidebar of the API reference, read from the pages that TypeDoc has made: each entry has one of its own. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Item {
  readonly text: string;
  readonly link: string;
}

interface Group {
  readonly text: string;
  readonly items: Item[];
}

const kinds = [
  ['functions', 'Functions'],
  ['classes', 'Classes'],
  ['interfaces', 'Interfaces'],
  ['type-aliases', 'Types'],
] as const;

const entries = [
  'jarfetch',
  'jarfetch/page',
  'jarfetch/registry',
  'jarfetch/har',
  'jarfetch/interop',
  'jarfetch/mcp',
];

/** The sidebars by the path that they are for. None when the reference has not been made. */
export function apiSidebar(folder: string): Record<string, Group[]> {
  if (!existsSync(folder)) return {};
  const overview: Group = {
    text: 'API reference',
    items: entries.map((entry) => ({ text: entry, link: `/api/${entry}/` })),
  };
  const sidebars = entries.map((entry): [string, Group[]] => [
    `/api/${entry}/`,
    [overview, ...groupsOf(folder, entry)],
  ]);
  return { ...Object.fromEntries(sidebars), '/api/': [overview] };
}

function groupsOf(folder: string, entry: string): Group[] {
  return kinds
    .filter(([kind]) => existsSync(join(folder, entry, kind)))
    .map(([kind, text]) => ({
      text,
      items: readdirSync(join(folder, entry, kind))
        .map((file) => file.replace(/\.md$/, ''))
        .sort()
        .map((name) => ({ text: name, link: `/api/${entry}/${kind}/${name}` })),
    }));
}
