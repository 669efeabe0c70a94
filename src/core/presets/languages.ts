/** How a browser weighs languages: see {@link languageLadder}. */
export type LadderStyle = 'chromium' | 'firefox' | 'firefox-146';

/** The languages of an installation in US English. */
export const defaultLanguages = 'en-US, en';

/**
 * Returns Accept-Language for a browser whose user prefers these languages, in order. A list that already has weights
 * is used unchanged.
 *
 * @param languages comma-separated, such as `de-DE, en`
 */
export function languageLadder(languages: string, style: LadderStyle): string {
  if (languages.includes(';')) return languages;
  const tags = languages
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  // Captured: Chromium's list ends where q would fall under 0.1, Firefox continues with 0.1.
  const listed = style === 'chromium' ? tags.slice(0, 10) : tags;
  return listed.map((tag, index) => `${tag}${weight(index, listed.length, style)}`).join(',');
}

function weight(index: number, count: number, style: LadderStyle): string {
  if (index === 0) return '';
  if (style !== 'firefox-146') return `;q=0.${Math.max(10 - index, 1)}`;
  // Firefox up to 146 divides 1.0 evenly (changed by bug 2000765).
  const q = 1 - index / count;
  return count < 10
    ? `;q=0.${Math.floor((q + 0.05) * 10)}`
    : `;q=0.${String(Math.floor((q + 0.005) * 100)).padStart(2, '0')}`;
}
