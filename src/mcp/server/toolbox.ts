import { checkNumber, checkOneOf, checkOptions, checkString, own, ownCopy } from '../../core/checks.ts';
import { invalidOption } from '../../core/errors.ts';
import { createTransport, publicAddressesOnly, type SessionOptions, type Transport } from '../../index.ts';
import type { Page } from '../../page/index.ts';
import { createRegistry, fileStore, type Registry } from '../../registry/index.ts';
import { ToolArguments } from '../arguments.ts';
import type { Budget } from '../budget.ts';
import { ClientSessions } from '../client-sessions.ts';
import { Files } from '../files.ts';
import { forbiddenPorts } from '../forbidden-ports.ts';
import { Kept } from '../kept.ts';
import { checkArguments } from '../schema.ts';
import { type McpSecret, Secrets } from '../secrets.ts';
import type { LongText, Tool, ToolAnswer, ToolDescription, Workplace } from '../tool.ts';
import { failureOf, ToolError } from '../tool-error.ts';
import { fetchTool } from '../tools/fetch-tool.ts';
import { formsTool, submitTool } from '../tools/form-tools.ts';
import { moreTools } from '../tools/more-tools.ts';
import { extractTools, pageTools } from '../tools/page-tools.ts';
import { sessionTools } from '../tools/session-tools.ts';
import { fenced } from '../untrusted.ts';

/** Which tools there are, what they may reach, and their limits. */
export interface ToolboxOptions {
  /**
   * `all` adds page_paginate, page_wait, download, cookies_list, cookies_import, login_run and har_export.
   * @default 'core'
   */
  readonly tools?: 'core' | 'all' | undefined;
  /** Hosts that may be reached although their addresses are not public: `localhost`, `intranet.example:8443`. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Values that the model uses by name (`{{secret:NAME}}`). The model never sees them. */
  readonly secrets?: Readonly<Record<string, McpSecret>> | undefined;
  /**
   * The folder from which cookie files and uploads are read and to which downloads are written.
   * @default none
   */
  readonly folder?: string | null | undefined;
  /**
   * A folder that keeps sessions over restarts, in the format of fileStore of jarfetch/registry.
   * @default none: sessions end with the process
   */
  readonly storeFolder?: string | null | undefined;
  /** The key that encrypts the files of `storeFolder`; `null` stores them without encryption. */
  readonly encryptionKey?: string | null | undefined;
  /**
   * A proxy for all requests. Then only `allowHosts` can be reached: a proxy resolves names itself, so the addresses
   * cannot be checked.
   */
  readonly proxy?: string | undefined;
  /**
   * Most sessions of one client.
   * @default 20
   */
  readonly maxSessions?: number | undefined;
  /**
   * Most kept pages of one client.
   * @default 50
   */
  readonly maxPages?: number | undefined;
  /**
   * Milliseconds after which an unused session is closed.
   * @default 1800000
   */
  readonly idleTimeout?: number | undefined;
  /**
   * Time limit of a request in milliseconds.
   * @default 30000
   */
  readonly timeout?: number | undefined;
}

/** The result of a call, as the Model Context Protocol defines it. */
export interface ToolResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent: Readonly<Record<string, unknown>>;
  readonly isError?: true;
}

/** Options of a call. */
export interface ToolCallOptions {
  /**
   * The name of the client. Each client has its own sessions and pages.
   * @default 'local'
   */
  readonly client?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The tools as plain functions, without a protocol. */
export interface Toolbox extends AsyncDisposable {
  /** The tools, always in the same order. */
  readonly tools: readonly ToolDescription[];
  /** Calls a tool. A failure is a result with `isError`, a code and the next step; the promise never rejects. */
  call(name: string, args: unknown, options?: ToolCallOptions): Promise<ToolResult>;
  /** Closes all sessions, also where closing one of them fails. */
  close(): Promise<void>;
}

const known: ReadonlySet<string> = new Set([
  ...[
    'tools',
    'allowHosts',
    'secrets',
    'folder',
    'storeFolder',
    'encryptionKey',
    'proxy',
    'maxSessions',
    'maxPages',
  ],
  ...['idleTimeout', 'timeout'],
]);

const coreTools: readonly Tool[] = [
  ...sessionTools.slice(0, 3),
  fetchTool,
  ...pageTools.slice(0, 3),
  formsTool,
  ...pageTools.slice(3),
  submitTool,
  ...extractTools,
];

/** Limits without an option. */
const maxBodyBytes = 5 * 1024 * 1024;
const maxHtmlBytes = 2 * 1024 * 1024;
const maxViewLength = 100_000;
const maxTexts = 20;

/**
 * Creates the tools of the MCP server: sessions, pages, forms and requests for an agent, safe by default. They reach
 * only public addresses, which is checked on every hop and after name resolution.
 *
 * @throws RequestError ERR_INVALID_OPTION
 * @example
 * const toolbox = await createToolbox();
 * const { structuredContent } = await toolbox.call('session_create', { browser: 'firefox' });
 */
export async function createToolbox(options: ToolboxOptions = {}): Promise<Toolbox> {
  checkOptions(options, 'Toolbox options', known);
  const given = ownCopy('Toolbox options', options);
  const tools = checkOneOf('tools', own(given, 'tools') ?? 'core', ['core', 'all']);
  const transport = await transportOf(given);
  return new Tools(tools === 'all' ? [...coreTools, ...moreTools] : coreTools, given, transport);
}

class Tools implements Toolbox {
  readonly tools: readonly ToolDescription[];
  readonly #byName: ReadonlyMap<string, Tool>;
  readonly #place: Workplace;
  readonly #registry: Registry;
  readonly #transport: Transport;

