import * as pulumi from '@pulumi/pulumi';
import { EdgeConstructsError } from '../core/error';
import type { Problem } from '../core/problem';
import { isPlainObject, problem, rule } from '../core/rules';
import type { Rule } from '../core/rule';

/**
 * Refuses arguments that are not an object, before a component reads them.
 *
 * @throws {@link EdgeConstructsError}
 */
export function requireArguments(subject: string, name: string, args: unknown): void {
  if (isPlainObject(args)) return;
  refuse(subject, name, [problem('args', args, 'an object', 'Give an object literal.')]);
}

/** @throws {@link EdgeConstructsError} when there are problems */
export function refuse(subject: string, name: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new EdgeConstructsError(name, subject, problems);
}

/** A component of this library that is given as an argument. */
export function component(kind: abstract new (...args: never[]) => pulumi.ComponentResource): Rule {
  return rule((value) => value instanceof kind, `a component ${kind.name}`, `Pass what 'new ${kind.name}' returned.`);
}

/** A required string or Output. Errors do not show its value. */
export function secretInput(what: string): Rule {
  return (value, field) =>
    (typeof value === 'string' && value.trim() !== '') || pulumi.Output.isInstance(value) || value instanceof Promise
      ? []
      : [
          problem(
            field,
            typeof value === 'string' ? '' : value,
            `a string: ${what}`,
            'Pass the string itself, not a path.',
          ),
        ];
}

/** Refuses unknown arguments. Errors show only their names, because the value of a misspelt one may well be a key. */
export function onlyKnown(
  args: object,
  known: readonly string[],
  { prefix = '', renamed = {} }: { readonly prefix?: string; readonly renamed?: Readonly<Record<string, string>> } = {},
): readonly Problem[] {
  return Object.entries(args)
    .filter(([key, value]) => !known.includes(key) && value !== undefined)
    .map(([key]) => {
      const [allowed, remedy] = Object.hasOwn(renamed, key)
        ? ['only arguments that still exist', `It is now ${renamed[key] ?? ''}.`]
        : [`only ${known.join(', ')}`, 'There is no such argument; correct its name.'];
      return { ...problem(`${prefix}${key}`, undefined, allowed, remedy), given: '(not shown)' };
    });
}

/** Refuses a value that is not an object, without showing it. */
export function notAnObject(value: unknown, field: string, what: string): readonly Problem[] {
  if (isPlainObject(value)) return [];
  const given = value === undefined ? 'nothing' : value === null ? 'null' : '(not shown)';
  return [{ field, given, allowed: `an object: ${what}`, remedy: 'Give an object literal.' }];
}
