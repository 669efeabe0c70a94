/**
 * The pages of the site, in the order of the sidebar: one row a page. `page` is the path of the page in docs, without
 * `.md`. A test fails when a page has no row, or a row has no page.
 */

export interface SidebarRow {
  readonly text: string;
  readonly page: string;
}

export interface SidebarGroup {
  readonly text: string;
  readonly rows: readonly SidebarRow[];
}

export const sidebar: readonly SidebarGroup[] = [
  {
    text: 'Start',
    rows: [{ text: 'Recipes', page: 'recipes' }],
  },
  {
    text: 'Log in and stay logged in',
    rows: [
      { text: 'Sessions that last', page: 'sessions' },
      { text: 'A fleet of sessions', page: 'fleet' },
    ],
  },
  {
    text: 'Cookies and headers',
    rows: [
      { text: 'Cookies', page: 'cookies' },
      { text: 'Browser presets', page: 'presets' },
      { text: 'A session for other clients', page: 'interop' },
    ],
  },
  {
    text: 'Pages and files',
    rows: [
      { text: 'Pages, links and forms', page: 'pages' },
      { text: 'From pages to data', page: 'extraction' },
      { text: 'Downloads', page: 'downloads' },
    ],
  },
  {
    text: 'In production',
    rows: [
      { text: 'Reliability', page: 'reliability' },
      { text: 'Middleware and observers', page: 'seams' },
      { text: 'Performance', page: 'performance' },
    ],
  },
  {
    text: 'Test and debug',
    rows: [
      { text: 'Tests without a network', page: 'testing' },
      { text: 'Recording and replaying', page: 'har' },
      { text: 'Troubleshooting', page: 'troubleshooting' },
    ],
  },
  {
    text: 'Command line and agents',
    rows: [
      { text: 'Command line', page: 'cli' },
      { text: 'MCP server', page: 'mcp' },
    ],
  },
  {
    text: 'Compare and migrate',
    rows: [{ text: 'Coming from wreq-js', page: 'migrating-from-wreq-js' }],
  },
  {
    text: 'Project',
    rows: [
      { text: 'What runs where', page: 'support' },
      { text: 'Architecture', page: 'project/architecture' },
      { text: 'Security', page: 'project/security' },
      { text: 'Dependencies', page: 'dependencies' },
      { text: 'Contributing', page: 'project/contributing' },
      { text: 'Changelog', page: 'project/changelog' },
    ],
  },
];
