import { boundaryOf } from './multipart-parts.ts';

/** The functions that redact a body. */
export interface BodyRedactor {
  isSecret(name: string): boolean;
  mark(secret: string): string;
  url(text: string): string;
}

/** Replaces a body that cannot be searched for secrets. */
const unreadable = 'redacted: it is nested too deeply to be looked through';

export function redactForm(text: string, redactor: BodyRedactor): string {
  // A form has the syntax of a query.
  return redactor.url(`?${text}`).slice(1);
}

/** In text that is not JSON, the URLs are redacted. */
export function redactJson(text: string, redactor: BodyRedactor): string {
  let isChanged = false;
  const hide = (value: unknown): unknown => {
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    isChanged = true;
    return redactor.mark(String(value));
  };
  const hideAll = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? JSON.parse(JSON.stringify(value), (_, inner) => hide(inner))
      : hide(value);
  const look = (key: string, value: unknown): unknown => {
    if (redactor.isSecret(key)) return hideAll(value);
    if (typeof value === 'string') {
      const shown = redactor.url(value);
      isChanged ||= shown !== value;
      return shown;
    }
    const { name, value: held }: { name?: unknown; value?: unknown } = Object(value);
    if (typeof name !== 'string' || held === undefined || !redactor.isSecret(name)) return value;
    return { ...(value as object), value: hideAll(held) };
  };
  if (!/^\s*[[{"]/.test(text)) return redactor.url(text);
  try {
    const shown: unknown = JSON.parse(text, look);
    return isChanged ? JSON.stringify(shown) : text;
  } catch (error) {
    return error instanceof RangeError ? unreadable : redactor.url(text);
  }
}

/** Lines of JSON, also after the `data:` of an event stream. */
export function redactLines(text: string, redactor: BodyRedactor): string {
  return text.replace(
    /^(data: ?)?([^\r\n]+)/gm,
    (_, field: string | undefined, line: string) => (field ?? '') + redactJson(line, redactor),
  );
}

/**
 * Values of hidden and password fields, and of meta elements with secret names. In a truncated body an open element
 * ends at the end of the body.
 */
export function redactHtml(text: string, redactor: BodyRedactor): string {
  const shown = text.replace(/<(?:input|meta)\b[^>]*(?:>|$)/gi, (tag) => {
    const attribute = (name: string): string =>
      new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)(?:"|$)|'([^']*)(?:'|$)|([^\\s"'>]+))`, 'i')
        .exec(tag)
        ?.slice(1)
        .join('') ?? '';
    const isSecret = [attribute('name'), attribute('id')].some((name) => redactor.isSecret(name));
    if (!isSecret && attribute('type').toLowerCase() !== 'password') return tag;
    return tag.replace(
      /(\s(?:value|content)\s*=\s*)(?:"([^"]*)(?:"|$)|'([^']*)(?:'|$)|([^\s"'>]+))/gi,
      (_, before: string, ...values: unknown[]) => {
        const value = values.slice(0, 3).find((each) => typeof each === 'string');
        return `${before}"${redactor.mark(unescapedHtml(String(value ?? '')))}"`;
      },
    );
  });
  return redactor.url(shown);
}

function unescapedHtml(text: string): string {
  const names: Readonly<Record<string, string>> = { quot: '"', lt: '<', gt: '>', '#39': "'", amp: '&' };
  return text.replace(/&(quot|lt|gt|#39|amp);/g, (whole, name: string) => names[name] ?? whole);
}

export function redactMultipart(text: string, contentType: string, redactor: BodyRedactor): string {
  const boundary = boundaryOf(contentType);
  if (boundary === null) return redactor.url(text);
  const parts = text.split(`--${boundary}`);
  return parts.map((part) => redactPart(part, redactor)).join(`--${boundary}`);
}

function redactPart(part: string, redactor: BodyRedactor): string {
  const end = part.indexOf('\r\n\r\n');
  const name = /;\s*name="([^"]*)"/i.exec(part.slice(0, Math.max(0, end)))?.[1] ?? '';
  if (end < 0 || !redactor.isSecret(name)) return part;
  return `${part.slice(0, end + 4)}${redactor.mark(part.slice(end + 4).replace(/\r\n$/, ''))}\r\n`;
}
