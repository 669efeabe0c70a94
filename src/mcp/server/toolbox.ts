import { checkOneOf, checkOptions, checkString, own, ownCopy } from '../../core/checks.ts';
import type { SessionOptions, Transport } from '../../index.ts';
import type { Page } from '../../page/index.ts';
import { createRegistry, fileStore, type Registry } from '../../registry/index.ts';
import { ToolArguments } from '../arguments.ts';
import { ClientSessions } from '../client-sessions.ts';
import { Files } from '../files.ts';
import { Kept } from '../kept.ts';
import { checkArguments } from '../schema.ts';
import { Secrets } from '../secrets.ts';
import type { LongText, Tool, ToolAnswer, ToolDescription, Workplace } from '../tool.ts';
import { failureOf, ToolError } from '../tool-error.ts';
import { fetchTool } from '../tools/fetch-tool.ts';
import { formsTool, submitTool } from '../tools/form-tools.ts';
import { moreTools } from '../tools/more-tools.ts';
import { extractTools, pageTools } from '../tools/page-tools.ts';
import { sessionTools } from '../tools/session-tools.ts';
import { hiddenOf } from '../tools/visits.ts';
import { fenced, ServerText, visible } from '../untrusted.ts';
import {
  budgetOf,
  encryptionOf,
  type ToolboxOptions,
  toolboxOptions,
  transportOf,
} from './toolbox-options.ts';

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
const maxTexts = 20;
/** Most characters of a message that quotes a page. */
const longestMessage = 2000;

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
  checkOptions(options, 'Toolbox options', toolboxOptions);
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
    const { client = 'local' } = options;
    const limit = AbortSignal.timeout(this.#place.budget.timeout * 10);
    const signal = options.signal === undefined ? limit : AbortSignal.any([options.signal, limit]);
    try {
      const tool = this.#byName.get(name);
      if (tool === undefined) {
        const all = [...this.#byName.keys()].join(', ');
        throw new ToolError('ERR_UNKNOWN_TOOL', 'There is no such tool', `There are: ${all}.`);
      }
      const checked = new ToolArguments(checkArguments(tool.inputSchema, args ?? {}));
      return this.#result(await tool.run(this.#place, { args: checked, client, signal }));
    } catch (error) {
      return this.#failure(error, await this.#hiddenOf(args, client));
    }
  }

  #result({ data, view, from, hidden = [] }: ToolAnswer): ToolResult {
    const scrub = this.#place.secrets.scrubber(hidden);
    const clean = cleaned(data, (text) => visible(scrub(text))) as Record<string, unknown>;
    const facts = JSON.stringify(clean);
    if (view === undefined) {
      const text = from === undefined ? facts : fenced(facts, scrub(from));
      return { content: [{ type: 'text', text }], structuredContent: clean };
    }
    const text = fenced(scrub(view.text), scrub(view.url));
    return {
      content: [{ type: 'text', text: `${facts}\n${text}` }],
      structuredContent: { ...clean, view: text },
    };
  }

  /** @param hidden what must not be shown of the session that the call was about */
  #failure(error: unknown, hidden: readonly string[]): ToolResult {
    const { code, message, next, isQuoting } = failureOf(error);
    const text = this.#place.secrets.scrubber(hidden)(message);
    const said = isQuoting ? fenced(text.slice(0, longestMessage), 'a page') : visible(text);
    return {
      content: [{ type: 'text', text: `${code}: ${said}${isQuoting ? '\n' : '. '}${next}` }],
      structuredContent: { code, message: said, next },
      isError: true,
    };
  }

  /** What must not be shown of the session that a call names, or whose page it names. */
  async #hiddenOf(args: unknown, client: string): Promise<readonly string[]> {
    const { session_id: sessionId, page_id: pageId } = Object(args) as Readonly<Record<string, unknown>>;
    try {
      const { sessions, pages } = this.#place;
      if (typeof pageId === 'string') {
        const { value, sessionId: id } = pages.get(pageId, client);
        return hiddenOf(await sessions.get(client, id ?? ''), value);
      }
      return typeof sessionId === 'string' ? hiddenOf(await sessions.get(client, sessionId)) : [];
    } catch {
      // There is no such session, and so nothing of it.
      return [];
    }
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

/** A copy in which `clean` has changed all texts, names included. */
function cleaned(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value);
  if (value instanceof ServerText) return value.shown(clean);
  if (Array.isArray(value)) return value.map((each) => cleaned(each, clean));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [clean(name), cleaned(each, clean)]));
}
