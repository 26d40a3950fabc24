import { isComputedNumber, numberStart } from './placeholder-numbers';

/** The number of characters of a mark that do not occur by chance. */
const WINDOW = 8;

const plain: string[] = [];
const encoded: string[] = [];
let plainPattern: RegExp | undefined;
let encodedPattern: RegExp | undefined;
const watched = new Set<string>();

/** Finds what is left of the placeholders with this mark from now on. */
export function watchTracesOf(mark: string): void {
  if (watched.has(mark)) return;
  watched.add(mark);
  for (let start = 0; start + WINDOW <= mark.length; start++) {
    const window = mark.slice(start, start + WINDOW);
    plain.push(window, Array.from(window).reverse().join(''), Buffer.from(window).toString('hex'));
  }
  const once = [mark, `-${numberStart(mark)}`].flatMap(base64FormsOf);
  for (const form of [...once, ...once.flatMap(base64FormsOf)]) encoded.push(form);
  plainPattern = new RegExp(plain.join('|'), 'i');
  encodedPattern = new RegExp(encoded.join('|'));
}

/** What a text looks like within the base64 form of a longer one: it may begin at any of three positions. */
function base64FormsOf(text: string): string[] {
  return [0, 1, 2].map((before) => {
    const form = Buffer.from(' '.repeat(before) + text).toString('base64');
    // Without the characters that also depend on the text before or after.
    return form.slice(Math.ceil((before * 8) / 6), Math.floor(((before + text.length) * 8) / 6));
  });
}

/** Whether a text holds what base64 makes of a placeholder. */
export function isEncodedTrace(text: string): boolean {
  return encodedPattern?.test(text) ?? false;
}

// Long enough for what is computed from a placeholder.
const LONG_NUMBER = /-?\d{8,}(?:\.\d+)?(?:e\+?\d+)?|-?\d\.\d+e\+?\d+/gi;

/** Whether a value that holds no placeholder holds one that was truncated, altered, or used in a computation. */
export function isChangedTrace(value: unknown): boolean {
  if (watched.size === 0) return false;
  if (typeof value === 'number') return isComputedNumber(value);
  if (typeof value !== 'string') return false;
  if (plainPattern?.test(value) ?? false) return true;
  return (value.match(LONG_NUMBER) ?? []).some((digits) => isComputedNumber(Number(digits)));
}

/** Whether a value that holds no placeholder holds what is left of one. */
export function isTrace(value: unknown): boolean {
  return isChangedTrace(value) || (typeof value === 'string' && isEncodedTrace(value));
}
