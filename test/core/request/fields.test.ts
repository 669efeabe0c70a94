import { describe, expect, it } from 'vitest';
import { toSearchParams } from '../../../src/core/request/fields.ts';
import { createSession, type RequestInit } from '../../../src/index.ts';
import { refusalOf } from '../../helpers/refusals.ts';
import { headerOf, type SeenRequest, startServer } from '../../helpers/servers.ts';

async function sent(init: RequestInit): Promise<SeenRequest | undefined> {
  const server = await startServer((_, response) => void response.end());
  await using session = await createSession();
  await session.fetch(server.url, { method: 'POST', ...init });
  return server.seen[0];
}

interface Login {
  user: string;
  remember?: boolean | undefined;
}

describe('fields', () => {
  it.each<[kind: string, fields: unknown, text: string]>([
    ['an array, one field for each item', { a: ['x', 'y'] }, 'a=x&a=y'],
    ['an empty array', { a: [], b: '1' }, 'b=1'],
    ['undefined, which is left out', { a: undefined, b: ['1', undefined, '2'] }, 'b=1&b=2'],
    ['numbers and booleans', { a: [1, true], b: -0.5 }, 'a=1&a=true&b=-0.5'],
    ['pairs with an array', [['a', ['x', 'y']]], 'a=x&a=y'],
    [
      'a Map',
      new Map([
        ['a', undefined],
        ['b', '1'],
      ]),
      'b=1',
    ],
    ['an object of an interface', { user: 'ada', remember: undefined } satisfies Login, 'user=ada'],
    ['an object of a class', Object.assign(new (class Form {})(), { a: 1 }), 'a=1'],
  ])('take %s', (_, fields, text) => {
    expect(toSearchParams('form', fields).toString()).toBe(text);
  });

  it('accept an object of an interface type', async () => {
    const login: Login = { user: 'ada', remember: true };
    const seen = await sent({ form: login, searchParams: login });
    expect([seen?.url, seen?.body.toString()]).toEqual([
      '/?user=ada&remember=true',
      'user=ada&remember=true',
    ]);
  });

  it.each<[kind: string, fields: unknown, message: RegExp]>([
    [
      'a Blob',
      { a: new Blob(['x']) },
      /^form\.a must be .*, got an instance of Blob: send files by a FormData as body$/,
    ],
    ['a File in an array', { a: [new File(['x'], 'a')] }, /^form\.a .*: send files by a FormData as body$/],
    ['a FormData', new FormData(), /^form must be .*, got a FormData: give it as body$/],
    [
      'a Blob alone',
      new Blob(['x']),
      /^form must be an object, pairs or URLSearchParams, got an instance of Blob$/,
    ],
    ['bytes', Buffer.from('a=1'), /^form must be an object, .*, got an instance of Buffer$/],
    [
      'null',
      { a: null },
      /^form\.a must be a string, number or boolean, got null: write undefined to leave it out$/,
    ],
    [
      'null in an array',
      { a: ['x', null] },
      /^form\.a must be .*, got null: write undefined to leave it out$/,
    ],
    ['an array in an array', { a: [['x']] }, /^form\.a must be .*, got an array$/],
  ])('do not take %s', async (_, form, message) => {
    await using session = await createSession();
    const init = { method: 'POST', form } as RequestInit;
    const refusal = await refusalOf(() => session.fetch('http://127.0.0.1:1', init));
    expect([refusal.code, refusal.message]).toEqual(['ERR_INVALID_OPTION', expect.stringMatching(message)]);
  });
});

describe('line breaks', () => {
  it.each<[kind: string, form: RequestInit['form'], body: string]>([
    ['LF', { a: 'x\ny' }, 'a=x%0D%0Ay'],
    ['CR', { a: 'x\ry' }, 'a=x%0D%0Ay'],
    ['CR LF', { a: 'x\r\ny' }, 'a=x%0D%0Ay'],
    ['LF CR', { a: 'x\n\ry' }, 'a=x%0D%0A%0D%0Ay'],
    ['LF in a name', { 'a\nb': '1' }, 'a%0D%0Ab=1'],
    ['LF in URLSearchParams', new URLSearchParams({ a: 'x\ny' }), 'a=x%0D%0Ay'],
    ['LF in a text of fields', 'a=x%0Ay&b', 'a=x%0D%0Ay&b='],
    ['none', { a: 'x y' }, 'a=x+y'],
  ])('of a form are CR LF, as browsers send them: %s', async (_, form, body) => {
    const seen = await sent({ form });
    expect(seen?.body.toString()).toBe(body);
    expect(headerOf(seen, 'content-length')).toBe(String(body.length));
  });

  it('of URLSearchParams as body and of a query are not changed', async () => {
    const seen = await sent({ body: new URLSearchParams({ a: 'x\ny' }), searchParams: { b: 'x\ny' } });
    expect([seen?.url, seen?.body.toString()]).toEqual(['/?b=x%0Ay', 'a=x%0Ay']);
  });
});
