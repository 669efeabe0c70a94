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
    rows: [
      { text: 'Install and first session', page: 'guide/getting-started' },
      { text: 'Recipes', page: 'recipes' },
    ],
  },
  {
    text: 'By task',
    rows: [
      { text: 'Log in', page: 'guide/log-in' },
      { text: 'Stay logged in', page: 'guide/stay-logged-in' },
      { text: 'Many accounts and proxies', page: 'guide/accounts-and-proxies' },
      { text: 'Many workers and machines', page: 'fleet' },
      { text: 'Cookies of a browser', page: 'guide/browser-cookies' },
      { text: 'Pages, forms and data', page: 'guide/pages-and-forms' },
      { text: 'Downloads and uploads', page: 'guide/downloads-and-uploads' },
      { text: 'Retries and rate limits', page: 'guide/retries-and-limits' },
      { text: 'WebSockets and events', page: 'guide/live' },
      { text: 'Other clients', page: 'interop' },
    ],
  },
  {
    text: 'Test and debug',
    rows: [
      { text: 'Testing without a network', page: 'testing' },
      { text: 'Debugging a call', page: 'troubleshooting' },
      { text: 'Recording and replaying', page: 'har' },
      { text: 'Errors', page: 'errors' },
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
    text: 'In production',
    rows: [
      { text: 'Security', page: 'guide/security' },
      { text: 'Reliability', page: 'reliability' },
      { text: 'Performance', page: 'performance' },
      { text: 'TypeScript', page: 'guide/typescript' },
      { text: 'Runtimes and bundlers', page: 'guide/runtimes' },
      { text: 'What runs where', page: 'support' },
    ],
  },
  {
    text: 'Reference',
    rows: [
      { text: 'Sessions, requests, responses', page: 'options' },
      { text: 'Cookies', page: 'cookies' },
      { text: 'Browser presets', page: 'presets' },
      { text: 'Sessions that last', page: 'sessions' },
      { text: 'Pages, links and forms', page: 'pages' },
      { text: 'From pages to data', page: 'extraction' },
      { text: 'Downloads', page: 'downloads' },
      { text: 'Middleware and observers', page: 'seams' },
    ],
  },
  {
    text: 'Compare and migrate',
    rows: [
      { text: 'How it compares', page: 'guide/compare' },
      { text: 'Questions', page: 'guide/faq' },
      { text: 'From another client', page: 'guide/migrating' },
      { text: 'From wreq-js', page: 'migrating-from-wreq-js' },
    ],
  },
  {
    text: 'Project',
    rows: [
      { text: 'Architecture', page: 'project/architecture' },
      { text: 'Reporting a fault', page: 'project/security' },
      { text: 'Dependencies', page: 'dependencies' },
      { text: 'Contributing', page: 'project/contributing' },
      { text: 'Changelog', page: 'project/changelog' },
    ],
  },
];
