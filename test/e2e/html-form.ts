/** Just enough of HTML forms to do by hand what a browser does when a person submits one. */

export interface HtmlForm {
  /** Where it is sent, as written in the page. */
  readonly action: string;
  /** Its hidden fields and text areas. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Finds the form with that id. Throws when the page has none. */
export function parseForm(html: string, id: string): HtmlForm {
  const form = [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].find(
    ([, attributes = '']) => readAttribute(attributes, 'id') === id,
  );
  if (!form) throw new Error(`the page has no form "${id}"`);
  const [, attributes = '', content = ''] = form;
  const fields: Record<string, string> = {};
  for (const [, input = ''] of content.matchAll(/<input\b([^>]*)>/g)) {
    if (readAttribute(input, 'type') === 'hidden') {
      fields[readAttribute(input, 'name')] = readAttribute(input, 'value');
    }
  }
  for (const [, area = '', text = ''] of content.matchAll(/<textarea\b([^>]*)>(.*?)<\/textarea>/gs)) {
    // HTML drops one line break right after the tag, and a form sends its lines with CR LF.
    fields[readAttribute(area, 'name')] = decodeEntities(text.replace(/^\n/, '')).replace(/\r?\n/g, '\r\n');
  }
  return { action: readAttribute(attributes, 'action'), fields };
}

/** Finds the link whose address contains `part`, decoded. Throws when the page has none. */
export function findLink(html: string, part: string): string {
  for (const [, href = ''] of html.matchAll(/<a\b[^>]*\bhref="([^"]*)"/g)) {
    const link = decodeEntities(href);
    if (link.includes(part)) return link;
  }
  throw new Error(`the page has no link with "${part}"`);
}

function readAttribute(attributes: string, name: string): string {
  return decodeEntities(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#039;': "'",
  '&amp;': '&',
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#039|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
