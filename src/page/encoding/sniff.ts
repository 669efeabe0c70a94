import { encodingOf, encodingOfBom } from './encodings.ts';
import type { Engine } from './engine.ts';
import type { MediaType } from './media-type.ts';
import { prescan } from './prescan.ts';

/**
 * Finds the encoding of a page: byte order mark, Content-Type, declaration in the page, windows-1252. HTML Standard,
 * "determining the character encoding". As in browsers, content is not used to guess the encoding.
 */
export function sniffEncoding(bytes: Uint8Array, type: MediaType | null, engine: Engine): string {
  const bom = encodingOfBom(bytes);
  if (bom !== null) return bom;
  const said = type?.charset == null ? null : encodingOf(type.charset);
  if (said !== null) return said;
  return prescan(bytes, engine) ?? (type?.essence === 'application/xhtml+xml' ? 'UTF-8' : 'windows-1252');
}