  constructor(tools: readonly Tool[], options: ToolboxOptions, transport: Transport) {
    this.#transport = transport;
    const budget = budgetOf(options);
    const secrets = new Secrets(ownCopy('secrets', options.secrets ?? {}));
    const files = new Files(options.folder == null ? null : checkString('folder', options.folder));
    const session: SessionOptions = {
      transport,
      browser: 'chrome',
      timeout: budget.timeout,
      maxBodyBytes,
      crossOriginBody: false,
    };
    this.#registry = createRegistry({
      session,
      idleTimeout: options.idleTimeout ?? 1_800_000,
      whenFull: 'refuse',
      maxSessions: 1000,
      ...(options.storeFolder != null && {
        store: fileStore(checkString('storeFolder', options.storeFolder), encryptionOf(options)),
      }),
    });
    this.#place = {
      sessions: new ClientSessions(this.#registry, session, budget),
      pages: new Kept<Page>('p', budget.maxPages, 'Open it again with page_open.'),
      texts: new Kept<LongText>('t', maxTexts, 'Make the request again.'),
      recordings: new Map(),
      ...{ secrets, files, budget },
    };
    this.#byName = new Map(tools.map((tool) => [tool.name, tool]));
    this.tools = tools.map(({ run: _, ...description }) => description);
  }

  async call(name: string, args: unknown, options: ToolCallOptions = {}): Promise<ToolResult> {
    const { client = 'local', signal } = options;
    try {
      const tool = this.#byName.get(name);
      if (tool === undefined) {
        const all = [...this.#byName.keys()].join(', ');
        throw new ToolError('ERR_UNKNOWN_TOOL', 'There is no such tool', `There are: ${all}.`);
      }
      const checked = new ToolArguments(checkArguments(tool.inputSchema, args ?? {}));
      return this.#result(await tool.run(this.#place, { args: checked, client, signal }));
    } catch (error) {
      return this.#failure(error);
    }
  }

  #result({ data, view, hidden = [] }: ToolAnswer): ToolResult {
    const scrub = this.#place.secrets.scrubber(hidden);
    const clean = scrubAll(data, scrub) as Record<string, unknown>;
    const facts = JSON.stringify(clean);
    if (view === undefined) return { content: [{ type: 'text', text: facts }], structuredContent: clean };
    const text = fenced(scrub(view.text), scrub(view.url));
    return {
      content: [{ type: 'text', text: `${facts}\n${text}` }],
      structuredContent: { ...clean, view: text },
    };
  }

  #failure(error: unknown): ToolResult {
    const { code, message, next } = failureOf(error);
    const said = this.#place.secrets.scrub(message);
    return {
      content: [{ type: 'text', text: `${code}: ${said}. ${next}` }],
      structuredContent: { code, message: said, next },
      isError: true,
    };
  }

  async close(): Promise<void> {
    this.#place.pages.clear();
    this.#place.texts.clear();
    this.#place.recordings.clear();
    try {
      await this.#registry.close();
    } finally {
      await this.#transport.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Without this option fileStore reads the key from its environment variable. */
function encryptionOf({ encryptionKey }: ToolboxOptions): { readonly encryptionKey?: string | null } {
  return encryptionKey === undefined ? {} : { encryptionKey };
}

function budgetOf(options: ToolboxOptions): Budget {
  const count = (name: 'maxSessions' | 'maxPages' | 'timeout', otherwise: number): number =>
    checkNumber(name, own(options, name) ?? otherwise, { least: 1, integer: true });
  return {
    maxSessions: count('maxSessions', 20),
    maxPages: count('maxPages', 50),
    timeout: count('timeout', 30_000),
    maxHtmlBytes,
    maxViewLength,
  };
}

function transportOf({ allowHosts = [], proxy }: ToolboxOptions): Promise<Transport> {
  if (!Array.isArray(allowHosts) || allowHosts.some((host) => typeof host !== 'string')) {
    throw invalidOption(
      'allowHosts',
      "a list of hosts such as 'localhost' or 'intranet.example:8443'",
      allowHosts,
    );
  }
  const allowed = new Set(allowHosts.map((host) => host.toLowerCase()));
  const isAllowed = (hostname: string, port: number): boolean =>
    allowed.has(hostname) || allowed.has(`${hostname}:${port}`);
  return createTransport({
    allowAddress: (address, { hostname, port }) =>
      isAllowed(hostname, port) || (!forbiddenPorts.has(port) && publicAddressesOnly(address)),
    ...(proxy !== undefined && { proxy, allowHost: (hostname, { port }) => isAllowed(hostname, port) }),
  });
}

/** A copy in which `clean` has changed all texts, names included. */
function scrubAll(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((each) => scrubAll(each, clean));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [clean(name), scrubAll(each, clean)]),
  );
}
