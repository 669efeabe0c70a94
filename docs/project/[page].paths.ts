/** Makes a page of the site of each document of the top level that it has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { movedToProject, topLevelPages } from '../.vitepress/links.ts';

const root = join(import.meta.dirname, '../..');

export default {
  paths: () =>
    Object.entries(topLevelPages).map(([page, file]) => ({
      params: { page },
      content: movedToProject(readFileSync(join(root, file), 'utf8')),
    })),
};
