/**
 * Links and anchors of the documents. They are written for the repository (`cookies.md#files`, `../examples/login.ts`)
 * and become links of the site here, so that both readers arrive.
 */
import { posix } from 'node:path';

/** Documents of the top level that are pages of the site, by the name of their page in `project/`. */
export const topLevelPages: Readonly<Record<string, string>> = {
  architecture: 'ARCHITECTURE.md',
  changelog: 'CHANGELOG.md',
  contributing: 'CONTRIBUTING.md',
  security: 'SECURITY.md',
};

const pageOfDocument: ReadonlyMap<string, string> = new Map([
  ['README.md', 'index.md'],
  ...Object.entries(topLevelPages).map(([page, file]): [string, string] => [file, `project/${page}.md`]),
]);

/**
 * The target of a link as the site has it: a page by its path from the root of the site, anything else of the
 * repository by its address there.
 *
 * @param page path of the linking page in docs, such as `guide/install.md`
 * @param repository address of the repository, without a slash at its end
 */
export function siteTarget(target: string, page: string, repository: string): string {
  if (/^([a-z][a-z\d+.-]*:|\/|#)/i.test(target)) return target;
  const [path = '', fragment] = target.split('#', 2);
  const file = posix.normalize(posix.join('docs', posix.dirname(page), path)).replace(/\/$/, '');
  const own =
    pageOfDocument.get(file) ?? (/^docs\/.*\.md$/.test(file) ? file.slice('docs/'.length) : undefined);
  const found = own === undefined ? `${repository}/blob/main/${file}` : `/${own}`;
  return fragment === undefined ? found : `${found}#${fragment}`;
}

/** The text of a document of the top level as a page in docs/project: its links are relative to that folder. */
export function movedToProject(text: string): string {
  return text.replace(/(?<=\]\()(?![a-z][a-z\d+.-]*:|\/|#)(?=[^)\s]+\))/gi, '../../');
}

/** The anchor of a heading as GitHub makes it, without the number that tells equal headings apart. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}
