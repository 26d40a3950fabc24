import type { IConstruct } from 'constructs';
import { ask, collectLateChecks } from './ask';
import type { Problem } from './error';
import { EdgeConstructsError } from './error';
import { addLateChecks, type LateCheck } from './late-checks';
import { ownCopy } from './own-copy';
import { problem, shape, type Rule } from './rules';

/**
 * Collects every problem of one construct, then throws them together.
 *
 * ```ts
 * const check = new PropsCheck(scope, id, 'EdgeMachine');
 * props = check.props(props, { kubeletVersion: version() });
 * check.throwIfAny();
 * super(scope, id);
 * ```
 * A construct calls `throwIfAny` before it adds itself to the tree, so that a refused construct leaves nothing behind.
 */
export class PropsCheck {
  readonly #problems: Problem[] = [];
  readonly #late: LateCheck[] = [];
  readonly #root: IConstruct;
  readonly #path: string;
  readonly #subject: string;

  constructor(scope: IConstruct, id: string, subject: string) {
    this.#root = scope.node.root;
    this.#path = scope.node.path === '' ? id : `${scope.node.path}/${id}`;
    this.#subject = subject;
  }

  /** Whether nothing was wrong so far: checks across fields can rely on the types then. */
  get isClean(): boolean {
    return this.#problems.length === 0;
  }

  /** All that was wrong so far. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Whether nothing was wrong so far with some props: checks across them can rely on their types then. */
  areFine(...props: readonly string[]): boolean {
    return this.#problems.every(({ field }) => field !== 'props' && !props.includes(/^\w*/.exec(field)?.[0] ?? ''));
  }

  /**
   * Holds all props against the rules of their fields; props without a rule are refused.
   *
   * @returns what was checked: a frozen copy, the only thing to read from then on
   */
  props<T>(props: T, fields: Readonly<Record<string, Rule>>): T {
    const checked = ownCopy(props);
    this.addAll(collectLateChecks(this.#late, () => shape(fields)(checked, '')));
    return checked;
  }

  /** Holds one value against a rule. */
  value(field: string, value: unknown, rule: Rule): void {
    this.addAll(collectLateChecks(this.#late, () => ask(rule, value, field)));
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
    const checks = this.#late.splice(0);
    if (checks.length > 0) addLateChecks(this.#root, { path: this.#path, subject: this.#subject, checks });
  }
}
