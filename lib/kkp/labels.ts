import { labelKey, labelValue } from '../core/grammars/names';
import { mapOf, problem } from '../core/rules';
import type { Rule } from '../core/rule';

/** Labels of the user's own, with some keys reserved. */
export function ownLabels(reserved: Readonly<Record<string, string>>): Rule {
  const valid = mapOf(labelKey(), labelValue());
  return (value, field) => {
    const found = valid(value, field);
    if (found.length > 0) return found;
    return Object.entries(reserved).flatMap(([key, remedy]) =>
      Object.hasOwn(value as object, key)
        ? [problem(`${field}.${key}`, (value as Record<string, unknown>)[key], 'any label except this one', remedy)]
        : [],
    );
  };
}
