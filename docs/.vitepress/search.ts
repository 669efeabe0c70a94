/** How the search of the site orders what it finds. Both functions also run in the page: they use nothing outside. */

/** The words of a text. A code such as `ERR_TIMEOUT` is one. */
export function tokenize(text: string): string[] {
  return text.split(/[^\p{L}\p{N}_]+/u).filter((word) => word !== '');
}

/**
 * Weight of a find: the guide is for people who search by task, and the reference names everything on many pages.
 *
 * @param id path and anchor in the site, such as `/guide/log-in.html#by-json`
 */
export function boostDocument(id: string, term: string): number {
  if (term.startsWith('err_')) return /\/errors\b/.test(id) ? 20 : 1;
  if (/\/api\//.test(id)) return 0.1;
  if (/\/project\//.test(id)) return 0.3;
  // These pages name every option beside that of another client.
  if (/migrating/.test(id)) return 0.7;
  return /\/guide\/|\/troubleshooting\b/.test(id) ? 1.5 : 1;
}
