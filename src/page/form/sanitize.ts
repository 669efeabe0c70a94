import { domainToASCII } from 'node:url';
import type { Engine } from '../encoding/engine.ts';
import type { ElementNode } from '../tree/nodes.ts';
import { sanitizeColor } from './colors.ts';
import { dateKinds, sanitizeDate } from './dates.ts';
import { sanitizeNumber, sanitizeRange } from './numbers.ts';

/** HTML Standard, "value sanitization algorithm" of each type. */
export function sanitize(kind: string, element: ElementNode, value: string, engine: Engine): string {
  switch (kind) {
    case 'text':
    case 'search':
    case 'tel':
    case 'password':
      return withoutNewlines(value);
    case 'url':
      return trim(withoutNewlines(value));
    case 'email':
      return sanitizeEmail(withoutNewlines(value), element.has('multiple'), engine);
    case 'number':
      return sanitizeNumber(value, engine);
    case 'range':
      return sanitizeRange(element, value, engine);
    case 'color':
      return sanitizeColor(value);
    case 'textarea':
      return value.replace(/\r\n?/g, '\n');
    default:
      return kind in dateKinds ? sanitizeDate(kind, value, engine) : value;
  }
}

function withoutNewlines(value: string): string {
  return value.replace(/[\r\n]/g, '');
}

export function trim(value: string): string {
  return value.replace(/^[\t\n\f\r ]+|(?<![\t\n\f\r ])[\t\n\f\r ]+$/g, '');
}

function sanitizeEmail(value: string, isMultiple: boolean, engine: Engine): string {
  const addresses = isMultiple ? value.split(',').map(trim) : [trim(value)];
  // Chromium sends a domain in its ASCII form.
  return (engine === 'chromium' ? addresses.map(inDns) : addresses).join(',');
}

/** An address with its domain in ASCII. */
export function inDns(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (at < 0 || !/[^\0-\x7f]/.test(domain)) return address;
  const ascii = domainToASCII(domain);
  return ascii === '' ? address : `${address.slice(0, at)}@${ascii}`;
}
