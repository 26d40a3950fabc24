const LONGEST = 80;
const SECRET_MARKS = [/-----BEGIN/, /PRIVATE KEY/, /^K10[0-9a-f]{64}::/, /eyJ[\w-]+\.eyJ[\w-]+\./];

/**
 * Shows a value in a message: short, on one line, with characters that a terminal would hide made visible, and
 * without anything that looks like a credential.
 */
export function showGiven(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return SECRET_MARKS.some((mark) => mark.test(value)) ? '(secret material, not shown)' : quoted(value);
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

function showObject(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`;
  const name: unknown = Object.getPrototypeOf(value) === null ? 'Object' : value.constructor.name;
  if (name !== 'Object') return `an object of class ${String(name)}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? '{}' : `an object with ${shorten(keys.join(', '))}`;
}

function quoted(text: string): string {
  const visible = text.replace(/[^\x20-\x7e]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
  return `'${shorten(visible)}'`;
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}... (${text.length} characters)`;
}
