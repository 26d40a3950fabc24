import { dnsSubdomain, labelKey, labelValue } from '../core/grammars/names';
import { firstOf, isPlainObject, mapOf, problem, rule } from '../core/rules';
import type { Rule } from '../core/rule';
import { NODE_GROUP_LABEL_VALUE, OWN_ANNOTATION_PREFIX } from './labels';

/** Kubernetes' limit on all annotations of an object together, in bytes. */
const ANNOTATION_BYTES = 256 * 1024;

/** Longest name part of a label key. */
const LONGEST_LABEL_NAME = 63;

/** Annotations, with keys and a total size that Kubernetes accepts, and without this library's own keys. */
export function annotations(): Rule {
  return firstOf(
    mapOf(
      firstOf(
        labelKey(),
        rule(
          (key) => !String(key).startsWith(OWN_ANNOTATION_PREFIX),
          `any key except ${OWN_ANNOTATION_PREFIX}*, which this library writes itself`,
          'Choose another prefix.',
        ),
      ),
      rule((value) => typeof value === 'string', 'a string', 'Use a string.'),
    ),
    (value, field) => {
      const bytes = Object.entries(value as Record<string, string>)
        .map(([key, text]) => Buffer.byteLength(key) + Buffer.byteLength(text))
        .reduce((sum, each) => sum + each, 0);
      return bytes <= ANNOTATION_BYTES
        ? []
        : [problem(field, value, `at most ${ANNOTATION_BYTES} bytes together; these have ${bytes}`, 'Shorten them.')];
    },
  );
}

/** Labels of a NodeUnit or NodeGroup. */
export function objectLabels(): Rule {
  return mapOf(
    labelKey(),
    firstOf(
      labelValue(),
      rule(
        (value) => value !== NODE_GROUP_LABEL_VALUE,
        `any value except ${NODE_GROUP_LABEL_VALUE}, by which SuperEdge recognizes the members of a group`,
        'Declare a NodeGroup instead.',
      ),
    ),
  );
}

/** A name that SuperEdge also uses as the key of a label without a prefix. */
export function nameAndLabelKey(whatIsLabelled: string): Rule {
  return firstOf(dnsSubdomain({ maxLength: Number.POSITIVE_INFINITY }), (value, field) => {
    const { length } = String(value);
    return length <= LONGEST_LABEL_NAME
      ? []
      : [
          problem(
            field,
            value,
            `at most ${LONGEST_LABEL_NAME} characters, because SuperEdge labels ${whatIsLabelled} with the name as key; ` +
              `this one has ${length}`,
            'Shorten it.',
          ),
        ];
  });
}

/** Adds a check of single entries to the rule of a map. */
export function withEntries(map: Rule, entry: (key: string, value: unknown, field: string) => ReturnType<Rule>): Rule {
  return (value, field) => [
    ...map(value, field),
    ...(isPlainObject(value)
      ? Object.entries(value).flatMap(([key, each]) => entry(key, each, `${field}.${key}`))
      : []),
  ];
}
