import { isPlainObject } from './rules';

const copies = new WeakSet<object>();

/**
 * A deep, frozen copy of what was given, so that a construct renders exactly what it has checked, even if the original
 * changes.
 *
 * Only lists and object literals are copied; everything else (constructs, Lazy values, Outputs, functions) stays the same.
 * A hole in a list becomes an item that is `undefined`, which rules can see.
 */
export function ownCopy<T>(given: T): T {
  // With a list of copies to fill, and not recursively, because props may come from deeply nested JSON.
  const open: { readonly from: object; readonly to: Record<string, unknown> | unknown[] }[] = [];
  const known = new Map<object, object>();
  const copyOf = (value: unknown): unknown => {
    const isList = Array.isArray(value);
    if ((!isList && !isPlainObject(value)) || copies.has(value)) return value;
    const before = known.get(value);
    if (before !== undefined) return before;
    // Keeps a missing prototype, with which V8 stores objects as hash tables, as maps with many keys need.
    const to = isList ? [] : (Object.create(Object.getPrototypeOf(value) as object | null) as Record<string, unknown>);
    known.set(value, to);
    open.push({ from: value, to });
    return to;
  };
  const copy = copyOf(given) as T;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { from, to } = next;
    if (Array.isArray(from) && Array.isArray(to)) for (const item of from as readonly unknown[]) to.push(copyOf(item));
    else for (const [key, value] of Object.entries(from)) define(to, key, copyOf(value));
  }
  for (const each of known.values()) copies.add(Object.freeze(each));
  return copy;
}

/** Assigning `__proto__` would set a prototype. */
function define(to: object, key: string, value: unknown): void {
  Object.defineProperty(to, key, { value, enumerable: true, configurable: true, writable: true });
}
