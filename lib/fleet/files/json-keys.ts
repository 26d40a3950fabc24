import { BLANK, jsonStringEnd, LITERAL, match } from './json-error';

/** A key that occurs twice in one object of a JSON text. */
export interface RepeatedKey {
  /** Keys that lead to the object. */
  readonly path: readonly string[];
  readonly key: string;
  /** The two values, as they are written. */
  readonly values: readonly [string, string];
}

interface OpenValue {
  readonly start: number;
  /** The keys of an object so far. */
  readonly values: Map<string, string> | undefined;
  /** The key whose value comes next. */
  key: string | undefined;
}

/**
 * Finds duplicate keys, such as a merge of two branches may leave. `JSON.parse` silently uses the last one.
 *
 * @param text valid JSON
 */
export function repeatedKeys(text: string): readonly RepeatedKey[] {
  const found: RepeatedKey[] = [];
  const open: OpenValue[] = [];
  const note = (repeated: RepeatedKey | undefined): void => {
    if (repeated !== undefined) found.push(repeated);
  };
  for (let at = match(BLANK, text, 0) ?? 0; at < text.length; at = match(BLANK, text, at) ?? at) {
    const character = text.charAt(at);
    const start = at;
    at = tokenEnd(text, at);
    if (character === '{' || character === '[') {
      open.push({ start, values: character === '{' ? new Map() : undefined, key: undefined });
    } else if (character === '}' || character === ']') {
      note(endOfValue(text.slice(open.pop()?.start, at), open));
    } else if (character === '"' && isKeyNext(open.at(-1))) {
      (open.at(-1) as OpenValue).key = JSON.parse(text.slice(start, at)) as string;
    } else if (character !== ',' && character !== ':') {
      note(endOfValue(text.slice(start, at), open));
    }
  }
  return found;
}

function tokenEnd(text: string, at: number): number {
  const character = text.charAt(at);
  if (character === '"') return jsonStringEnd(text, at);
  return '{}[],:'.includes(character) ? at + 1 : (match(LITERAL, text, at) ?? text.length);
}

function isKeyNext(parent: OpenValue | undefined): boolean {
  return parent?.values !== undefined && parent.key === undefined;
}

/** Notes a value in the object around it, if it is in one. */
function endOfValue(value: string, open: readonly OpenValue[]): RepeatedKey | undefined {
  const parent = open.at(-1);
  const { values, key } = parent ?? {};
  if (parent === undefined || values === undefined || key === undefined) return undefined;
  parent.key = undefined;
  const first = values.get(key);
  if (first === undefined) {
    values.set(key, value);
    return undefined;
  }
  const path = open.slice(0, -1).flatMap((each) => each.key ?? []);
  return { path, key, values: [first, value] };
}
