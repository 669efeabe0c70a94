import type { CommandRow } from '../command.ts';
import { linesOption, networkOptions } from '../options.ts';

const named = {
  page: { type: 'string', value: 'NAME', help: 'the name of the page in the session (JARFETCH_PAGE, main)' },
} as const;

/** Options of commands that open a page. */
const visitOptions = {
  ...named,
  snapshot: { type: 'boolean', short: 'i', help: 'also print the page as snapshot does' },
  ...networkOptions,
} as const;

/** Options of commands that read a page. */
const readOptions = {
  url: { type: 'string', value: 'URL', help: 'use this page instead of the open one; it is not kept' },
  ...named,
  ...networkOptions,
} as const;

const target = '(@e3, text=Next, label=…, name=…, href=…, CSS)';

export const pageRows: readonly CommandRow[] = [
  {
    ...{ name: 'open', args: 'URL', count: [1, 1], options: visitOptions },
    summary: 'open a page and keep it in the session',
    examples: ['jarfetch open https://shop.example/', 'jarfetch open https://shop.example/ -i --session ada'],
    load: async () => (await import('../commands/open.ts')).openUrl,
  },
  {
    ...{ name: 'snapshot', args: '', count: [0, 0] },
    summary: 'print the open page as text, with a ref for each link, form and control',
    options: {
      'max-length': { type: 'string', value: 'N', help: 'most characters' },
      cursor: { type: 'string', value: 'N', help: 'where the part begins' },
      ...readOptions,
    },
    examples: ['jarfetch snapshot', 'jarfetch snapshot --url https://example.com/ --json'],
    load: async () => (await import('../commands/snapshot.ts')).takeSnapshot,
  },
  {
    ...{ name: 'text', args: '', count: [0, 0], options: readOptions },
    summary: 'print the text of the page',
    examples: ['jarfetch text', 'jarfetch text --url https://example.com/ | wc -w'],
    load: async () => (await import('../commands/text.ts')).readText,
  },
  {
    ...{ name: 'markdown', args: '', count: [0, 0], options: readOptions },
    summary: 'print the page as Markdown',
    examples: ['jarfetch markdown > page.md', 'jarfetch markdown --url https://example.com/'],
    load: async () => (await import('../commands/markdown.ts')).readMarkdown,
  },
  {
    ...{ name: 'links', args: '[TARGET]', count: [0, 1], options: { ...linesOption, ...readOptions } },
    summary: 'list the links of the page',
    examples: ['jarfetch links text=next', 'jarfetch links --url https://example.com/ --ndjson'],
    load: async () => (await import('../commands/links.ts')).listLinks,
  },
  {
    ...{ name: 'forms', args: '', count: [0, 0], options: readOptions },
    summary: 'list the forms of the page with their controls',
    examples: ['jarfetch forms', 'jarfetch forms --url https://example.com/login --json'],
    load: async () => (await import('../commands/forms.ts')).listForms,
  },
  {
    ...{ name: 'query', args: 'CSS', count: [1, 1] },
    summary: 'print the text of the elements that match a selector, one a line',
    options: {
      attr: { type: 'string', value: 'NAME', help: 'this attribute instead of the text' },
      ...linesOption,
      ...readOptions,
    },
    examples: ['jarfetch query h1', 'jarfetch query "a[href]" --attr href --url https://example.com/'],
    load: async () => (await import('../commands/query.ts')).queryPage,
  },
  {
    ...{ name: 'extract', args: 'SCHEMA.json|-', count: [1, 1], options: { ...linesOption, ...readOptions } },
    summary: 'print the rows that a schema extracts, one JSON object a line',
    examples: [
      'jarfetch extract items.json',
      'jarfetch extract items.json --url https://example.com/ --json',
    ],
    load: async () => (await import('../commands/extract.ts')).extractRows,
  },
  {
    ...{ name: 'follow', args: 'TARGET', count: [1, 1] },
    summary: `follow a link of the open page ${target}`,
    options: { nth: { type: 'string', value: 'N', help: 'which of several, from 0' }, ...visitOptions },
    examples: ['jarfetch follow @e3', 'jarfetch follow "text=Next page" -i'],
    load: async () => (await import('../commands/follow.ts')).followLink,
  },
  {
    ...{ name: 'submit', args: '[FORM] [name=value…]', count: [0, 1000] },
    summary: 'fill in a form of the open page and submit it',
    options: {
      click: { type: 'string', value: 'TARGET', help: 'the button to click; the default is Enter' },
      script: { type: 'boolean', help: 'submit it as a script does: no button, no validation' },
      set: { type: 'string', multiple: true, value: 'name=value', help: 'set a hidden or readonly control' },
      enable: { type: 'string', multiple: true, value: 'NAME', help: 'enable a disabled control' },
      'no-validate': { type: 'boolean', help: 'submit it although values are invalid' },
      'dry-run': { type: 'boolean', help: 'print the request and do not send it' },
      ...visitOptions,
    },
    examples: [
      'jarfetch submit "#order" item=tea gift:=true --click "text=Order"',
      'jarfetch submit q=tea --dry-run',
    ],
    load: async () => (await import('../commands/submit.ts')).submitForm,
  },
  {
    ...{ name: 'login', args: 'URL [name=value…]', count: [1, 1000] },
    summary: 'log in with the form of a page; the password is never an argument',
    options: {
      user: { type: 'string', short: 'u', value: 'NAME', help: 'the name of the user' },
      'password-stdin': { type: 'boolean', help: 'read the password from stdin' },
      'password-env': { type: 'string', value: 'NAME', help: 'read it from a variable of the environment' },
      'password-file': { type: 'string', value: 'FILE', help: 'read it from a file' },
      'login-form': { type: 'string', value: 'TARGET', help: 'the form, if the page has several' },
      check: { type: 'string', value: 'CSS', help: 'something that only a logged-in user sees' },
      ...visitOptions,
    },
    examples: [
      'jarfetch login https://shop.example/login --user ada --password-stdin < password.txt',
      'jarfetch login https://shop.example/login --user ada --password-env SHOP_PASSWORD remember:=true',
    ],
    load: async () => (await import('../commands/login.ts')).logInByForm,
  },
  {
    ...{ name: 'reload', args: '', count: [0, 0], options: visitOptions },
    summary: 'request the open page again',
    examples: ['jarfetch reload', 'jarfetch reload -i'],
    load: async () => (await import('../commands/reload.ts')).reloadPage,
  },
  {
    ...{ name: 'back', args: '', count: [0, 0], options: visitOptions },
    summary: 'request the previous page again',
    examples: ['jarfetch back', 'jarfetch back --json'],
    load: async () => (await import('../commands/back.ts')).goBack,
  },
  {
    ...{ name: 'paginate', args: '[URL]', count: [0, 1] },
    summary: 'read page after page, from the open page or a URL',
    options: {
      next: { type: 'string', value: 'TARGET', help: 'the link to the next page; the default is rel=next' },
      max: { type: 'string', value: 'N', help: 'most pages' },
      'max-items': { type: 'string', value: 'N', help: 'most rows or pages that are printed' },
      delay: { type: 'string', value: 'TIME', help: 'pause between two pages' },
      extract: { type: 'string', value: 'SCHEMA.json', help: 'print the rows that a schema finds' },
      ...linesOption,
      ...named,
      ...networkOptions,
    },
    examples: [
      'jarfetch paginate https://shop.example/items --extract items.json > items.ndjson',
      'jarfetch paginate --next text=Older --max 10',
    ],
    load: async () => (await import('../commands/paginate.ts')).paginatePages,
  },
  {
    ...{ name: 'wait', args: '[URL]', count: [0, 1] },
    summary: 'request a page again until it meets a condition',
    options: {
      until: { type: 'string', value: 'CSS|text=…', help: 'the condition' },
      interval: {
        type: 'string',
        value: 'TIME',
        help: 'the first pause (1s); pauses get longer',
      },
      ...visitOptions,
    },
    examples: [
      'jarfetch wait --until .done --timeout 2m',
      'jarfetch wait https://ci.example/7 --until text=passed',
    ],
    load: async () => (await import('../commands/wait.ts')).waitForPage,
  },
  {
    ...{ name: 'download', args: 'URL', count: [1, 1] },
    summary: 'download a file; a failed download leaves no file',
    options: {
      output: { type: 'string', short: 'o', value: 'FILE', help: 'where to' },
      continue: { type: 'boolean', short: 'c', help: 'continue an earlier download' },
      checksum: { type: 'string', value: 'sha256:…', help: 'the expected checksum of the file' },
      'max-bytes': { type: 'string', value: 'N', help: 'most bytes of the file' },
      ...networkOptions,
    },
    examples: [
      'jarfetch download https://example.com/big.iso -o big.iso --continue',
      'jarfetch download https://example.com/a.tgz -o a.tgz --checksum sha256:9f86…',
    ],
    load: async () => (await import('../commands/download.ts')).downloadFile,
  },
];
