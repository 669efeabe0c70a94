/** What hosts and the registry of MCP servers are told: server.json, and the settings in docs/mcp.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { createToolbox } from '../../src/mcp/index.ts';
import { root } from '../../tools/entries.ts';
import { runCommand } from '../helpers/command-line.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const server = JSON.parse(read('server.json'));
const pack = JSON.parse(read('package.json'));

const argument = {
  type: 'object',
  required: ['type'],
  properties: {
    type: { enum: ['named', 'positional'] },
    name: { type: 'string' },
    value: { type: 'string' },
    valueHint: { type: 'string' },
    description: { type: 'string' },
    isRepeated: { type: 'boolean' },
    format: { enum: ['string', 'number', 'boolean', 'filepath'] },
  },
  additionalProperties: false,
  anyOf: [
    { required: ['name'], properties: { type: { const: 'named' } } },
    { required: ['value'], properties: { type: { const: 'positional' } } },
    { required: ['valueHint'], properties: { type: { const: 'positional' } } },
  ],
};

/** What the schema of 2025-12-11 asks of the members that are used here; it takes others, which would be misspelt here. */
const schema = {
  type: 'object',
  required: ['$schema', 'name', 'description', 'version', 'packages'],
  additionalProperties: false,
  properties: {
    $schema: { const: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json' },
    name: { type: 'string', minLength: 3, maxLength: 200, pattern: '^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$' },
    title: { type: 'string', minLength: 1, maxLength: 100 },
    description: { type: 'string', minLength: 1, maxLength: 100 },
    version: { type: 'string', maxLength: 255, pattern: '^\\d+\\.\\d+\\.\\d+(-[\\w.]+)?$' },
    repository: {
      type: 'object',
      required: ['url', 'source'],
      additionalProperties: false,
      properties: { url: { type: 'string', pattern: '^https://' }, source: { const: 'github' } },
    },
    packages: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['registryType', 'identifier', 'version', 'transport'],
        additionalProperties: false,
        properties: {
          registryType: { const: 'npm' },
          identifier: { type: 'string' },
          version: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+(-[\\w.]+)?$' },
          runtimeHint: { const: 'npx' },
          packageArguments: { type: 'array', items: argument },
          environmentVariables: {
            type: 'array',
            items: {
              type: 'object',
              required: ['name'],
              additionalProperties: false,
              properties: {
                name: { type: 'string' },
                description: { type: 'string' },
                isSecret: { type: 'boolean' },
              },
            },
          },
          transport: {
            type: 'object',
            required: ['type'],
            additionalProperties: false,
            properties: { type: { const: 'stdio' } },
          },
        },
      },
    },
  },
};

it('server.json matches its schema', () => {
  const validate = new Ajv({ allErrors: true }).compile(schema);
  validate(server);
  expect(validate.errors ?? []).toEqual([]);
  expect(validate({ ...server, description: 'x'.repeat(101) })).toBe(false);
});

it('server.json and package.json agree', () => {
  const { packages } = server;
  expect([server.version, ...packages.map(({ version }: { version: string }) => version)]).toEqual([
    ...[pack.version, pack.version],
  ]);
  expect(packages[0].identifier).toBe(pack.name);
  // The registry looks for this name in the package, and for the owner of the repository in the name.
  expect(pack.mcpName).toBe(server.name);
  expect(pack.repository.url).toBe(`git+${server.repository.url}.git`);
  const owner = /github\.com\/([\w-]+)\//.exec(server.repository.url)?.[1];
  expect(server.name).toBe(`io.github.${owner}/${pack.name}`);
  expect(pack.description.length).toBeGreaterThan(0);
});

it('the program has the options that server.json names', async () => {
  const { output } = await runCommand(['mcp', '--help']);
  const { packageArguments } = server.packages[0];
  for (const { name } of packageArguments) if (name !== undefined) expect(output).toContain(name);
});

interface Host {
  readonly command?: string;
  readonly args?: readonly string[];
}

const blocks = [...read('docs/mcp.md').matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) =>
  JSON.parse(text),
);

it('the settings of hosts in docs/mcp.md start the server with existing options', async () => {
  const hosts = blocks.flatMap((block) =>
    ['mcpServers', 'servers', 'context_servers'].flatMap((key) => Object.values<Host>(block[key] ?? {})),
  );
  expect(hosts.length).toBeGreaterThan(3);
  const { output } = await runCommand(['mcp', '--help']);
  for (const { command, args = [] } of hosts) {
    expect([command, ...args.slice(0, 7)]).toEqual([
      ...['npx', '-y', '-p', 'jarfetch', '-p', '@modelcontextprotocol/server', 'jarfetch', 'mcp'],
    ]);
    for (const option of args.slice(7).filter((word) => word.startsWith('-')))
      expect(output).toContain(option);
  }
});

it('the secrets in docs/mcp.md are valid', async () => {
  const [secrets] = blocks.filter((block) => block.shop !== undefined);
  const toolbox = await createToolbox({ secrets });
  await toolbox.close();
});
