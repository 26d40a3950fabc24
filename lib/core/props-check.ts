import { Construct, type IConstruct } from 'constructs';
import { ask, collectLateChecks } from './placeholders/ask';
import { claim, claimedBy } from './claims';
import { chartAround, type ClusterLevel, clusterLevelProblems, settleClusterLevel } from './cluster-level';
import type { Problem } from './problem';
import { EdgeConstructsError } from './error';
import { addLateChecks, type LateCheck } from './placeholders/late-checks';
import { ownCopy } from './own-copy';
import { isPlainObject, problem, shape } from './rules';
import type { Rule } from './rule';

/** A name that only one construct may have. */
export interface UniqueName {
  /** The scope in which it must be unique, such as a cluster. @default - the chart */
  readonly within?: object;
  /** What is named. */
  readonly kind: string;
  readonly name: string;
  /** What to do about a second one with this name, and why. */
  readonly remedy: string;
}

/**
 * Collects every problem of one construct, then throws them together.
 *
 * ```ts
 * const check = new PropsCheck(scope, id, 'EdgeMachine');
 * props = check.props(props, { kubeletVersion: version() });
 * if (check.areFine('cluster', 'kubeletVersion')) checkVersions(check, props);
 * check.throwIfAny();
 * super(scope, id);
 * check.entered(this);
 * ```
 * A construct calls `throwIfAny` before it adds itself to the tree, and `entered` afterwards, so that a construct that is
 * refused, by this library or by the tree, leaves nothing behind.
 */
export class PropsCheck {
  readonly #problems: Problem[] = [];
  /** Fields that violate their own rules. */
  readonly #wrong: string[] = [];
  readonly #late: LateCheck[] = [];
  readonly #claims: (() => void)[] = [];
  readonly #scope: IConstruct;
  readonly #path: string;
  readonly #subject: string;
  #level: ClusterLevel | undefined;

  /** @throws {@link EdgeConstructsError} when there is no scope or no id, without which nothing else can be told */
  constructor(scope: IConstruct, id: string, subject: string) {
    const wrong = placeProblems(scope, id);
    if (wrong.length > 0) throw new EdgeConstructsError(typeof id === 'string' ? id : '', subject, wrong);
    this.#scope = scope;
    this.#path = scope.node.path === '' ? id : `${scope.node.path}/${id}`;
    this.#subject = subject;
  }

  /** All problems found so far. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /**
   * Whether no rule objected to any of these props: checks across them can then rely on their types.
   *
   * @param paths props, fields of them (`clusterNetwork.pods`), or items (`nodes[1]`); a problem of a prop also counts for
   * everything in it, and the other way round
   */
  areFine(...paths: readonly string[]): boolean {
    return this.#wrong.every(
      (field) => field !== 'props' && !paths.some((path) => isIn(field, path) || isIn(path, field)),
    );
  }

  /** Whether a list, map or object has the right type, even if its content has problems. */
  hasShape(path: string): boolean {
    return this.#wrong.every((field) => field !== 'props' && !isIn(path, field));
  }

  /**
   * Checks all props with the rules of their fields; props without a rule are refused.
   *
   * @param renamed what props of earlier versions have become, as for {@link shape}
   * @returns what was checked: a frozen copy, which is the only thing to read from then on; empty if it was not an object
   */
  props<T>(props: T, fields: Readonly<Record<string, Rule>>, renamed: Readonly<Record<string, string>> = {}): T {
    const checked = ownCopy(props);
    this.#ask(() => shape(fields, renamed)(checked, ''));
    return isPlainObject(checked) ? checked : ({} as T);
  }

  /** Checks one value with a rule. */
  value(field: string, value: unknown, rule: Rule): void {
    this.#ask(() => ask(rule, value, field));
  }

  #ask(rules: () => readonly Problem[]): void {
    const found = collectLateChecks(this.#late, rules);
    this.addAll(found);
    for (const { field } of found) this.#wrong.push(field);
  }

  /** Checks that the chart may contain objects of this level; recorded for the chart in `entered`. */
  level(level: ClusterLevel): void {
    this.#level = level;
    this.addAll(clusterLevelProblems(this.#scope, level));
  }

  /** Adds a problem if another construct already has a name; otherwise claims it in `entered`. */
  unique({ kind, name, remedy, within = chartAround(this.#scope) ?? this.#scope }: UniqueName): void {
    this.#claims.push(() => claim(within, kind, name, this.#path));
    const owner = claimedBy(within, kind, name);
    if (owner === undefined) return;
    this.add('name', name, `a name that no other ${kind} has; '${owner}' has this one`, remedy);
  }

  /** Adds a problem found by looking at several fields together. */
  add(field: string, value: unknown, allowed: string, remedy: string): void {
    this.#problems.push(problem(field, value, allowed, remedy));
  }

  /** Adds problems that a function returned. */
  addAll(problems: readonly Problem[]): void {
    for (const each of problems) this.#problems.push(each);
  }

  /**
   * @param report a file that has all problems
   * @throws {@link EdgeConstructsError} with all problems, if there are any
   */
  throwIfAny(report?: string): void {
    if (this.#problems.length > 0) throw new EdgeConstructsError(this.#path, this.#subject, this.#problems, report);
  }

  /** Records the level, names, and checks that wait for values, once the construct is in the tree. */
  entered(construct: IConstruct): void {
    if (this.#level !== undefined) settleClusterLevel(construct, this.#subject, this.#level);
    for (const each of this.#claims) each();
    const checks = this.#late.splice(0);
    const { root } = construct.node;
    if (checks.length > 0) addLateChecks(root, { path: this.#path, subject: this.#subject, checks });
  }
}

function placeProblems(scope: unknown, id: unknown): readonly Problem[] {
  return [
    ...(Construct.isConstruct(scope)
      ? []
      : [problem('scope', scope, 'a construct, for instance a Chart', 'Pass the chart that it is for.')]),
    ...(typeof id === 'string' && id !== ''
      ? []
      : [problem('id', id, 'a non-empty string', 'Give it an id that is unique in its scope.')]),
  ];
}

/** Whether a field is a path, or leads into it: `nodes[1].name` is in `nodes[1]` and in `nodes`. */
function isIn(field: string, path: string): boolean {
  return field === path || (field.startsWith(path) && /^[.[ ]/.test(field.slice(path.length)));
}
