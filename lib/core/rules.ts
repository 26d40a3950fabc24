import { ask, needsValue, needsValueLike } from './placeholders/ask';
import type { Problem } from './problem';
import type { Rule } from './rule';
import { showGiven, visible } from './given';

/** Makes a {@link Problem}; `value` is shown shortened and without secrets. */
export function problem(field: string, value: unknown, allowed: string, remedy: string): Problem {
  return { field: visible(field), given: showGiven(value), allowed, remedy };
}

/** A rule from a test: the field is fine when `isAllowed` says so. */
export function rule(isAllowed: (value: unknown) => boolean, allowed: string, remedy: string): Rule {
  return (value, field) => (isAllowed(value) ? [] : [problem(field, value, allowed, remedy)]);
}

/** Applies rules in order. Only the first one that fails reports, so that a wrong type is reported once. */
export function firstOf(...rules: readonly Rule[]): Rule {
  return needsValueLike(
    (value, field) => {
      for (const each of rules) {
        const found = each(value, field);
        if (found.length > 0) return found;
      }
      return [];
    },
    ...rules,
  );
}

/** Leaving the field out is allowed; anything else must satisfy `inner`. */
export function optional(inner: Rule): Rule {
  return needsValueLike((value, field) => (value === undefined ? [] : inner(value, field)), inner);
}

/** `true` or `false`, not a string or a number that looks like one. */
export function bool(): Rule {
  return needsValue(rule((value) => typeof value === 'boolean', 'true or false', 'Use a boolean.'));
}

/** A whole number within bounds, both included. */
export function integer(bounds: { readonly min: number; readonly max: number; readonly unit?: string }): Rule {
  const unit = bounds.unit === undefined ? '' : ` ${bounds.unit}`;
  return needsValue(
    rule(
      (value) => typeof value === 'number' && Number.isInteger(value) && value >= bounds.min && value <= bounds.max,
      `a whole number from ${bounds.min} to ${bounds.max}${unit}`,
      'Use a number in this range.',
    ),
  );
}

/** A string that is not empty, not padded with white space and has no control characters. */
export function text(options: { readonly maxLength?: number } = {}): Rule {
  const max = options.maxLength ?? 1024;
  return rule(
    (value) =>
      typeof value === 'string' &&
      value.length > 0 &&
      value.length <= max &&
      value === value.trim() &&
      !/\p{Cc}|\p{Cs}/u.test(value),
    `a string of 1 to ${max} characters on one line, without leading or trailing spaces`,
    'Use such a string, or leave the field out if it is optional.',
  );
}

/** A text that matches a pattern; `allowed` says in words what the pattern asks. */
export function pattern(regexp: RegExp, allowed: string, remedy: string): Rule {
  return rule((value) => typeof value === 'string' && regexp.test(value), allowed, remedy);
}

/** One member of a TypeScript enum with string values. */
export function enumOf(members: Readonly<Record<string, string>>, enumName: string): Rule {
  const values = Object.values(members);
  return needsValue(
    rule(
      (value) => typeof value === 'string' && values.includes(value),
      values.map((value) => `'${value}'`).join(', '),
      `Use a member of ${enumName}.`,
    ),
  );
}

/** How long a list may be and whether it may name a thing twice. */
export interface ListOptions {
  /** @default 0 */
  readonly min?: number;
  /** @default - no upper bound */
  readonly max?: number;
  /** The items are compared by this text. @default - items may repeat */
  readonly uniqueBy?: (item: unknown) => unknown;
  /** Why there is a lower or upper bound, as a sentence. */
  readonly remedy?: string;
}

/** A list whose items all satisfy `item`. */
export function listOf(item: Rule, options: ListOptions = {}): Rule {
  const min = options.min ?? 0;
  const max = options.max ?? Number.POSITIVE_INFINITY;
  return needsValue((value, field) => {
    if (!Array.isArray(value)) return [problem(field, value, 'a list', 'Put the value in [ ].')];
    const items: readonly unknown[] = value;
    if (items.length < min || items.length > max) {
      return [problem(field, items, lengthInWords(min, max), options.remedy ?? 'Give a list of this length.')];
    }
    const found: Problem[] = [];
    const seen = new Map<unknown, number>();
    items.forEach((each, index) => {
      const own = ask(item, each, `${field}[${index}]`);
      for (const one of own) found.push(one);
      if (options.uniqueBy === undefined || own.length > 0) return;
      const key = options.uniqueBy(each);
      const first = seen.get(key);
      if (first === undefined) seen.set(key, index);
      else
        found.push(
          problem(
            `${field}[${index}]`,
            each,
            `each item only once; it is already at ${field}[${first}]`,
            'Remove one of the two.',
          ),
        );
    });
    return found;
  });
}

function lengthInWords(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return `a list of at least ${min}`;
  return min === max ? `a list of exactly ${min}` : `a list of ${min} to ${max}`;
}

/** A map: `key` is asked about every key, `item` about every value. */
export function mapOf(key: Rule, item: Rule): Rule {
  return needsValue((value, field) => {
    if (!isPlainObject(value)) return [problem(field, value, 'a map', 'Give an object literal: { key: value }.')];
    return Object.entries(value).flatMap(([name, each]) => [
      ...ask(key, name, `${field} key`),
      ...ask(item, each, `${field}.${name}`),
    ]);
  });
}

/**
 * An object with known fields only; each field has its own rule. A misspelt field is reported with the most similar known one.
 * @param renamed what fields of earlier versions have become, in words that follow "It is now"
 */
export function shape(fields: Readonly<Record<string, Rule>>, renamed: Readonly<Record<string, string>> = {}): Rule {
  return needsValue((value, field) => {
    if (!isPlainObject(value)) {
      return [
        problem(field || 'props', value, `an object with ${Object.keys(fields).join(', ')}`, 'Give an object literal.'),
      ];
    }
    const prefix = field === '' ? '' : `${field}.`;
    const known = Object.keys(fields);
    const strangers = Object.keys(value).filter((key) => !known.includes(key) && value[key] !== undefined);
    return [
      ...known.flatMap((key) => {
        const own = fields[key];
        return own === undefined ? [] : ask(own, value[key], `${prefix}${key}`);
      }),
      ...strangers.map((key) => stranger(`${prefix}${key}`, key, value[key], known, renamed)),
    ];
  });
}

const CREDENTIAL =
  /token|secret|passw|passphrase|private|credential|kubeconfig|(?:api|access|signing|encryption)[-_]?key/i;

function stranger(
  field: string,
  key: string,
  value: unknown,
  known: readonly string[],
  renamed: Readonly<Record<string, string>>,
): Problem {
  const found = Object.hasOwn(renamed, key)
    ? problem(field, value, 'only props that still exist', `It is now ${renamed[key] ?? ''}.`)
    : problem(field, value, `only ${known.join(', ')}`, `There is no such prop.${nearest(key, known)}`);
  // Nobody has said what this is, so it may be a credential.
  return CREDENTIAL.test(key) ? { ...found, given: '(not shown)' } : found;
}

/** Whether a value is an object literal: not a list, not null, not an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** " Did you mean ...?", if something known is much like it. */
export function nearest(given: string, known: readonly string[]): string {
  const scored = known
    .map((name) => ({ name, distance: editDistance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(given.length / 3))
    ? ` Did you mean ${best.name}?`
    : '';
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
