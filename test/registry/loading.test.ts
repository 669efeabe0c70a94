import { describe, expect, it } from 'vitest';
import { startChild } from '../helpers/child.ts';

/** Prints which of the packages and rooms that not everyone needs are loaded after `code`. */
const program = (code: string): string => `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({
    resolve: (name, context, next) => {
      const found = next(name, context);
      loaded.push(found.url);
      return found;
    },
  });
  ${code}
  const wanted = ['/src/registry/', '/src/har/', '/src/mcp/', '/src/page/', '/redis/', '/ioredis/'];
  console.log(JSON.stringify(wanted.filter((part) => loaded.some((url) => url.includes(part)))));
`;

describe('what is loaded', () => {
  it.each<[string, string, string[]]>([
    ['jarfetch', "await import('jarfetch');", []],
    ['the registry', "await import('jarfetch/registry');", ['/src/registry/']],
    [
      'the first save to a file',
      `const { createRegistry, fileStore } = await import('jarfetch/registry');
       const registry = createRegistry({ store: fileStore(process.argv[1]) });
       await registry.create('ada');
       await registry.close();`,
      ['/src/registry/'],
    ],
    ['the tools for agents', "await import('jarfetch/mcp');", ['/src/registry/', '/src/mcp/', '/src/page/']],
    ['the recorder', "await import('jarfetch/har');", ['/src/har/']],
  ])('with %s is no more than it needs', async (_, code, wanted) => {
    const { temporaryFolder } = await import('../helpers/folders.ts');
    const { output, errors } = await startChild(program(code), [await temporaryFolder()]).ended;
    expect([errors, JSON.parse(output)]).toEqual(['', wanted]);
  });
});
