/** A media type of a header. */
export interface MediaType {
  /** Type and subtype in lower case. */
  readonly essence: string;
  readonly charset: string | null;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** MIME Sniffing Standard, "parse a MIME type"; only the charset of the parameters is kept. */
export function parseMediaType(header: string | null): MediaType | null {
  if (header === null) return null;
  const [essence = '', ...parameters] = header.split(';');
  const [type = '', subtype = '', ...more] = essence.trim().split('/');
  if (!token.test(type) || !token.test(subtype) || more.length > 0) return null;
  return { essence: `${type}/${subtype}`.toLowerCase(), charset: charsetIn(parameters) };
}

/** The first charset counts. A space before the `=` makes it another parameter. */
function charsetIn(parameters: readonly string[]): string | null {
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    if (equals < 0) continue;
    const name = parameter.slice(0, equals).replace(/^[\t\n\r ]+/, '');
    if (name.toLowerCase() !== 'charset') continue;
    const value = parameter.slice(equals + 1);
    const quoted = /^"((?:[^"\\]|\\.)*)"?/.exec(value);
    return quoted?.[1] === undefined ? value.trim() : quoted[1].replace(/\\(.)/g, '$1');
  }
  return null;
}

/** Whether a browser shows it as a page that this parser reads. */
export function isHtmlType({ essence }: MediaType): boolean {
  return essence === 'text/html' || essence === 'application/xhtml+xml';
}

const htmlStart =
  /^[\t\n\f\r ]*<(!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[ >-]/i;

/** MIME Sniffing Standard, "rules for identifying an unknown MIME type": whether bytes without a type are HTML. */
export function looksLikeHtml(bytes: Uint8Array): boolean {
  return htmlStart.test(Buffer.from(bytes.subarray(0, 1445)).toString('latin1'));
}
