import { firstOf, pattern, problem, rule } from '../rules';
import type { Rule } from '../rule';

/** How a name is going to be used, for its length. */
export interface NameOptions {
  /**
   * What gets appended to (or put before) the name by this library, by Kubernetes or by a controller.
   * @default - nothing
   */
  readonly longestDerived?: (name: string) => string;

  /** Longest length of the derived name. @default 63 */
  readonly maxLength?: number;
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

/**
 * A DNS label: what most object names and all host names must be.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
 */
export function dnsLabel(options: NameOptions = {}): Rule {
  return firstOf(
    pattern(
      LABEL,
      'lower-case letters a-z, digits and hyphens, with a letter or digit at both ends (a DNS label)',
      'Rename it.',
    ),
    withinLength(options),
  );
}

/**
 * A DNS label that starts with a letter: what Service names must be.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names
 */
export function dns1035Label(options: NameOptions = {}): Rule {
  return firstOf(
    pattern(
      LABEL_1035,
      'lower-case letters a-z, digits and hyphens, starting with a letter, ending with a letter or digit (a DNS-1035 label)',
      'Rename it.',
    ),
    withinLength(options),
  );
}

/**
 * A DNS subdomain: labels joined by dots, 253 characters at most.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
 */
export function dnsSubdomain(options: NameOptions = {}): Rule {
  return firstOf(
    pattern(
      SUBDOMAIN,
      'lower-case letters a-z, digits, hyphens and dots, with a letter or digit at both ends of every part (a DNS subdomain)',
      'Rename it.',
    ),
    withinLength({ maxLength: 253, ...options }),
  );
}

/** A key of a map in a manifest. Not `constructor`, because cdk8s would take such a map for an instance of a class. */
export function mapKey(): Rule {
  return rule(
    (value) => value !== 'constructor',
    'any name except constructor, which cdk8s cannot render',
    'Rename it.',
  );
}

/**
 * A label key, with or without a prefix.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function labelKey(): Rule {
  return firstOf(labelKeySyntax, mapKey());
}

const labelKeySyntax: Rule = (value, field) => {
  const parts = typeof value === 'string' ? value.split('/') : [];
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  const isName = name.length >= 1 && name.length <= 63 && LABEL_VALUE.test(name);
  const isPrefix = prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
  if (isName && isPrefix && parts.length <= 2) return [];
  return [
    problem(
      field,
      value,
      'a name of at most 63 letters, digits, -, _ and ., optionally after a DNS prefix and a slash',
      'Give a valid label key.',
    ),
  ];
};

/**
 * A label value: at most 63 characters, may be empty.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function labelValue(): Rule {
  return (value, field) =>
    typeof value === 'string' && value.length <= 63 && LABEL_VALUE.test(value)
      ? []
      : [
          problem(
            field,
            value,
            'at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, or an empty string',
            'Give a valid label value.',
          ),
        ];
}

function withinLength(options: NameOptions): Rule {
  const max = options.maxLength ?? 63;
  const derive = options.longestDerived ?? ((name: string) => name);
  return (value, field) => {
    const name = String(value);
    const derived = derive(name);
    if (derived.length <= max) return [];
    const longest = max - (derived.length - name.length);
    const why = derived === name ? '' : `, because '${derived}' is derived from it and may have ${max}`;
    return [problem(field, value, `at most ${longest} characters${why}; this one has ${name.length}`, 'Shorten it.')];
  };
}
