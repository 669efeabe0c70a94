import type { HarRecording } from '../har/index.ts';
import type { Page } from '../page/index.ts';
import type { ToolArguments } from './arguments.ts';
import type { Budget } from './budget.ts';
import type { ClientSessions } from './client-sessions.ts';
import type { Files } from './files.ts';
import type { Kept } from './kept.ts';
import type { ObjectSchema } from './schema.ts';
import type { Secrets } from './secrets.ts';

/** Hints of the protocol about what a tool does. Model Context Protocol, "ToolAnnotations". */
export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** The description of a tool for clients. */
export interface ToolDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
}

/** A text that is longer than one answer. */
export interface LongText {
  readonly text: string;
  readonly url: string;
  readonly hidden: readonly string[];
}

/** The objects that all tools share. */
export interface Workplace {
  readonly sessions: ClientSessions;
  readonly pages: Kept<Page>;
  readonly texts: Kept<LongText>;
  readonly secrets: Secrets;
  readonly files: Files;
  /** By the ids of their sessions. */
  readonly recordings: Map<string, HarRecording>;
  readonly budget: Budget;
}

/** One call of a tool. */
export interface ToolCall {
  readonly args: ToolArguments;
  /** The name of the client, which cannot see the sessions and pages of others. */
  readonly client: string;
  readonly signal: AbortSignal | undefined;
}

/** The answer of a tool. */
export interface ToolAnswer {
  /** As the tool's output schema has it. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Text of a server, which is not trusted: it is fenced and becomes `view`. */
  readonly view?: { readonly text: string; readonly url: string };
  /** The URL of the page whose text is in `data`, which is then fenced where it is shown as text. */
  readonly from?: string;
  /** Values that must not be shown, such as those of the session's cookies. */
  readonly hidden?: readonly string[];
}

export interface Tool extends ToolDescription {
  readonly run: (place: Workplace, call: ToolCall) => Promise<ToolAnswer>;
}
