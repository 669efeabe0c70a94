import { expect, onTestFinished } from 'vitest';
import { createToolbox, type Toolbox, type ToolboxOptions } from '../../src/mcp/index.ts';
import type { Site } from './site.ts';

/** Tools of one test, which may reach the site. */
export async function toolboxFor(site: Site | null, options: ToolboxOptions = {}): Promise<Toolbox> {
  const toolbox = await createToolbox({ ...(site && { allowHosts: [site.host] }), ...options });
  onTestFinished(() => toolbox.close());
  return toolbox;
}

type Answer = Record<string, unknown>;

/** Calls a tool that does not fail. */
export async function call(toolbox: Toolbox, name: string, args: object, client?: string): Promise<Answer> {
  const { structuredContent, isError } = await answerOf(toolbox, name, args, client);
  expect([isError, structuredContent.message]).toEqual([undefined, undefined]);
  return structuredContent;
}

/** Calls a tool that fails. */
export async function fail(toolbox: Toolbox, name: string, args: object, client?: string): Promise<Answer> {
  const { structuredContent, isError } = await answerOf(toolbox, name, args, client);
  expect(isError).toBe(true);
  return structuredContent;
}

function answerOf(toolbox: Toolbox, name: string, args: object, client: string | undefined) {
  return toolbox.call(name, args, client === undefined ? {} : { client });
}

/** What stands inside the fence. */
export function textOf({ view }: Record<string, unknown>): string {
  return String(view).split('\n').slice(1, -1).join('\n');
}
