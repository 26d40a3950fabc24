import { createHash } from 'node:crypto';

/**
 * A text or number that stands for a value which is not known while the construct tree is built: a Pulumi Output.
 * `edge-constructs/pulumi` makes them and puts the values back; here they only have to be told from real values.
 *
 * The text is a DNS label, so that it passes the checks of other libraries' constructs, and the number a whole one.
 */
const TEXT = /pulumi-(?:output-\d+|derived-[0-9a-f]{16})-value|-9007199254\d{6}\b/;

/** All placeholders of a text. */
export const PLACEHOLDERS = new RegExp(TEXT.source, 'g');

const FIRST_NUMBER = -9_007_199_254_000_000;
const NUMBERS = 740_000;

/** The text that stands for the value with this index. */
export function textPlaceholder(index: number): string {
  return `pulumi-output-${index}-value`;
}

/** The number that stands for the value with this index. */
export function numberPlaceholder(index: number): number {
  if (index >= NUMBERS) throw new Error(`a program can have ${NUMBERS} placeholders of numbers`);
  return FIRST_NUMBER - index;
}

/** The index of the value that a placeholder stands for; `undefined` when it is not one, or a derived one. */
export function placeholderIndex(placeholder: string): number | undefined {
  const index = /^pulumi-output-(\d+)-value$/.exec(placeholder)?.[1];
  if (index !== undefined) return Number(index);
  return /^-9007199254\d{6}$/.test(placeholder) ? FIRST_NUMBER - Number(placeholder) : undefined;
}

/** Whether a value is, or has in its text, a placeholder. */
export function isPlaceholder(value: unknown): value is string | number {
  return typeof value === 'number' ? TEXT.test(String(value)) : typeof value === 'string' && TEXT.test(value);
}

/** A text that is to be computed when all values in `from` are known. */
export interface Derived {
  readonly from: unknown;
  readonly compute: (from: unknown) => string;
}

// Keyed by content, so that the same program has the same placeholders every time.
const derivations = new Map<string, Derived>();

/**
 * Computes a text from values: at once, or, when one of them is a placeholder, once it is known. For everything that is
 * more than putting a value into a text: hashes, serialization, arithmetic on addresses.
 *
 * @param purpose what is computed; the same purpose and values must give the same text
 */
export function derive<T>(purpose: string, from: T, compute: (from: T) => string): string {
  const content = JSON.stringify(from);
  if (!TEXT.test(content)) return compute(from);
  const hash = createHash('sha256').update(`${purpose}\n${content}`).digest('hex').slice(0, 16);
  const placeholder = `pulumi-derived-${hash}-value`;
  derivations.set(placeholder, { from, compute: compute as Derived['compute'] });
  return placeholder;
}

/** What a placeholder made by {@link derive} stands for. */
export function derivationOf(placeholder: string): Derived | undefined {
  return derivations.get(placeholder);
}
