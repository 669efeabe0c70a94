const prefix = 'session-';
const suffix = '.json';

/**
 * The file name of a session. Small letters, digits and hyphens stay, every other character becomes its code: two ids
 * never share a name, also on file systems that ignore case, and the prefix avoids device names.
 * no two ids share a name, on file systems that ignore case too, and the prefix keeps names from being devices.
 */
export function fileNameOf(id: string): string {
  const escaped = id.replace(/[^a-z0-9-]/g, (character) => `_${hexOf(character)}`);
  return prefix + escaped + suffix;
}

/** The id whose file has this name, `null` for any other file. */
export function idOfFileName(name: string): string | null {
  if (!name.startsWith(prefix) || !name.endsWith(suffix)) return null;
  const escaped = name.slice(prefix.length, -suffix.length);
  const id = escaped.replace(/_([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return fileNameOf(id) === name ? id : null;
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0');
}
