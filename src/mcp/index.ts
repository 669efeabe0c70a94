export { type McpHttpServer, type ServeHttpOptions, serveHttp } from './http.ts';
export type { ObjectSchema, Schema } from './schema.ts';
export type { McpSecret } from './secrets.ts';
export { serveStdio } from './serve.ts';
export type { ToolAnnotations, ToolDescription } from './tool.ts';
export {
  type CallOptions,
  createToolbox,
  type Toolbox,
  type ToolboxOptions,
  type ToolResult,
} from './toolbox.ts';
