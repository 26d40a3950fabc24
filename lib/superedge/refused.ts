import type { Problem } from '../core/problem';
import { isPlainObject, problem, shape } from '../core/rules';
import type { Rule } from '../core/rule';

/** Why a field that SuperEdge's API has is not offered. */
export interface Refusal {
  /** What is allowed instead, and the reason. */
  readonly allowed: string;
  /** What to do. */
  readonly remedy: string;
}

/** An object with known fields, like {@link shape}; certain other fields are refused with a reason of their own. */
export function shapeRefusing(
  fields: Readonly<Record<string, Rule>>,
  refused: Readonly<Record<string, Refusal>>,
): Rule {
  const known = shape(fields);
  return (value, field) => {
    if (!isPlainObject(value)) return known(value, field);
    const offered = Object.fromEntries(Object.entries(value).filter(([key]) => !Object.hasOwn(refused, key)));
    return [...known(offered, field), ...refusals(value, field, refused)];
  };
}

function refusals(
  value: Readonly<Record<string, unknown>>,
  field: string,
  refused: Readonly<Record<string, Refusal>>,
): readonly Problem[] {
  return Object.entries(refused).flatMap(([key, { allowed, remedy }]) =>
    value[key] === undefined ? [] : [problem(`${field}.${key}`, value[key], allowed, remedy)],
  );
}

/** A field that must be left out in the situation that `allowed` describes. */
export function leftOut({ allowed, remedy }: Refusal): Rule {
  return (value, field) => (value === undefined ? [] : [problem(field, value, allowed, remedy)]);
}
