/** What a person does in DokuWiki with a browser, done with a session. */
import assert from 'node:assert/strict';
import type { Session } from 'jarfetch';
import type { WikiUser } from './dokuwiki-server.ts';
import { findLink, parseForm } from './html-form.ts';

export class WikiVisitor {
  readonly #session: Session;

  /** The session's base URL is the wiki. */
  constructor(session: Session) {
    this.#session = session;
  }

  /** The values of all cookies that the session has now. */
  cookieValues(): string[] {
    return this.#session.getAllCookies().map((cookie) => cookie.value);
  }

  async open(searchParams: Record<string, string>): Promise<string> {
    const response = await this.#session.fetch('/doku.php', { searchParams });
    assert.equal(response.status, 200);
    return response.text();
  }

  /** Fills in the login form; returns the page that comes then. */
  async logIn(user: WikiUser): Promise<string> {
    const response = await this.#submit({ id: 'start', do: 'login' }, 'dw__login', {
      u: user.login,
      p: user.password,
    });
    return response.text();
  }

  /** Opens the editor, changes some of its fields and presses Save. */
  save(id: string, changes: Record<string, string>): Promise<Response> {
    return this.#submit({ id, do: 'edit' }, 'dw__editform', { ...changes, 'do[save]': '1' });
  }

  /** Follows the link on a page; it carries the security token too. */
  async logOut(id: string): Promise<string> {
    const link = findLink(await this.open({ id }), 'do=logout');
    assert.match(link, /sectok=[0-9a-f]{32}/);
    return (await this.#session.fetch(link)).text();
  }

  async expectClosed(id: string): Promise<void> {
    const html = await this.open({ id });
    assert.ok(html.includes('Permission Denied'), `${id} is open`);
  }

  async #submit(
    page: Record<string, string>,
    formId: string,
    changes: Record<string, string>,
  ): Promise<Response> {
    const form = parseForm(await this.open(page), formId);
    return this.#session.fetch(form.action, { method: 'POST', form: { ...form.fields, ...changes } });
  }
}

/** Who the page says is logged in: one full name, or null for a visitor. */
export function whoIsLoggedIn(html: string): string | null {
  return /Logged in as: <bdi>([^<]*)<\/bdi>/.exec(html)?.[1] ?? null;
}
