import { isReferrerPolicy } from '../../core/presets/referrer.ts';
import type { ReferrerPolicyName } from '../../index.ts';
import type { HeaderSource } from '../document/page-document.ts';
import type { Engine } from '../encoding/engine.ts';
import type { ElementNode } from '../tree/nodes.ts';

/** HTML Standard, "referrer" metadata: the values of an old draft. */
function legacy(word: string, engine: Engine): ReferrerPolicyName | null {
  switch (word) {
    case 'never':
      return 'no-referrer';
    case 'always':
      return 'unsafe-url';
    case 'origin-when-crossorigin':
      return 'origin-when-cross-origin';
    case 'default':
      return engine === 'chromium' ? 'strict-origin-when-cross-origin' : 'no-referrer-when-downgrade';
    default:
      return null;
  }
}

/** The policy of a page: the last known one, of its header and then of its meta elements. */
export function pagePolicy(
  headers: HeaderSource,
  metas: readonly ElementNode[],
  engine: Engine,
): ReferrerPolicyName {
  let policy = headerPolicy(headers.get('referrer-policy'));
  for (const meta of metas) {
    if (meta.attribute('name')?.toLowerCase() !== 'referrer') continue;
    const word = (meta.attribute('content') ?? '').trim().toLowerCase();
    policy = isReferrerPolicy(word) ? word : (legacy(word, engine) ?? policy);
  }
  return policy;
}

/** Referrer Policy, section 8.1. */
function headerPolicy(header: string | null): ReferrerPolicyName {
  const words = (header ?? '').split(',').map((word) => word.trim().toLowerCase());
  return words.findLast(isReferrerPolicy) ?? '';
}

/** The policy of a link: `rel=noreferrer`, then its own attribute, then the page's policy. */
export function linkPolicy(link: ElementNode, page: ReferrerPolicyName, engine: Engine): ReferrerPolicyName {
  const rel = (link.attribute('rel') ?? '').toLowerCase().split(/[\t\n\f\r ]+/);
  if (rel.includes('noreferrer')) return 'no-referrer';
  const own = (link.attribute('referrerpolicy') ?? '').toLowerCase();
  if (isReferrerPolicy(own)) return own;
  // Chromium accepts the values of meta elements here, too.
  return (engine === 'chromium' ? legacy(own, engine) : null) ?? page;
}
