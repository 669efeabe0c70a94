// Written by `npm run api`.

export interface McpHttpServer extends AsyncDisposable {
  readonly url: string;
  close(): Promise<void>;
}

export interface McpSecret {
  readonly value: string;
  readonly origins: readonly string[];
}

export interface ObjectSchema {
  readonly type: 'object';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

export type Schema =
  | {
      readonly type: 'string';
      readonly description?: string;
      readonly enum?: readonly string[];
      readonly default?: string;
    }
  | {
      readonly type: 'integer' | 'number';
      readonly description?: string;
      readonly minimum?: number;
      readonly maximum?: number;
      readonly default?: number;
    }
  | {
      readonly type: 'boolean';
      readonly description?: string;
      readonly default?: boolean;
    }
  | {
      readonly type: 'array';
      readonly description?: string;
      readonly items?: Schema;
    }
  | ObjectSchema
  | {
      readonly type?: undefined;
      readonly description?: string;
    };

export interface ServeHttpOptions {
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly tokens?: readonly string[] | undefined;
  readonly allowHosts?: readonly string[] | undefined;
}

export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

export interface ToolCallOptions {
  readonly client?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ToolDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
}

export interface ToolResult {
  readonly content: readonly {
    readonly type: 'text';
    readonly text: string;
  }[];
  readonly structuredContent: Readonly<Record<string, unknown>>;
  readonly isError?: true;
}

export interface Toolbox extends AsyncDisposable {
  readonly tools: readonly ToolDescription[];
  call(name: string, args: unknown, options?: ToolCallOptions): Promise<ToolResult>;
  close(): Promise<void>;
}

export interface ToolboxOptions {
  readonly tools?: 'core' | 'all' | undefined;
  readonly allowHosts?: readonly string[] | undefined;
  readonly secrets?: Readonly<Record<string, McpSecret>> | undefined;
  readonly folder?: string | null | undefined;
  readonly storeFolder?: string | null | undefined;
  readonly encryptionKey?: string | null | undefined;
  readonly proxy?: string | undefined;
  readonly maxSessions?: number | undefined;
  readonly maxPages?: number | undefined;
  readonly idleTimeout?: number | undefined;
  readonly maxFileBytes?: number | undefined;
  readonly timeout?: number | undefined;
}

export declare function createToolbox(options?: ToolboxOptions): Promise<Toolbox>;

export declare function serveHttp(toolbox: Toolbox, options?: ServeHttpOptions): Promise<McpHttpServer>;

export declare function serveStdio(toolbox: Toolbox): Promise<{
  close(): Promise<void>;
}>;
