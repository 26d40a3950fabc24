/** White space between tokens. */
export const BLANK = /[ \t\n\r]*/y;
/** Numbers, booleans and null. */
export const LITERAL = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** What may come next; an `end` also allows the bracket that closes the innermost list or object. */
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing';

interface Reading {
  readonly text: string;
  /** The lists and objects around what comes next. */
  readonly open: ('[' | '{')[];
  expected: Expected;
  at: number;
}

/**
 * Where a text stops being JSON. `JSON.parse` does not always say where, and quotes the text there, which may be a secret.
 */
export function jsonErrorOffset(text: string): number {
  const reading: Reading = { text, open: [], expected: 'value', at: 0 };
  for (;;) {
    reading.at = match(BLANK, text, reading.at) ?? reading.at;
    if (reading.at >= text.length) return text.length;
    const wrong = readNext(reading, text.charAt(reading.at));
    if (wrong !== undefined) return wrong;
  }
}

/**
 * Reads one token.
 * @returns the offset of an error, if there is one
 */
function readNext(reading: Reading, character: string): number | undefined {
  const { open, expected } = reading;
  if (expected.endsWith('end') && character === closing(open)) {
    open.pop();
    return goOn(reading, reading.at + 1, afterValue(open));
  }
  switch (expected) {
    case 'nothing':
      return reading.at;
    case 'colon':
      return character === ':' ? goOn(reading, reading.at + 1, 'value') : reading.at;
    case 'comma or end':
      return character === ',' ? goOn(reading, reading.at + 1, open.at(-1) === '{' ? 'key' : 'value') : reading.at;
    case 'key':
    case 'key or end':
      return character === '"' ? goOn(reading, jsonStringEnd(reading.text, reading.at), 'colon') : reading.at;
    case 'value':
    case 'value or end':
      return readValue(reading, character);
  }
}

/** What closes the innermost list or object, if there is one. */
function closing(open: readonly string[]): string | undefined {
  const innermost = open.at(-1);
  return innermost === undefined ? undefined : innermost === '[' ? ']' : '}';
}

function readValue(reading: Reading, character: string): number | undefined {
  const { text, open, at } = reading;
  if (character === '[' || character === '{') {
    open.push(character);
    return goOn(reading, at + 1, character === '[' ? 'value or end' : 'key or end');
  }
  const end = character === '"' ? jsonStringEnd(text, at) : match(LITERAL, text, at);
  return end === undefined ? at : goOn(reading, end, afterValue(open));
}

/** @param end where the token ends, or the negative offset of what is wrong in it */
function goOn(reading: Reading, end: number, expected: Expected): number | undefined {
  if (end < 0) return -end;
  reading.at = end;
  reading.expected = expected;
  return undefined;
}

function afterValue(open: readonly string[]): Expected {
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
