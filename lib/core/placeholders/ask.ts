import type { Problem } from '../problem';
import type { LateCheck } from './late-checks';
import { isPlaceholder } from './placeholder';
import type { Rule } from '../rule';

const needing = new WeakSet<Rule>();
let collected: LateCheck[] | undefined;

/**
 * Marks a rule that does not accept placeholders, because the value decides which objects exist, or is used in a
 * computation.
 */
export function needsValue(rule: Rule): Rule {
  needing.add(rule);
  return rule;
}

/** Marks a rule that consists of others, if one of them needs the value. */
export function needsValueLike(rule: Rule, ...parts: readonly Rule[]): Rule {
  return parts.some((part) => needing.has(part)) ? needsValue(rule) : rule;
}

/** Checks a value with a rule. The value of a placeholder is checked later, when it is known. */
export function ask(rule: Rule, value: unknown, field: string): readonly Problem[] {
  if (!isPlaceholder(value)) return rule(value, field);
  if (needing.has(rule)) {
    return [
      {
        field,
        given: 'a Pulumi Output',
        allowed: 'a value that is known while the program runs, because it decides what is declared',
        remedy: 'Give a plain value, for instance from the stack configuration.',
      },
    ];
  }
  collected?.push({ field, value, rule });
  return [];
}

/** Runs checks, and collects those that have to wait for a value. */
export function collectLateChecks<T>(into: LateCheck[], run: () => T): T {
  const before = collected;
  collected = into;
  try {
    return run();
  } finally {
    collected = before;
  }
}
