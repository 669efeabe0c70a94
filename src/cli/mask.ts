import { Redactor, unescaped } from '../har/redactor.ts';

const { isSecret } = new Redactor([]);

/** Replaces a value that is not shown. */
export const hidden = '…';

/** Tells whether a field, parameter or cookie of this name usually holds a secret. */
export { isSecret as isSecretName };

/** A URL without user and password, and without the secret values in its query and fragment. */
export function maskUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return maskQuery(text);
  if (url.username !== '') url.username = hidden;
  if (url.password !== '') url.password = hidden;
  return maskQuery(url.href.replaceAll(encodeURIComponent(hidden), hidden));
}

/** A word of a command line without what may be secret: an item without its value, and a URL as {@link maskUrl}. */
export function maskWord(word: string): string {
  if (/^[a-z]+:\/\//i.test(word)) return maskUrl(word);
  const [, name] = /^([^:=@]*[:=@]+)./s.exec(word) ?? [];
  return name === undefined ? word : name + hidden;
}

/** A text that can contain URLs. */
export function maskUrlsIn(text: string): string {
  return text
    .replace(/([?&#])([\w.[\]%-]+)=([^&#\s"'<>()]+)/g, (whole, before: string, name: string) =>
      isSecret(unescaped(name)) ? `${before}${name}=${hidden}` : whole,
    )
    .replace(/(\bhttps?:\/\/)[^\s/@"'<>]+@/gi, `$1${hidden}@`);
}

function maskQuery(text: string): string {
  return text.replace(/([?&#])([^=&#?]*)=([^&#]*)/g, (whole, before: string, name: string) =>
    isSecret(unescaped(name)) ? `${before}${name}=${hidden}` : whole,
  );
}
