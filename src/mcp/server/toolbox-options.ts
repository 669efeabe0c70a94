import { checkNumber, own } from '../../core/checks.ts';
import { createTransport, publicAddressesOnly, type Transport } from '../../index.ts';
import { AllowedHosts } from '../allowed-hosts.ts';
import type { Budget } from '../budget.ts';
import { forbiddenPorts } from '../forbidden-ports.ts';
import type { McpSecret } from '../secrets.ts';

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
   * Largest downloaded file in bytes.
   * @default 104857600
   */
  readonly maxFileBytes?: number | undefined;
  /**
   * Time limit of a request in milliseconds; a call can make several and has ten times as long.
   * @default 30000
   */
  readonly timeout?: number | undefined;
}

export const toolboxOptions: ReadonlySet<string> = new Set([
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
  ...['idleTimeout', 'timeout', 'maxFileBytes'],
]);

/** Fixed limits. */
const maxHtmlBytes = 2 * 1024 * 1024;
const maxViewLength = 100_000;

/** Without this option fileStore reads the key from its environment variable. */
export function encryptionOf({ encryptionKey }: ToolboxOptions): { readonly encryptionKey?: string | null } {
  return encryptionKey === undefined ? {} : { encryptionKey };
}

export function budgetOf(options: ToolboxOptions): Budget {
  const count = (name: 'maxSessions' | 'maxPages' | 'timeout' | 'maxFileBytes', otherwise: number): number =>
    checkNumber(name, own(options, name) ?? otherwise, { least: 1, integer: true });
  return {
    maxSessions: count('maxSessions', 20),
    maxPages: count('maxPages', 50),
    timeout: count('timeout', 30_000),
    maxFileBytes: count('maxFileBytes', 104_857_600),
    maxHtmlBytes,
    maxViewLength,
  };
}

export function transportOf({ allowHosts = [], proxy }: ToolboxOptions): Promise<Transport> {
  const allowed = new AllowedHosts(allowHosts);
  return createTransport({
    allowAddress: (address, { hostname, port }) =>
      allowed.has(hostname, port) || (!forbiddenPorts.has(port) && publicAddressesOnly(address)),
    ...(proxy !== undefined && { proxy, allowHost: (hostname, { port }) => allowed.has(hostname, port) }),
  });
}
