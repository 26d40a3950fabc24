import type { PropsCheck } from './props-check';
import { firstOf, isPlainObject, rule } from './rules';
import type { Rule } from './rule';

/** A construct's name: its `name` prop, otherwise its id. Checked against `rule` under the field it came from. */
export function checkedName(check: PropsCheck, id: string, props: unknown, rule: Rule): string {
  const given = isPlainObject(props) ? props['name'] : undefined;
  if (given === undefined) check.value('id', id, rule);
  return typeof given === 'string' ? given : id;
}

/** The name of something declared elsewhere. If it is missing, the error says so, and not that the name is malformed. */
export function nameOf(what: string, spelling: Rule): Rule {
  return firstOf(
    rule((value) => typeof value === 'string', `the name of ${what}`, 'Give its name as a string.'),
    spelling,
  );
}
