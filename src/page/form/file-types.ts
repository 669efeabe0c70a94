import type { Engine } from '../encoding/engine.ts';

/**
 * The types that browsers send for files by their extension, where both agree. Captured on Linux: the capture does
 * not show which types come from the browser and which from the system.
 */
const shared = new Map(
  `txt text/plain html text/html htm text/html xhtml application/xhtml+xml css text/css js text/javascript
mjs text/javascript json application/json xml text/xml csv text/csv md text/markdown pdf application/pdf
png image/png jpg image/jpeg jpeg image/jpeg gif image/gif webp image/webp svg image/svg+xml avif image/avif
ico image/vnd.microsoft.icon bmp image/bmp tiff image/tiff tif image/tiff mp3 audio/mpeg mp4 video/mp4
webm video/webm ogg audio/ogg wav audio/wav flac audio/flac m4a audio/x-m4a zip application/zip gz application/gzip
tar application/x-tar 7z application/x-7z-compressed doc application/msword
docx application/vnd.openxmlformats-officedocument.wordprocessingml.document xls application/vnd.ms-excel
xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
pptx application/vnd.openxmlformats-officedocument.presentationml.presentation
odt application/vnd.oasis.opendocument.text rtf application/rtf exe application/x-ms-dos-executable
sh application/x-shellscript py text/x-python ts text/vnd.trolltech.linguist yaml application/x-yaml
woff2 font/woff2 ttf font/ttf wasm application/wasm ics text/calendar vcf text/vcard eml message/rfc822
apk application/vnd.android.package-archive heic image/heif mkv video/matroska epub application/epub+zip`
    .split(/\s+/)
    .reduce<[string, string][]>((pairs, word, at, words) => {
      if (at % 2 === 0) pairs.push([word, words[at + 1] ?? '']);
      return pairs;
    }, []),
);

const firefoxOwn = new Map([
  ['js', 'application/x-javascript'],
  ['mjs', 'application/x-javascript'],
  ['ico', 'image/x-icon'],
  ['ogg', 'application/ogg'],
  ['wav', 'audio/x-wav'],
  ['m4a', 'audio/mp4'],
  ['exe', 'application/x-msdos-program'],
  ['sh', 'application/x-sh'],
  ['yaml', ''],
  ['heic', 'image/heic'],
  ['mkv', 'video/x-matroska'],
]);

/** The type of a file by its name, empty for an extension that no browser maps. */
export function typeOfFile(name: string, engine: Engine): string {
  const extension = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const own = engine === 'firefox' ? firefoxOwn.get(extension) : undefined;
  return own ?? shared.get(extension) ?? '';
}
