import { encodingOf, encodingOfBom } from './encodings.ts';
import type { Engine } from './engine.ts';
import type { MediaType } from './media-type.ts';
import { prescan } from './prescan.ts';

/**
 * Decides in which encoding a page is: byte order mark, Content-Type, what it declares in itself, windows-1252.
 * HTML Standard, "determining the character encoding". Undeclared pages are not guessed at, as browsers do.
 */
export function sniffEncoding(bytes: Uint8Array, type: MediaType | null, engine: Engine): string {
  const bom = encodingOfBom(bytes);
  if (bom !== null) return bom;
  const said = type?.charset == null ? null : encodingOf(type.charset);
  if (said !== null) return said;
  return prescan(bytes, engine) ?? (type?.essence === 'application/xhtml+xml' ? 'UTF-8' : 'windows-1252');
}
