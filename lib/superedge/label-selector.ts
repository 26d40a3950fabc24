import { labelKey, labelValue } from '../core/grammars/names';
import { enumOf, isPlainObject, listOf, mapOf, optional, problem, shape } from '../core/rules';
import type { Rule } from '../core/rule';
import { shapeRefusing } from './refused';

/**
 * How a requirement compares a label.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export enum SelectorOperator {
  /** The label has one of the values. */
  IN = 'In',
  /** The label has none of the values, or is missing. */
  NOT_IN = 'NotIn',
  /** The label is there, whatever its value. */
  EXISTS = 'Exists',
  /** The label is missing. */
  DOES_NOT_EXIST = 'DoesNotExist',
}

/** One requirement of a {@link LabelSelector}. */
export interface SelectorRequirement {
  /** The label's key. */
  readonly key: string;
  /** How it is compared. */
  readonly operator: SelectorOperator;
  /** What it is compared with. @default - none: right for `EXISTS` and `DOES_NOT_EXIST`, an error for `IN` and `NOT_IN` */
  readonly values?: readonly string[];
}

/**
 * Selects by label; all conditions must hold. SuperEdge's field `annotations` is not offered, because SuperEdge ignores it.
 */
export interface LabelSelector {
  /** Labels with exactly these values. @default - no such condition */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** Further requirements. @default - none */
  readonly matchExpressions?: readonly SelectorRequirement[];
}

/** A selector with at least one condition; `emptyMeans` says how SuperEdge interprets an empty one. */
export function labelSelector(emptyMeans: string): Rule {
  const fields = shapeRefusing(
    { matchLabels: optional(mapOf(labelKey(), labelValue())), matchExpressions: optional(listOf(requirement)) },
    { annotations: { allowed: 'nothing: SuperEdge ignores annotations here', remedy: 'Select by label.' } },
  );
  return (value, field) => {
    const found = fields(value, field);
    if (found.length > 0 || !isPlainObject(value)) return found;
    const { matchLabels, matchExpressions } = value as LabelSelector;
    return Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length > 0
      ? []
      : [
          problem(
            field,
            value,
            `at least one of matchLabels, matchExpressions; an empty selector selects ${emptyMeans}`,
            'Say what it should select.',
          ),
        ];
  };
}

/** Whether an object with these labels is selected. */
export function selects(selector: LabelSelector, labelOf: (key: string) => string | undefined): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labelOf(key) === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const label = labelOf(key);
      switch (operator) {
        case SelectorOperator.IN:
          return label !== undefined && values.includes(label);
        case SelectorOperator.NOT_IN:
          return label === undefined || !values.includes(label);
        case SelectorOperator.EXISTS:
          return label !== undefined;
        case SelectorOperator.DOES_NOT_EXIST:
          return label === undefined;
      }
    })
  );
}

/** The selector as it goes into a manifest, without empty parts. */
export function selectorManifest(selector: LabelSelector): LabelSelector {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return {
    ...(Object.keys(matchLabels).length === 0 ? {} : { matchLabels: { ...matchLabels } }),
    ...(matchExpressions.length === 0
      ? {}
      : {
          matchExpressions: matchExpressions.map(({ key, operator, values = [] }) => ({
            key,
            operator,
            ...(values.length === 0 ? {} : { values: [...values] }),
          })),
        }),
  };
}

const REQUIREMENT = shape({
  key: labelKey(),
  operator: enumOf(SelectorOperator, 'SelectorOperator'),
  values: optional(listOf(labelValue(), { uniqueBy: (value) => value })),
});

function requirement(value: unknown, field: string): ReturnType<Rule> {
  const found = REQUIREMENT(value, field);
  if (found.length > 0) return found;
  const { operator, values } = value as SelectorRequirement;
  const takesValues = operator === SelectorOperator.IN || operator === SelectorOperator.NOT_IN;
  if (takesValues === (values ?? []).length > 0) return [];
  return [
    problem(
      `${field}.values`,
      values,
      takesValues
        ? `at least one value, because the operator is ${operator}`
        : `no values, because the operator is ${operator}`,
      takesValues ? 'Say what the label is compared with.' : 'Leave values out.',
    ),
  ];
}
