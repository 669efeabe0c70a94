import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { apiSidebar } from './api.ts';
import { anchorOf, siteTarget } from './links.ts';
import { boostDocument, tokenize } from './search.ts';
import { sidebar } from './sidebar.ts';
import { markTables, withWholeOptions } from './tables.ts';

const packageJson = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const repository = packageJson.repository.url.replace(/^git\+|\.git$/g, '');

// A project page of GitHub is below the name of its repository.
const base = process.env.DOCS_BASE ?? '/';

/** Without JavaScript the menu of a narrow screen does not open: its pages stand below the text then. */
const withoutScript = `
  .VPNavBarHamburger, .VPLocalNav, .VPNavBarSearch, .VPNavBarAppearance, .VPNavBarExtra { display: none !important }
  @media (max-width: 959px) {
    .Layout { display: flex; flex-direction: column }
    .VPSidebar { order: 1; position: static !important; transform: none !important; opacity: 1 !important;
      visibility: visible !important; width: auto !important; max-width: none !important; box-shadow: none !important }
  }
`;

export default defineConfig({
  title: 'jarfetch',
  description: packageJson.description,
  lang: 'en',
  base,
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}icon.svg` }],
    ['noscript', {}, `<style>${withoutScript}</style>`],
  ],
  srcExclude: ['api-report/**', 'node_modules/**'],
  markdown: {
    // Their colours have the contrast that text needs; those of the usual themes do not.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: anchorOf },
    languageAlias: { mjs: 'js', cjs: 'js', mts: 'ts', cts: 'ts' },
    config: (md) => {
      // Pages are compiled as templates of Vue; a document means `{{name}}` as it stands.
      const { text, code_inline: code } = md.renderer.rules;
      md.renderer.rules.text = (...args) => plain(text?.(...args));
      md.renderer.rules.code_inline = (...args) => withWholeOptions(plain(code?.(...args)));
      md.core.ruler.push('tables', ({ tokens }) => markTables(tokens));
      // VitePress' own rule leaves out the attributes of the token.
      md.renderer.rules.table_open = (tokens, index, options, _, self) =>
        self.renderToken(tokens, index, options);
      // Before VitePress' own rule, which checks that the page exists.
      md.core.ruler.push('site-links', ({ tokens, env }) => {
        for (const { children } of tokens) {
          for (const token of children ?? []) {
            const target = token.type === 'link_open' ? token.attrGet('href') : null;
            if (target !== null) token.attrSet('href', siteTarget(target, env.relativePath, repository));
          }
        }
      });
    },
  },
  themeConfig: {
    logo: '/icon.svg',
    search: {
      provider: 'local',
      options: { miniSearch: { options: { tokenize }, searchOptions: { boostDocument } } },
    },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/guide/getting-started' },
      { text: 'API reference', link: '/api/' },
      { text: 'Changelog', link: '/project/changelog' },
    ],
    sidebar: {
      ...apiSidebar(new URL('../api', import.meta.url).pathname),
      '/': sidebar.map(({ text, rows }) => ({
        text,
        items: rows.map((row) => ({ text: row.text, link: `/${row.page}` })),
      })),
    },
    socialLinks: [{ icon: 'github', link: repository }],
    footer: { message: `${packageJson.name} ${packageJson.version}, MIT licensed` },
  },
});

function plain(html = ''): string {
  return html.replaceAll('{{', '&#123;&#123;');
}
