/** White space between tokens. */
export const BLANK = /[ \t\n\r]*/y;
/** Numbers, booleans and null. */
export const LITERAL = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Where a text stops being JSON. `JSON.parse` only sometimes says, and quotes what stands there, which may be a secret.
 */
export function jsonErrorOffset(text: string): number {
  const open: ('[' | '{')[] = [];
  let expected: 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing' = 'value';
  let at = 0;
  for (;;) {
    at = match(BLANK, text, at) ?? at;
    const character = text[at];
    if (character === undefined) return text.length;
    const closes = open.at(-1) === '[' ? ']' : '}';
    if (character === closes && open.length > 0 && /end/.test(expected)) {
      open.pop();
      at++;
      expected = afterValue(open);
    } else if (expected === 'colon' || expected === 'comma or end') {
      if (character !== (expected === 'colon' ? ':' : ',')) return at;
      at++;
      expected = expected === 'comma or end' && open.at(-1) === '{' ? 'key' : 'value';
    } else if (expected === 'key' || expected === 'key or end') {
      const end = character === '"' ? jsonStringEnd(text, at) : undefined;
      if (end === undefined || end < 0) return end === undefined ? at : -end;
      at = end;
      expected = 'colon';
    } else if (expected === 'nothing') {
      return at;
    } else if (character === '[' || character === '{') {
      open.push(character);
      at++;
      expected = character === '[' ? 'value or end' : 'key or end';
    } else {
      const end = character === '"' ? jsonStringEnd(text, at) : match(LITERAL, text, at);
      if (end === undefined || end < 0) return end === undefined ? at : -end;
      at = end;
      expected = afterValue(open);
    }
  }
}

function afterValue(open: readonly string[]): 'nothing' | 'comma or end' {
  return open.length === 0 ? 'nothing' : 'comma or end';
}

/** The end of the string that starts at a quote, or the negative offset of what cannot stand in one. */
export function jsonStringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return -at;
    if (code === 0x5c) {
      const end = match(ESCAPE, text, at);
      if (end === undefined) return -at;
      at = end - 1;
    }
  }
  return -text.length;
}

/** The end of what a sticky pattern matches at an offset. */
export function match(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
