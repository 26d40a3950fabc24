import { isPlaceholder } from './placeholders/placeholder';

const LONGEST = 80;
/** A password before the host, however badly it is written; what follows the @ of an image is its digest. */
const URL_WITH_PASSWORD = /^(?:(?:[a-z][-+.a-z0-9]*:)?\/\/)?[^/@]*:[^/@]*@(?!sha\d)/i;
const SECRET_MARKS = [/-----BEGIN/, /PRIVATE KEY/, /K10[0-9a-f]{64}::/, /eyJ[\w-]+\.eyJ[\w-]+\./];

/**
 * Shows a value in a message: short, on one line, with characters that a terminal would hide made visible, and
 * without anything that looks like a credential.
 */
export function showGiven(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return showText(value);
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    default:
      return value === null ? 'null' : showObject(value as object);
  }
}

function showText(text: string): string {
  if (isPlaceholder(text)) return 'a Pulumi Output';
  if (SECRET_MARKS.some((mark) => mark.test(text))) return '(secret material, not shown)';
  return URL_WITH_PASSWORD.test(text) ? '(a URL with credentials, not shown)' : quoted(text);
}

/** Makes characters visible that a terminal would hide or that look like others. */
export function visible(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

function showObject(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`;
  const name = classOf(value);
  if (name !== 'Object') return `an object of class ${name}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? '{}' : `an object with ${shorten(visible(keys.join(', ')))}`;
}

/** Asks the prototype, because an object literal may have a field named `constructor`. */
function classOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: unknown } | null;
  return typeof prototype?.constructor === 'function' ? prototype.constructor.name : 'Object';
}

function quoted(text: string): string {
  return `'${shorten(visible(text))}'`;
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}... (${text.length} characters)`;
}
