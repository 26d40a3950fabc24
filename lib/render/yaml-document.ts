import { Yaml } from 'cdk8s';
import { yamlKey, yamlText } from './yaml-scalar';

/** Thrown inside the emitter when a value is left to cdk8s' own YAML library; never leaves this library. */
export const LEFT_TO_LIBRARY = new Error('left to the YAML library');

/**
 * The document that `Yaml.stringify(value)` of cdk8s gives, several times faster for what manifests are made of.
 *
 * Other values (shared references, dates, null in lists, texts with control characters) are left to cdk8s.
 */
export function yamlDocument(value: unknown): string {
  try {
    return `${emitNode(value, '', new Set())}\n`;
  } catch (error) {
    if (error === LEFT_TO_LIBRARY) return Yaml.stringify(value);
    throw error;
  }
}

/** A number as YAML. */
export function yamlNumber(value: number): string {
  if (!Number.isFinite(value)) throw LEFT_TO_LIBRARY;
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

/** A text as YAML, as a value on a line of its own or behind a key. */
export function yamlString(value: string, indent: string): string {
  const text = yamlText(value, indent);
  if (text === undefined) throw LEFT_TO_LIBRARY;
  return text;
}

/** A key as YAML. */
export function yamlMapKey(key: string): string {
  const text = yamlKey(key);
  if (text === undefined) throw LEFT_TO_LIBRARY;
  return text;
}

function emitNode(value: unknown, indent: string, seen: Set<object>): string {
  switch (typeof value) {
    case 'string':
      // There are other rules for a text that is the whole document.
      if (indent === '') throw LEFT_TO_LIBRARY;
      return yamlString(value, indent);
    case 'number':
      return yamlNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : emitCollection(value, indent, seen);
    default:
      throw LEFT_TO_LIBRARY;
  }
}

function emitCollection(value: object, indent: string, seen: Set<object>): string {
  // An object that occurs twice becomes an anchor and an alias, and a cycle an error; both are left to the library.
  if (seen.has(value)) throw LEFT_TO_LIBRARY;
  seen.add(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    let list = '';
    // By index, because a list with holes has fewer entries than its length.
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (item === undefined) throw LEFT_TO_LIBRARY;
      list += `${i === 0 ? '' : `\n${indent}`}- ${emitNode(item, `${indent}  `, seen)}`;
    }
    return list;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) throw LEFT_TO_LIBRARY;
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.length === 0) return '{}';
  let map = '';
  const inner = `${indent}  `;
  for (const [key, item] of entries) {
    if (item === undefined) throw LEFT_TO_LIBRARY;
    map += `${map === '' ? '' : `\n${indent}`}${yamlMapKey(key)}:${behindKey(emitNode(item, inner, seen), item, inner)}`;
  }
  return map;
}

/** A value as it is written behind a key: a collection that is not empty starts on a new line. */
export function behindKey(rendered: string, value: unknown, indent: string): string {
  const isOnNextLine = typeof value === 'object' && value !== null && rendered !== '[]' && rendered !== '{}';
  return isOnNextLine ? `\n${indent}${rendered}` : ` ${rendered}`;
}
