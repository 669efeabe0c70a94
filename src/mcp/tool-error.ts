import { isRequestError, type RequestError, type RequestErrorCode } from '../core/errors.ts';

/** Error codes of the tools: codes of the library, and some of their own. */
export type ToolErrorCode =
  | RequestErrorCode
  | 'ERR_PAGE_NOT_FOUND'
  | 'ERR_STALE_REF'
  | 'ERR_SECRET'
  | 'ERR_URL_FORBIDDEN'
  | 'ERR_UNKNOWN_TOOL'
  | 'ERR_INTERNAL';

/** A failure with the next step that the model can take. */
export class ToolError extends Error {
  readonly code: ToolErrorCode;
  readonly next: string;

  constructor(code: ToolErrorCode, message: string, next: string) {
    super(message);
    this.code = code;
    this.next = next;
  }
}

/** The next step after an error of the library. */
const nextSteps: Readonly<Partial<Record<RequestErrorCode, string>>> = {
  ERR_ADDRESS_FORBIDDEN:
    'Check the name. Only public addresses are reached; the operator of this server can allow a host with --allow-host.',
  ERR_AMBIGUOUS: 'Name one of them by its ref, such as @e3, from page_snapshot.',
  ERR_CONTROL_VALUE: 'Look at the controls and their options with page_forms.',
  ERR_FIELD_MISSING: 'Look at the page with page_snapshot, and change the schema.',
  ERR_FORM_INVALID: 'Fill in the named controls and call form_submit again.',
  ERR_INVALID_SELECTOR: 'Give a CSS selector, a ref such as @e3, or text=…',
  ERR_LOGIN_FAILED: 'Do not try again with the same credentials: sites lock accounts.',
  ERR_NOT_FOUND: 'Look at the page with page_snapshot, and use its refs.',
  ERR_NOT_HTML: 'Use the tool fetch for other types than HTML.',
  ERR_NOT_NAVIGABLE: 'This needs a browser. Choose another link or button.',
  ERR_PAGE_TOO_LARGE: 'Use the tool fetch with a smaller URL, or download.',
  ERR_RATE_LIMITED: 'Wait as long as it says before the next call.',
  ERR_SESSION_CLOSED: 'Make a session with session_create, and open the page again.',
  ERR_SESSION_NOT_FOUND: 'Make one with session_create; session_list shows those that there are.',
  ERR_TIMEOUT: 'Try once more, or with a smaller request.',
  ERR_TOO_MANY_SESSIONS: 'Close one with session_close.',
};

/** Errors whose messages quote a page: its links, buttons, labels and what it says. */
const quoting: ReadonlySet<RequestErrorCode> = new Set([
  ...(['ERR_AMBIGUOUS', 'ERR_CONTROL_VALUE', 'ERR_FIELD_MISSING', 'ERR_FORM_INVALID'] as const),
  ...(['ERR_LOGIN_FAILED', 'ERR_NOT_FOUND', 'ERR_NOT_NAVIGABLE'] as const),
]);

/** A failure as a model is told of it. */
export interface Failure {
  readonly code: ToolErrorCode;
  readonly message: string;
  readonly next: string;
  /** Whether the message has text of a server. */
  readonly isQuoting: boolean;
}

/** The code, a message without secrets, and the next step for any failure. */
export function failureOf(error: unknown): Failure {
  const isQuoting = false;
  if (error instanceof ToolError) {
    return { code: error.code, message: error.message, next: error.next, isQuoting };
  }
  if (isRequestError(error)) {
    const code = unreachable.has(error.code) ? 'ERR_ADDRESS_FORBIDDEN' : error.code;
    const message = code === 'ERR_ADDRESS_FORBIDDEN' ? noAddress(error) : error.message;
    const next = nextSteps[code] ?? 'Change the arguments, or try another way.';
    return { code, message, next, isQuoting: quoting.has(code) };
  }
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) {
    const message = error.name === 'AbortError' ? 'The call was cancelled' : 'The call took too long';
    return { code: 'ERR_TIMEOUT', message, next: 'Call the tool again, or ask for less.', isQuoting };
  }
  // The message of an internal error can contain file names and values, so the model does not get it.
  const message = 'The tool failed with an internal error';
  return { code: 'ERR_INTERNAL', message, next: 'Try another way, and report this.', isQuoting };
}

/** A name without an address and one with a private address give the same error, so that inner names cannot be probed. */
const unreachable: ReadonlySet<RequestErrorCode> = new Set(['ERR_DNS', 'ERR_ADDRESS_FORBIDDEN']);

function noAddress({ request }: RequestError): string {
  const host = URL.parse(request?.url ?? '')?.host;
  return `${host === undefined ? 'The host' : `The host ${host}`} has no address that may be reached`;
}
