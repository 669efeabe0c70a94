/** Serves the tools over standard input and output. Arguments: hosts that are allowed. */
import { createToolbox, serveStdio } from '../../src/mcp/index.ts';

const toolbox = await createToolbox({ tools: 'all', allowHosts: process.argv.slice(2) });
await serveStdio(toolbox);
