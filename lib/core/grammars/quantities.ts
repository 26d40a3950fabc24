import { rule } from '../rules';
import type { Rule } from '../rule';

const QUANTITY = /^(\d+\.?\d*|\.\d+)(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d{1,2}))?$/;

const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * The number that a quantity stands for: 0.25 for `250m`; `undefined` for what Kubernetes does not accept as one, or reads as
 * negative.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(text: unknown): number | undefined {
  const match = typeof text === 'string' ? QUANTITY.exec(text) : null;
  if (match === null) return undefined;
  const [, digits = '', unit, exponent = '0'] = match;
  return unit === undefined ? Number(`${digits}e${exponent}`) : Number(digits) * (UNITS[unit] ?? Number.NaN);
}

/** What a quantity may be. */
export interface QuantityOptions {
  /** Whether 0 is allowed. @default false */
  readonly zero?: boolean;
}

/** The lowest and highest quantity allowed, both included. */
export interface QuantityBounds {
  readonly min: string;
  readonly max: string;
}

/** CPU time, in cores: `2`, `250m`, `0.5`. Kubernetes counts thousandths. */
export function cpuQuantity(options: QuantityOptions = {}): Rule {
  const allowed = 'CPU time as Kubernetes writes it, in cores or millicores';
  return quantity(options, isInThousandths, allowed, 'Write it like 250m.');
}

/** Memory or disk, in bytes: `512Mi`, `1.5Gi`, `1e9`. `512m` is half a byte, which nobody means. */
export function bytesQuantity(options: QuantityOptions = {}): Rule {
  const allowed = 'a number of bytes as Kubernetes writes it';
  return quantity(options, isOneAtLeast, allowed, 'Write it like 512Mi or 1.5Gi.');
}

/** Memory or disk of a device: as {@link bytesQuantity}, within bounds. */
export function bytesWithin({ min, max }: QuantityBounds): Rule {
  const [least = Number.NaN, most = Number.NaN] = [min, max].map(parseQuantity);
  const allowed = `a number of bytes from ${min} to ${max}, as Kubernetes writes it`;
  return quantity({}, (value) => value >= least && value <= most, allowed, 'Write it like 512Mi or 1.5Gi.');
}

/** A number of things: `1000`, `1k`. */
export function countQuantity(options: QuantityOptions = {}): Rule {
  return quantity(options, Number.isInteger, 'a whole number as Kubernetes writes it', 'Write it like 1000.');
}

const isOneAtLeast = (value: number): boolean => value >= 1;

/** The tolerance is for rounding errors of floating point numbers. */
const isInThousandths = (value: number): boolean => Math.abs(value * 1000 - Math.round(value * 1000)) < 1e-6;

function quantity(
  { zero = false }: QuantityOptions,
  fits: (value: number) => boolean,
  allowed: string,
  remedy: string,
): Rule {
  return rule(
    (given) => {
      const value = parseQuantity(given);
      return value !== undefined && (value === 0 ? zero : fits(value));
    },
    allowed,
    remedy,
  );
}
