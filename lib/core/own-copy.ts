import { isPlainObject } from './rules';

const copies = new WeakSet<object>();

/**
 * What was given, as it is now: lists and object literals are copied and frozen, however deep they are. What a construct has
 * checked stays what it renders, whatever becomes of what it was given.
 *
 * Everything else (constructs, Lazy values, Outputs, functions) is what it was. A hole in a list becomes an item that is
 * `undefined`, which rules see.
 */
export function ownCopy<T>(given: T): T {
  // A list of what is to be filled, and no recursion: props may come from JSON, as deep as somebody likes.
  const open: { readonly from: object; readonly to: Record<string, unknown> | unknown[] }[] = [];
  const known = new Map<object, object>();
  const copyOf = (value: unknown): unknown => {
    const isList = Array.isArray(value);
    if ((!isList && !isPlainObject(value)) || copies.has(value)) return value;
    const before = known.get(value);
    if (before !== undefined) return before;
    // Without a prototype, V8 keeps an object as a table, which some maps of many keys need.
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
