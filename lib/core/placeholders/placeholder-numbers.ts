import { createHash } from 'node:crypto';

/** The value that a number stands for. */
export interface NumberOwner {
  readonly mark: string;
  readonly app: string;
  readonly index: number;
}

// Negative integers of 16 digits: real values are never that low, and there is some distance to the lowest safe integer.
const LEAST_START = 460_000;
const STARTS = 400_000;
const PER_START = 10_000_000_000;

const issued = new Map<number, NumberOwner>();

/** The first digits of the numbers of a program, the same for all of its apps. */
export function numberStart(mark: string): string {
  return String(LEAST_START + (hashOf(mark, 'numbers') % STARTS));
}

/** The number that stands for a value: always the same, and never adjacent to another. */
export function numberPlaceholder(owner: NumberOwner): number {
  const { mark, app, index } = owner;
  const start = Number(numberStart(mark)) * PER_START;
  for (let attempt = 0; ; attempt++) {
    const number = -(start + (hashOf(mark, app, index, attempt) % PER_START));
    const other = issued.get(number);
    if (other === undefined) issued.set(number, owner);
    else if (other.mark !== mark || other.app !== app || other.index !== index) continue;
    return number;
  }
}

/** Which value a number stands for, if it stands for one. */
export function issuedNumber(number: number): NumberOwner | undefined {
  return issued.get(number);
}

/**
 * Whether a number was computed from one that stands for a value: by adding, subtracting, multiplying, dividing, rounding
 * or changing the sign. Comparisons (`Math.max`) and bit operations leave no trace.
 */
export function isComputedNumber(value: number): boolean {
  if (issued.size === 0 || !Number.isFinite(value) || issued.has(value)) return false;
  for (const number of issued.keys()) {
    if (isScaled(Math.abs(value), Math.abs(number)) || isCombined(value, number)) return true;
  }
  return false;
}

/** More than anything that somebody would add: ports, counts, seconds, bytes. */
const LARGEST_SUMMAND = 2 ** 32;
const LARGEST_DIVISOR = 100_000;
const LARGEST_FACTOR = 2 ** 40;
const LARGEST_NUMERATOR = 2 ** 20;
const LARGEST_DENOMINATOR = 100;

function isScaled(value: number, number: number): boolean {
  if (Math.abs(value - number) <= LARGEST_SUMMAND) return true;
  const divisor = Math.round(number / value);
  if (divisor >= 2 && divisor <= LARGEST_DIVISOR && Math.abs(value - number / divisor) <= 1) return true;
  for (let denominator = 1; denominator <= LARGEST_DENOMINATOR; denominator++) {
    const numerator = Math.round((value * denominator) / number);
    if (numerator < 1 || numerator > (denominator === 1 ? LARGEST_FACTOR : LARGEST_NUMERATOR)) continue;
    // The error of rounding the result.
    const tolerance = 1 + value * 2 ** -50;
    if (Math.abs(value - (number * numerator) / denominator) <= tolerance) return true;
  }
  return false;
}

/** Two placeholders are hardly ever nearer to each other. */
const LEAST_DIFFERENCE = 1_000_000;

/** Sums, differences and products of two of them. */
function isCombined(value: number, number: number): boolean {
  if (Math.abs(value) < LEAST_DIFFERENCE) return false;
  return [number - value, value - number, value + number, value / number].some((other) => {
    const whole = -Math.round(Math.abs(other));
    return [-2, -1, 0, 1, 2].some((near) => issued.has(whole + near));
  });
}

function hashOf(...what: readonly unknown[]): number {
  return createHash('sha256').update(what.join(' ')).digest().readUIntBE(0, 6);
}
