import { createHash } from 'node:crypto';
import { issuedNumber, numberPlaceholder } from './placeholder-numbers';
import { watchTracesOf } from './placeholder-traces';

/**
 * A text or number that stands for a value which is not known while the construct tree is built: a Pulumi Output.
 * `edge-constructs/pulumi` makes placeholders and puts the values back; this file only tells them from real values.
 *
 * The text is a DNS label, so that it passes the checks of other libraries' constructs, and the number is an integer. Both
 * contain a mark that only the program knows, so that no other text can be, or be forged as, a placeholder.
 */
const TEXT = /pulumi-([a-z2-7]{10})-([a-z2-7]{6})-(\d+|d[0-9a-f]{16})-\1/;
const TEXTS = new RegExp(TEXT.source, 'g');
const NUMBERS = /-\d{16}(?!\d)/g;

/** Marks of the programs in this process. If there are none, there are no placeholders to look for. */
const marks = new Set<string>();

/** The placeholders of one app of a program. */
export class PlaceholderSpace {
  readonly #mark: string;
  readonly #app: string;

  /**
   * @param mark what the placeholders of the program have in common: 10 characters of base32, which nobody can guess
   * @param app what tells the apps of the program apart: 6 characters of base32
   */
  constructor(mark: string, app: string) {
    if (!/^[a-z2-7]{10}$/.test(mark) || !/^[a-z2-7]{6}$/.test(app)) throw new Error('a mark is base32');
    this.#mark = mark;
    this.#app = app;
    marks.add(mark);
    watchTracesOf(mark);
  }

  /** The text that stands for the value with this index. */
  text(index: number): string {
    return textPlaceholder(this.#mark, this.#app, String(index));
  }

  /** The number that stands for the value with this index. */
  number(index: number): number {
    return numberPlaceholder({ mark: this.#mark, app: this.#app, index });
  }

  /**
   * The index of the value that a placeholder stands for; `undefined` if it belongs to another app, or is not a
   * placeholder.
   */
  indexOf(placeholder: string): number | undefined {
    const number = issuedNumber(Number(placeholder));
    if (number !== undefined) {
      return number.mark === this.#mark && number.app === this.#app ? number.index : undefined;
    }
    const [whole, mark, app, index = ''] = TEXT.exec(placeholder) ?? [];
    return whole === placeholder && mark === this.#mark && app === this.#app && /^\d+$/.test(index)
      ? Number(index)
      : undefined;
  }
}

function textPlaceholder(mark: string, app: string, what: string): string {
  return `pulumi-${mark}-${app}-${what}-${mark}`;
}

/** Whether a value is, or has in its text, a placeholder. */
export function isPlaceholder(value: unknown): value is string | number {
  if (marks.size === 0) return false;
  if (typeof value === 'number') return issuedNumber(value) !== undefined;
  return typeof value === 'string' && takeApart(value).placeholders.length > 0;
}

/** Placeholders of a text, and the pieces of text before, between and after them. */
export interface Parts {
  /** One more than there are placeholders. */
  readonly pieces: readonly string[];
  readonly placeholders: readonly string[];
}

/** Finds the placeholders of a text. */
export function takeApart(text: string): Parts {
  if (marks.size === 0) return { pieces: [text], placeholders: [] };
  const found = [
    ...[...text.matchAll(TEXTS)].filter(([, mark = '']) => marks.has(mark)),
    ...[...text.matchAll(NUMBERS)].filter(([digits]) => issuedNumber(Number(digits)) !== undefined),
  ].sort((one, other) => one.index - other.index);
  const pieces: string[] = [];
  let end = 0;
  for (const { index, 0: placeholder } of found) {
    pieces.push(text.slice(end, index));
    end = index + placeholder.length;
  }
  return { pieces: [...pieces, text.slice(end)], placeholders: found.map(([placeholder]) => placeholder) };
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
  if (marks.size === 0) return compute(from);
  const content = JSON.stringify(from);
  const [first] = takeApart(content).placeholders;
  if (first === undefined) return compute(from);
  const [, mark, app] = TEXT.exec(first) ?? [];
  const owner = issuedNumber(Number(first)) ?? { mark: mark ?? '', app: app ?? '' };
  const hash = createHash('sha256').update(`${purpose}\n${content}`).digest('hex').slice(0, 16);
  const placeholder = textPlaceholder(owner.mark, owner.app, `d${hash}`);
  derivations.set(placeholder, { from, compute: compute as Derived['compute'] });
  return placeholder;
}

/** What a placeholder made by {@link derive} stands for. */
export function derivationOf(placeholder: string): Derived | undefined {
  return derivations.get(placeholder);
}
