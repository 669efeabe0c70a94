import { describe, invalidOption, RequestError } from '../../core/errors.ts';
import type { ReferrerPolicyName } from '../../index.ts';
import { linkKind } from '../document/kinds.ts';
import { linkOf, nodeOfLink, type PageLink } from '../document/links.ts';
import type { PageDocument } from '../document/page-document.ts';
import { findOne, type Query } from '../document/query.ts';
import { linkPolicy } from './referrer-policy.ts';
import type { Refresh } from './refresh.ts';

/** The target of a navigation: a link by a query or from `links()`, a refresh, or a URL. */
export type Target = Query | PageLink | Refresh | URL;

/** The URL of a target and how it is opened. */
interface Aim {
  readonly url: URL;
  readonly policy: ReferrerPolicyName;
  /** Name of the frame or window, empty for the current one. */
  readonly target: string;
  readonly isLink: boolean;
}

/**
 * Resolves a target.
 *
 * @throws RequestError ERR_NOT_FOUND, ERR_AMBIGUOUS; ERR_NOT_NAVIGABLE for anything but an http or https URL
 */
export function aimAt(target: Target, document: () => PageDocument, policy: () => ReferrerPolicyName): Aim {
  if (target instanceof URL) return plain(target, 'The URL', policy());
  if (typeof target === 'object' && target !== null && 'delay' in target) {
    return plain(target.url, 'The refresh', policy());
  }
  const page = document();
  const isLink = typeof target === 'object' && target !== null && 'element' in target;
  const node = isLink ? nodeOfLink(target) : findOne(linkKind(page), target);
  if (node === undefined) throw invalidOption('target', 'a query or a link of a page', target);
  const link = linkOf(page, node);
  const url = navigable(link.url, `The link ${describe(link.href)}`);
  return { url, policy: linkPolicy(node, policy(), page.engine), target: link.target, isLink: true };
}

function plain(url: URL, name: string, policy: ReferrerPolicyName): Aim {
  return { url: navigable(url, name), policy, target: '', isLink: false };
}

function navigable(url: URL | null, name: string): URL {
  if (url === null) throw new RequestError('ERR_NOT_NAVIGABLE', `${name} is not a URL`);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  const why = `leads to ${JSON.stringify(url.protocol)}, and only http: and https: are requested`;
  throw new RequestError('ERR_NOT_NAVIGABLE', `${name} ${why}`);
}
