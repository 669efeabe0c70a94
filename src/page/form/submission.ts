import { RequestError } from '../../core/errors.ts';
import { encodingOf, outputEncoding } from '../encoding/encodings.ts';
import type { Engine } from '../encoding/engine.ts';
import type { ElementNode } from '../tree/nodes.ts';
import { multipart, plainText, urlEncoded } from './encode.ts';
import { entriesOf, type FormEntry, type Point } from './entries.ts';
import type { FormState } from './form-state.ts';
import { trim } from './sanitize.ts';

/** The request of a form, without its headers. */
export interface Submission {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** `null` for GET. */
  readonly body: Uint8Array | Blob | null;
  readonly contentType: string | null;
  /** Name of the frame or window, empty for the current one. */
  readonly target: string;
  readonly isNoReferrer: boolean;
}

/**
 * HTML Standard, "picking an encoding for the form"; without a supported label it is the page's encoding, as in both
 * browsers.
 */
function formEncoding(state: FormState): string {
  const { document, form } = state.controls;
  const list = form.attribute('accept-charset') ?? '';
  // Captured: the separator is only the space, in Chromium also the comma.
  const labels = list.split(document.engine === 'chromium' ? /[ ,]+/ : / +/);
  for (const label of labels) {
    const encoding = label === '' ? null : encodingOf(label);
    if (encoding !== null) return encoding;
  }
  return document.encoding;
}

/** The value of `_charset_`: Chromium writes `replacement`, and sends UTF-8. */
function shownEncoding(encoding: string, engine: Engine): string {
  return encoding === 'replacement' && engine === 'chromium' ? encoding : outputEncoding(encoding);
}

export function formEntries(state: FormState, submitter: ElementNode | null, point?: Point): FormEntry[] {
  return entriesOf(
    state,
    submitter,
    shownEncoding(formEncoding(state), state.controls.document.engine),
    point,
  );
}

/**
 * HTML Standard, "form submission algorithm", up to the request.
 *
 * @throws RequestError ERR_NOT_NAVIGABLE where a browser sends nothing over HTTP
 */
export function submissionOf(state: FormState, submitter: ElementNode | null, point?: Point): Submission {
  const { document, form } = state.controls;
  const method = methodOf(form, submitter);
  const url = actionOf(state, submitter);
  const encoding = outputEncoding(formEncoding(state));
  const entries = formEntries(state, submitter, point);
  const rel = (form.attribute('rel') ?? '').toLowerCase().split(/[\t\n\f\r ]+/);
  const common = {
    method,
    target: submitter?.attribute('formtarget') ?? form.attribute('target') ?? baseTarget(state),
    isNoReferrer: rel.includes('noreferrer'),
  };
  if (method === 'GET') {
    const target = new URL(url.href);
    target.search = '?';
    target.search = `?${urlEncoded(entries, encoding)}`;
    // An empty query keeps its question mark on the wire. A URL object only has it when it is parsed as a whole.
    return {
      ...common,
      url: target.search === '' ? withEmptyQuery(target) : target,
      body: null,
      contentType: null,
    };
  }
  const enctype = enctypeOf(form, submitter);
  if (enctype === 'multipart/form-data') {
    return { ...common, url, ...multipart(entries, encoding, document.engine) };
  }
  const body =
    enctype === 'text/plain' ? plainText(entries, encoding) : Buffer.from(urlEncoded(entries, encoding));
  return { ...common, url, body, contentType: enctype };
}

function withEmptyQuery(url: URL): URL {
  const { hash } = url;
  const bare = new URL(url.href);
  bare.hash = '';
  bare.search = '';
  return new URL(`${bare.href}?${hash}`);
}

function baseTarget(state: FormState): string {
  return state.controls.document.index.bases.find((base) => base.has('target'))?.attribute('target') ?? '';
}

/** A missing or unknown method is GET, also where the form says POST and the button has an unknown method. */
function methodOf(form: ElementNode, submitter: ElementNode | null): 'GET' | 'POST' {
  const said = (submitter?.attribute('formmethod') ?? form.attribute('method') ?? '').toLowerCase();
  if (said === 'dialog') throw notNavigable('it closes a dialog and sends nothing');
  return said === 'post' ? 'POST' : 'GET';
}

function enctypeOf(form: ElementNode, submitter: ElementNode | null): string {
  const said = (submitter?.attribute('formenctype') ?? form.attribute('enctype') ?? '').toLowerCase();
  return said === 'multipart/form-data' || said === 'text/plain' ? said : 'application/x-www-form-urlencoded';
}

/** An empty action is the URL of the page, whatever its base. For Chromium white space is empty. */
function actionOf(state: FormState, submitter: ElementNode | null): URL {
  const { document, form } = state.controls;
  const said = submitter?.attribute('formaction') ?? form.attribute('action') ?? '';
  const isEmpty = said === '' || (document.engine === 'chromium' && trim(said) === '');
  const url = isEmpty ? new URL(document.url.href) : document.resolve(said);
  if (url === null) throw notNavigable('its action is not a URL');
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw notNavigable(
    `its action leads to ${JSON.stringify(url.protocol)}, and only http: and https: are sent`,
  );
}

/** The error for a form that sends nothing over HTTP. */
export function notNavigable(why: string): RequestError {
  return new RequestError('ERR_NOT_NAVIGABLE', `The form is not submitted: ${why}`);
}
