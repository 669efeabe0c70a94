/** A field or a file of a multipart body. */
export interface BodyPart {
  readonly name: string;
  /** `null` for a field. */
  readonly fileName: string | null;
  readonly content: Buffer;
}

/** The type without its parameters, in lower case. */
export function mediaTypeOf(contentType: string): string {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The boundary of a multipart type, `null` without one. RFC 2046 section 5.1.1. */
export function boundaryOf(contentType: string): string | null {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  return quoted ?? plain ?? null;
}

/**
 * The parts of a multipart body, `null` for another body. Without a boundary in the type, the body's first line has
 * it.
 */
export function partsOf({
  bytes,
  type,
}: {
  readonly bytes: Buffer;
  readonly type: string;
}): BodyPart[] | null {
  const text = bytes.toString('latin1');
  const boundary = boundaryOf(type) ?? /^\s*--([^\r\n]+)/.exec(text)?.[1] ?? null;
  if (boundary === null) return null;
  // The text before the first boundary and after the last is not a part.
  const pieces = text.split(`--${boundary}`).slice(1, -1);
  return pieces.map(partOf);
}

function partOf(piece: string): BodyPart {
  const end = piece.indexOf('\r\n\r\n');
  const head = Buffer.from(end < 0 ? piece : piece.slice(0, end), 'latin1').toString('utf8');
  const content = end < 0 ? '' : piece.slice(end + 4).replace(/\r\n$/, '');
  return {
    name: /;\s*name="([^"]*)"/i.exec(head)?.[1] ?? '',
    fileName: /;\s*filename="([^"]*)"/i.exec(head)?.[1] ?? null,
    content: Buffer.from(content, 'latin1'),
  };
}
