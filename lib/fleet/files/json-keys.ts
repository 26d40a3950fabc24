import { BLANK, jsonStringEnd, LITERAL, match } from './json-error';

/** A key that stands twice in one object of a JSON text. */
export interface RepeatedKey {
  /** Keys that lead to the object. */
  readonly path: readonly string[];
  readonly key: string;
  /** The two values, as they are written. */
  readonly values: readonly [string, string];
}

interface OpenValue {
  readonly start: number;
  /** Of an object, what stands in it so far. */
  readonly values: Map<string, string> | undefined;
  /** The key whose value comes next. */
  key: string | undefined;
}

/**
 * Keys given twice, as a merge of two branches leaves them. `JSON.parse` takes the last and drops the others without a word.
 *
 * @param text valid JSON
 */
export function repeatedKeys(text: string): readonly RepeatedKey[] {
  const found: RepeatedKey[] = [];
  const open: OpenValue[] = [];
  const endValue = (start: number, end: number): void => {
    const parent = open.at(-1);
    const { values, key } = parent ?? {};
    if (parent === undefined || values === undefined || key === undefined) return;
    const value = text.slice(start, end);
    const first = values.get(key);
    if (first === undefined) values.set(key, value);
    else
      found.push({
        path: open.flatMap((each) => (each === parent ? [] : (each.key ?? []))),
        key,
        values: [first, value],
      });
    parent.key = undefined;
  };
  for (let at = match(BLANK, text, 0) ?? 0; at < text.length; at = match(BLANK, text, at) ?? at) {
    const start = at;
    const parent = open.at(-1);
    switch (text[at]) {
      case '{':
      case '[':
        open.push({ start, values: text[at] === '{' ? new Map() : undefined, key: undefined });
        at++;
        break;
      case '}':
      case ']': {
        at++;
        const closed = open.pop();
        if (closed !== undefined) endValue(closed.start, at);
        break;
      }
      case '"':
        at = jsonStringEnd(text, at);
        if (parent?.values !== undefined && parent.key === undefined)
          parent.key = JSON.parse(text.slice(start, at)) as string;
        else endValue(start, at);
        break;
      case ',':
      case ':':
        at++;
        break;
      default:
        at = match(LITERAL, text, at) ?? text.length;
        endValue(start, at);
    }
  }
  return found;
}
