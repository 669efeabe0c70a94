/** MediaWiki by the tools of `jarfetch mcp` alone, through the protocol's own client library. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { makeFolder } from './php-server.ts';
import type { SuiteContext } from './suite.ts';
import type { Person } from './visits.ts';

const text = 'Written by tools: été & <tea>';

/** Logs in with a secret by its name, edits a page, reads it and its history, and closes the session. */
export async function editByTools(context: SuiteContext, url: string, person: Person): Promise<void> {
  const folder = await makeFolder(context, 'mediawiki-tools');
  const secrets = join(folder, 'secrets.json');
  const { username, password } = person;
  await writeFile(secrets, JSON.stringify({ wiki: { value: password, origins: [url] } }), { mode: 0o600 });
  const main = join(import.meta.dirname, '../../dist/cli/main.js');
  const options = ['--tools', 'all', '--allow-host', new URL(url).host, '--secrets', secrets];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, 'mcp', ...options],
    stderr: 'inherit',
  });
  const client = new Client({ name: 'end-to-end', version: '1' });
  await client.connect(transport);
  context.defer(() => client.close());
  const answers: unknown[] = [];
  const call = async (name: string, given: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const answer = await client.callTool({ name, arguments: given });
    answers.push(answer);
    assert.notEqual(answer.isError, true, `${name}: ${JSON.stringify(answer.structuredContent)}`);
    return answer.structuredContent as Record<string, unknown>;
  };
  const { session_id } = await call('session_create', { base_url: url, browser: 'firefox' });
  const login = { session_id, url: '/index.php?title=Special:UserLogin', username, password_secret: 'wiki' };
  const home = await call('login_run', login);
  assert.match(String(home.view), new RegExp(username));
  const editor = await call('page_open', { session_id, url: '/index.php?title=Tools&action=edit' });
  const { forms } = await call('page_forms', { page_id: editor.page_id, form: 'name=editform' });
  assert.match(JSON.stringify(forms), /wpTextbox1/);
  const edit = {
    page_id: editor.page_id,
    form: 'name=editform',
    values: { wpTextbox1: text, wpSummary: 'by tools' },
    click: 'name=wpSave',
  };
  const { entries } = await call('form_submit', { ...edit, dry_run: true });
  assert.match(JSON.stringify(entries), /Written by tools/);
  const saved = await call('form_submit', { ...edit, view: 'text' });
  assert.match(String(saved.view), /Written by tools: été & <tea>/);
  const history = await call('page_follow', { page_id: saved.page_id, target: '#ca-history a' });
  const schema = {
    baseSelector: '#pagehistory li',
    fields: [{ name: 'author', selector: '.mw-userlink', type: 'text' }],
  };
  const { rows } = await call('page_extract', { page_id: history.page_id, schema });
  assert.deepEqual(rows, [{ author: username }]);
  assert.deepEqual(await call('session_close', { session_id }), { closed: true });
  const gone = await client.callTool({ name: 'page_links', arguments: { page_id: saved.page_id } });
  assert.equal(gone.isError, true);
  // The token against forgery and the cookies of the session are in no answer, nor is the password.
  const all = JSON.stringify(answers);
  for (const secret of [password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1)]) {
    assert.ok(!all.includes(secret), 'the password is shown');
  }
  assert.doesNotMatch(all, /[0-9a-f]{40}\+\\\\/);
}
