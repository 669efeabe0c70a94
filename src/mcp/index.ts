export type { ObjectSchema, Schema } from './schema.ts';
export type { McpSecret } from './secrets.ts';
export { type McpHttpServer, type ServeHttpOptions, serveHttp } from './server/http.ts';
export { serveStdio } from './server/serve.ts';
export {
  createToolbox,
  type Toolbox,
  type ToolCallOptions,
  type ToolResult,
} from './server/toolbox.ts';
export type { ToolboxOptions } from './server/toolbox-options.ts';
export type { ToolAnnotations, ToolDescription } from './tool.ts';
