import { describe, expect, it } from 'vitest';
import { startSite } from '../../examples/site.ts';
import { exitCodeOf, exitCodeOfStatus, exitCodes } from '../../src/cli/exit-codes.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { RequestError, type RequestErrorCode } from '../../src/core/errors.ts';
import { runCommand } from '../helpers/command-line.ts';
import { startServer } from '../helpers/servers.ts';

it('is a closed list', () => {
  expect(Object.keys(exitCodes).map(Number)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 130,
  ]);
});

it.each([
  ['ERR_INVALID_URL', 2],
  ['ERR_TOO_MANY_REDIRECTS', 6],
  ['ERR_TIMEOUT', 7],
  ['ERR_DNS', 8],
  ['ERR_AMBIGUOUS', 9],
  ['ERR_STORE_KEY', 10],
  ['ERR_LOGIN_FAILED', 11],
  ['ERR_ADDRESS_FORBIDDEN', 12],
  ['ERR_FORM_INVALID', 13],
  ['ERR_NOT_HTML', 14],
  ['ERR_OF_A_LATER_RELEASE', 1],
])('%s ends with %i', (code, exitCode) => {
  expect(exitCodeOf(new RequestError(code as RequestErrorCode, 'x'))).toBe(exitCode);
});

it.each([
  [new UsageError('x'), 2],
  [new Error('x'), 1],
  ['x', 1],
  [new RequestError('ERR_STATUS', 'x', { status: 404 }), 4],
  [new RequestError('ERR_STATUS', 'x'), 1],
])('%s ends with %i', (error, exitCode) => {
  expect(exitCodeOf(error)).toBe(exitCode);
});

it.each([
  [200, 0],
  [204, 0],
  [304, 3],
  [404, 4],
  [503, 5],
  [null, 0],
])('a final status of %s is %i', (status, exitCode) => {
  expect(exitCodeOfStatus(status)).toBe(exitCode);
});

describe('a command', () => {
  it.each([
    [301, 3],
    [404, 4],
    [500, 5],
  ])('that gets the status %i prints the body and ends with %i', async (status, exitCode) => {
    const server = await startServer((_request, response) => void response.writeHead(status).end('body'));
    expect(await runCommand(['get', server.url])).toEqual({ code: exitCode, output: 'body', errors: '' });
    expect((await runCommand(['get', server.url, '--no-check-status'])).code).toBe(0);
  });

  it('ends with 6 for a circle of redirects', async () => {
    const server = await startServer(
      (_request, response) => void response.writeHead(302, { location: '/' }).end(),
    );
    expect((await runCommand(['get', server.url, '--max-redirects', '3'])).code).toBe(6);
  });

  it('ends with 7 after a timeout', async () => {
    const site = await startSite();
    const { code, errors } = await runCommand(['get', `${site.url}/slow`, '--timeout', '50ms']);
    await site.close();
    expect(code).toBe(7);
    expect(errors).toMatch(/^jarfetch: .*50 ?ms/);
  });

  it('ends with 8 when no server listens', async () => {
    const server = await startServer((_request, response) => void response.end());
    await server.close();
    expect((await runCommand(['get', server.url])).code).toBe(8);
  });

  it('ends with 2 for an invalid URL, before anything is sent', async () => {
    expect((await runCommand(['get', 'http://a.test:99999/'])).code).toBe(2);
  });
});
