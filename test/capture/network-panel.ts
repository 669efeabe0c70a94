/** The network panel of a browser's developer tools, headless: what it saves as HAR, and what it shows of a HAR. */
import { setTimeout as delay } from 'node:timers/promises';

export interface NetworkPanel {
  /** Goes to a page; does not wait for it. */
  navigate(url: string): Promise<unknown>;
  /** What an expression gives in the page, which must be a string or a promise of one. */
  evaluate(expression: string): Promise<string>;
  /**
   * The file of the panel's "Save all as HAR", with cookies and other sensitive data.
   *
   * @param last the end of the URL of the last request: the panel learns of requests later than the page
   */
  save(last: string): Promise<string>;
  /** Reads a file as the panel's import does, in place of what was shown. */
  open(har: string): Promise<ShownRequest[]>;
  stop(): Promise<void>;
}

/** A request as the panel has it. */
export interface ShownRequest {
  readonly method: string;
  readonly url: string;
  /** 0 for one without an answer. */
  readonly status: number;
  /** The text of its row. */
  readonly row: string;
  /** The body of the response, `null` where the panel has none. */
  readonly content: string | null;
  /** Messages of a WebSocket. */
  readonly messages: number;
}

/** Turns of 50 ms until a page or the panel has what is waited for: 20 s. */
const turns = 400;

/**
 * Logs in as a user of examples/site.ts does by its form, writes a note with a script, and uploads a file with another.
 * Gives the file that the panel saves then.
 */
export async function recordVisit(panel: NetworkPanel, site: string): Promise<string> {
  await panel.navigate(`${site}/login`);
  await until(panel, `String(document.readyState === 'complete' && document.forms.length === 1)`);
  await panel.evaluate(`(() => {
    document.querySelector('[name=user]').value = 'alice';
    document.querySelector('[name=password]').value = 'white-rabbit';
    document.querySelector('button').click();
    return '';
  })()`);
  await until(panel, `String(location.pathname === '/members' && document.readyState === 'complete')`);
  await panel.evaluate(`(async () => {
    const headers = { 'content-type': 'application/json' };
    await (await fetch('/api/notes', { method: 'POST', headers, body: '{"text":"grün","list":[1,2]}' })).text();
    const body = new FormData();
    body.set('note', new File(['gr\\u00fcn'], 'n.txt', { type: 'text/plain' }));
    await (await fetch('/echo', { method: 'POST', body })).text();
    return '';
  })()`);
  return panel.save('/echo');
}

async function until(panel: NetworkPanel, expression: string): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    // A page that goes away takes the expression with it.
    if ((await panel.evaluate(expression).catch(() => '')) === 'true') return;
    await delay(50);
  }
  throw new Error(`the page does not come to ${expression}`);
}
