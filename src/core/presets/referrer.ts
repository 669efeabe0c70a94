import { isSameOrigin, isTrustworthy, type SiteRelation } from '../sites.ts';
import type { ReferrerPolicyName, RequestContext } from './context.ts';

/** The policies of Referrer Policy, section 3, without the empty string, which stands for the default. */
export const referrerPolicies = [
  'no-referrer',
  'no-referrer-when-downgrade',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
] as const satisfies readonly ReferrerPolicyName[];

const policyNames: ReadonlySet<string> = new Set(referrerPolicies);

/** Whether a lower-case token is the name of a policy. */
export function isReferrerPolicy(token: string): token is Exclude<ReferrerPolicyName, ''> {
  return policyNames.has(token);
}

/** The part of the page's URL that a request shows: nothing, its origin, all of it. */
export type RefererLevel = 0 | 1 | 2;

/**
 * Decides which part of the page's URL the last of `hops` shows. A part that one hop removed is not sent by later
 * hops either. Source: Referrer Policy, section 8.3; Fetch Standard, HTTP-redirect fetch, step 19.
 *
 * @param sites the relation of each hop to the page
 */
export function refererLevel(
  context: RequestContext,
  hops: readonly URL[],
  sites: readonly SiteRelation[],
): RefererLevel {
  const page = context.referrer;
  if (page === null || context.referrerHidden || !isHttp(page)) return 0;
  let level: RefererLevel = 2;
  hops.forEach((hop, index) => {
    const policy = context.earlierPolicies?.[index] ?? context.referrerPolicy;
    const shown = levelTowards(policy, page, hop, sites[index] === 'same-origin');
    if (shown < level) level = shown;
  });
  return level;
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:';
}

function levelTowards(policy: ReferrerPolicyName, page: URL, target: URL, same: boolean): RefererLevel {
  switch (policy) {
    case 'no-referrer':
      return 0;
    case 'unsafe-url':
      return 2;
    case 'origin':
      return 1;
    case 'same-origin':
      return same ? 2 : 0;
    case 'origin-when-cross-origin':
      return same ? 2 : 1;
    case 'strict-origin':
      return isDowngrade(page, target) ? 0 : 1;
    case 'no-referrer-when-downgrade':
      return isDowngrade(page, target) ? 0 : 2;
    default:
      if (same) return 2;
      return isDowngrade(page, target) ? 0 : 1;
  }
}

function isDowngrade(page: URL, target: URL): boolean {
  return isTrustworthy(page) && !isTrustworthy(target);
}

/** Returns the page's URL as a Referer value: without userinfo and fragment, cut to the origin past 4096 characters. */
export function refererText(page: URL, level: RefererLevel): string {
  if (level === 1) return `${page.origin}/`;
  const { href, hash } = page;
  const bare = page.username === '' && page.password === '';
  const full = bare
    ? href.slice(0, href.length - hash.length)
    : `${page.origin}${page.pathname}${page.search}`;
  if (full.length > 4096) return `${page.origin}/`;
  return full.endsWith('#') ? full.slice(0, -1) : full;
}

/**
 * Returns the Origin value of the last of `hops`. Source: Fetch Standard, "append a request Origin header"; redirects
 * of form posts by captures.
 *
 * @param hidesOnRedirect true for Chromium, which sends `null` when a form post is redirected to another origin
 */
export function originText(
  context: RequestContext,
  page: URL | null,
  hops: readonly URL[],
  hidesOnRedirect: boolean,
): string {
  if (page === null) return 'null';
  if (context.mode === 'cors') return isTainted(page, hops) ? 'null' : page.origin;
  if (context.mode === 'websocket') return page.origin;
  const target = hops.at(-1) ?? page;
  // In Chromium the policy of a redirect does not affect Origin.
  const policy = hidesOnRedirect
    ? (context.earlierPolicies?.[0] ?? context.referrerPolicy)
    : context.referrerPolicy;
  if (!originShownTo(policy, page, target)) return 'null';
  const hasLeft = hops.some((hop, index) => index > 0 && !isSameOrigin(hop, hops[index - 1] ?? hop));
  return (hidesOnRedirect ? hasLeft : isTainted(page, hops)) ? 'null' : page.origin;
}

/** A chain that left the page's origin and then continued to another one. */
function isTainted(page: URL, hops: readonly URL[]): boolean {
  return hops.some((hop, index) => {
    const before = hops[index - 1];
    return before !== undefined && !isSameOrigin(before, hop) && !isSameOrigin(page, before);
  });
}

function originShownTo(policy: ReferrerPolicyName, page: URL, target: URL): boolean {
  switch (policy) {
    case 'no-referrer':
      return false;
    case 'same-origin':
      return isSameOrigin(page, target);
    case 'unsafe-url':
    case 'origin':
    case 'origin-when-cross-origin':
      return true;
    default:
      return !(page.protocol === 'https:' && target.protocol !== 'https:');
  }
}

/**
 * The context of the hop after a redirect: its Referrer-Policy applies from there on, and its last known token
 * counts. Source: Referrer Policy, sections 8.1 and 8.2; both browsers accept the tokens in any letter case.
 *
 * @param hops number of hops up to the redirect, including its own
 */
export function contextAfter(
  context: RequestContext,
  header: string | readonly string[] | undefined,
  hops: number,
): RequestContext {
  if (header === undefined) return context;
  const tokens = String(header).toLowerCase().split(',');
  const policy = tokens.map((token) => token.trim()).findLast(isReferrerPolicy);
  if (policy === undefined) return context;
  const { earlierPolicies = [], referrerPolicy } = context;
  const unchanged = Array.from({ length: hops - earlierPolicies.length }, () => referrerPolicy);
  return { ...context, referrerPolicy: policy, earlierPolicies: [...earlierPolicies, ...unchanged] };
}
