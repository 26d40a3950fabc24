import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { EdgeConstructsError } from './error';
import { rule } from './rules';
import type { Rule } from './rule';

/**
 * Checks the arguments of a function, or of a class that is not in the construct tree, before anything is done with them.
 *
 * @param subject the function's name
 * @param args the given value and its rule, by parameter name. For an object of options, the name is empty, so that
 * problems have the names of its fields
 * @throws {@link EdgeConstructsError} with everything that is wrong
 */
export function checkArguments(subject: string, args: Readonly<Record<string, readonly [unknown, Rule]>>): void {
  const problems = Object.entries(args).flatMap(([name, [value, each]]) => each(value, name));
  if (problems.length > 0) throw new EdgeConstructsError('', subject, problems);
}

/** A construct, even if it is from another copy of its library. */
export function aConstruct(): Rule {
  return rule(
    (value) => Construct.isConstruct(value),
    'a construct, for instance a Chart',
    'Pass the construct itself.',
  );
}

/** A cdk8s chart. */
export function aChart(): Rule {
  return rule((value) => Chart.isChart(value), 'a cdk8s Chart', "Pass what 'new Chart' returned.");
}

/** A string of any length and any number of lines. */
export function anyText(what: string, options: { readonly min?: number } = {}): Rule {
  return rule(
    (value) => typeof value === 'string' && value.length >= (options.min ?? 0),
    `a string: ${what}`,
    'Pass the string itself.',
  );
}
