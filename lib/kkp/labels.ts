import { labelKey, labelValue } from '../core/names';
import { mapOf, problem, type Rule } from '../core/rules';

/** Labels of the user's own, with some keys reserved. */
export function ownLabels(reserved: Readonly<Record<string, string>>): Rule {
  const valid = mapOf(labelKey(), labelValue());
  return (value, field) => {
    const found = valid(value, field);
    if (found.length > 0) return found;
    return Object.entries(reserved).flatMap(([key, remedy]) =>
      Object.hasOwn(value as object, key)
        ? [problem(`${field}.${key}`, (value as Record<string, unknown>)[key], 'any label but this one', remedy)]
        : [],
    );
  };
}

/** Entries in the order of their keys, so that the order they were written in changes nothing. */
export function sortedByKey<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
