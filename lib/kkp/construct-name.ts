import type { IConstruct } from 'constructs';
import { claimedBy } from '../core/claims';
import type { PropsCheck } from '../core/props-check';
import { firstOf, isPlainObject, rule, type Rule } from '../core/rules';

/** A construct's name: its `name` prop, otherwise its id. Checked against `rule` under the field it came from. */
export function checkedName(check: PropsCheck, id: string, props: unknown, rule: Rule): string {
  const given = isPlainObject(props) ? props['name'] : undefined;
  if (given === undefined) check.value('id', id, rule);
  return typeof given === 'string' ? given : id;
}

/** The name of something declared elsewhere; leaving it out is told as such, not as a name that is spelt wrong. */
export function nameOf(what: string, spelling: Rule): Rule {
  return firstOf(
    rule((value) => typeof value === 'string', `the name of ${what}`, 'Give its name as a text.'),
    spelling,
  );
}

/** A name that only one construct may claim. */
export interface UniqueName {
  /** What it must be unique in: a cluster, a chart. */
  readonly within: object;
  /** What is named. */
  readonly kind: string;
  readonly name: string;
  /** What to do about a second one, and why. */
  readonly remedy: string;
}

/** Adds a problem when somebody else has claimed the name already; it is not claimed here. */
export function checkUnclaimed(check: PropsCheck, { within, kind, name, remedy }: UniqueName): void {
  const owner = claimedBy(within, kind, name);
  if (owner === undefined) return;
  check.add('name', name, `a name that no other ${kind} has; '${owner}' has this one`, remedy);
}

/** The path that a construct is going to have. */
export function pathOf(scope: IConstruct, id: string): string {
  return scope.node.path === '' ? id : `${scope.node.path}/${id}`;
}
