import type { ElementNode } from '../tree/nodes.ts';
import { closest } from '../tree/walk.ts';
import type { HeaderSource } from './page-document.ts';

/** The rules of a page's Content Security Policies for navigation. */
export interface ContentSecurity {
  /** True: http URLs are requested as https (`upgrade-insecure-requests`). */
  readonly upgrades: boolean;
  /** The restrictions of a sandbox; `null` without one. */
  readonly sandbox: { readonly allowsForms: boolean; readonly allowsOrigin: boolean } | null;
  /** Whether a form may be sent to `url`. @param isRedirect true: paths are not compared */
  allowsForm(url: URL, isRedirect: boolean): boolean;
  allowsBase(url: URL): boolean;
}

type Policy = ReadonlyMap<string, readonly string[]>;

/** Reads the policies of a page's header, and of the meta elements in its head. */
export function contentSecurityOf(
  headers: HeaderSource,
  metas: readonly ElementNode[],
  page: URL,
): ContentSecurity {
  const sent = (headers.get('content-security-policy') ?? '').split(',').map(parsePolicy);
  const written = metas
    .filter((meta) => meta.attribute('http-equiv')?.toLowerCase() === 'content-security-policy')
    .filter((meta) => closest(meta, 'head') !== null)
    .map((meta) => parsePolicy(meta.attribute('content') ?? ''));
  const all = [...sent, ...written];
  const boxes = sent.map((policy) => policy.get('sandbox')).filter((words) => words !== undefined);
  const allows = (directive: string, url: URL, isRedirect: boolean): boolean =>
    all.every((policy) => {
      const sources = policy.get(directive);
      return sources === undefined || sources.some((source) => matches(source, url, page, isRedirect));
    });
  return {
    upgrades: all.some((policy) => policy.has('upgrade-insecure-requests')),
    sandbox:
      boxes.length === 0
        ? null
        : {
            allowsForms: boxes.every((words) => words.includes('allow-forms')),
            allowsOrigin: boxes.every((words) => words.includes('allow-same-origin')),
          },
    allowsForm: (url, isRedirect) => allows('form-action', url, isRedirect),
    allowsBase: (url) => allows('base-uri', url, false),
  };
}

/** CSP Level 3, "parse a serialized CSP": the first of two directives counts. */
function parsePolicy(text: string): Policy {
  const policy = new Map<string, readonly string[]>();
  for (const part of text.split(';')) {
    const [name = '', ...values] = part.trim().toLowerCase() === '' ? [] : part.trim().split(/[\t\n\f\r ]+/);
    const key = name.toLowerCase();
    if (key !== '' && !policy.has(key))
      policy.set(key, key === 'sandbox' ? values.map((word) => word.toLowerCase()) : values);
  }
  return policy;
}

const hostSource =
  /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(\d+|\*))?(\/[^?#]*)?$/i;

/** CSP Level 3, "does url match expression in origin with redirect count". */
function matches(source: string, url: URL, page: URL, isRedirect: boolean): boolean {
  const word = source.toLowerCase();
  if (word === "'self'") return isSelf(url, page);
  if (word === '*') return /^(https?|wss?|ftp):$/.test(url.protocol) || url.protocol === page.protocol;
  if (/^[a-z][a-z0-9+.-]*:$/.test(word)) return matchesScheme(word, url.protocol);
  const match = hostSource.exec(source);
  if (match === null) return false;
  const [, scheme, host = '', port, path] = match;
  if (!matchesScheme(scheme === undefined ? page.protocol : `${scheme.toLowerCase()}:`, url.protocol))
    return false;
  return (
    matchesHost(host.toLowerCase(), url.hostname) &&
    matchesPort(port, url) &&
    (isRedirect || matchesPath(path, url))
  );
}

function isSelf(url: URL, page: URL): boolean {
  if (url.origin === page.origin) return true;
  return (
    url.hostname === page.hostname &&
    url.port === '' &&
    page.port === '' &&
    matchesScheme(page.protocol, url.protocol)
  );
}

/** A source of the scheme http also matches https. */
function matchesScheme(source: string, scheme: string): boolean {
  return source === scheme || (source === 'http:' && scheme === 'https:');
}

function matchesHost(source: string, host: string): boolean {
  if (source === '*') return true;
  return source.startsWith('*.') ? host.endsWith(source.slice(1)) : host === source;
}

function matchesPort(source: string | undefined, url: URL): boolean {
  if (source === '*') return true;
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  if (source === undefined) return url.port === '';
  return source === port || (source === '80' && port === '443');
}

function matchesPath(source: string | undefined, url: URL): boolean {
  if (source === undefined || source === '/') return true;
  const path = decode(url.pathname);
  return source.endsWith('/') ? path.startsWith(decode(source)) : path === decode(source);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
