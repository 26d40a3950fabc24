import * as pulumi from '@pulumi/pulumi';
import type { IConstruct } from 'constructs';
import { EdgeConstructsError } from '../core/error';
import { lateChecksOf, type LateCheck } from '../core/placeholders/late-checks';
import { derivationOf, isPlaceholder, takeApart } from '../core/placeholders/placeholder';
import { isChangedTrace } from '../core/placeholders/placeholder-traces';
import { OutputTokens } from './output-tokens';
import { broken, CHANGED, replaceInText, type ValueOf } from './token-text';

/** A late check, with the construct that the prop belongs to. */
export interface Check extends LateCheck {
  readonly path: string;
  readonly subject: string;
}

/** Puts Outputs back where their tokens are in the objects of one app. */
export class Substitution {
  readonly #tokens: OutputTokens;
  readonly #checks = new Map<string, Check[]>();
  readonly #checked = new Map<string, pulumi.Output<unknown>>();

  constructor(scope: IConstruct) {
    this.#tokens = OutputTokens.of(scope);
    for (const { path, subject, checks } of lateChecksOf(scope.node.root)) {
      for (const check of checks) {
        const [first = ''] = takeApart(String(check.value)).placeholders;
        const known = this.#checks.get(first);
        if (known === undefined) this.#checks.set(first, [{ path, subject, ...check }]);
        else known.push({ path, subject, ...check });
      }
    }
  }

  /**
   * A copy of a manifest with Outputs in the place of tokens; the value itself if it contains none.
   *
   * @throws {@link EdgeConstructsError} when a token was changed on its way, or comes from another app
   */
  substitute(value: unknown, path: string): unknown {
    return this.#replace(value, path, '', (...place) => this.#checkedValue(...place));
  }

  #replace(value: unknown, path: string, field: string, valueOf: ValueOf): unknown {
    if (typeof value === 'string') return replaceInText(value, path, field, valueOf);
    if (isPlaceholder(value)) return valueOf(String(value), path, field);
    if (Array.isArray(value)) {
      return value.map((each, index) => this.#replace(each, path, `${field}[${index}]`, valueOf));
    }
    if (isChangedTrace(value)) throw broken(path, field, CHANGED);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(
      ([key, each]) =>
        [
          replaceInText(key, path, `a key of ${field}`, valueOf),
          this.#replace(each, path, field === '' ? key : `${field}.${key}`, valueOf),
        ] as const,
    );
    return entries.every(([key]) => typeof key === 'string')
      ? Object.fromEntries(entries as [string, unknown][])
      : pulumi
          .all(entries.map(([key, each]) => pulumi.all([key, each] as [unknown, unknown])))
          .apply((known) => Object.fromEntries(known as [string, unknown][]));
  }

  #checkedValue(placeholder: string, path: string, field: string): pulumi.Output<unknown> {
    let output = this.#checked.get(placeholder);
    if (output === undefined) {
      output = this.#rawValue(placeholder, path, field);
      for (const check of this.#checks.get(placeholder) ?? []) output = this.#behind(check, output);
      this.#checked.set(placeholder, output);
    }
    return output;
  }

  #rawValue(placeholder: string, path: string, field: string): pulumi.Output<unknown> {
    const derivation = derivationOf(placeholder);
    if (derivation !== undefined) {
      // The parts of a derived text are checked like other values.
      const from: unknown = this.#replace(derivation.from, path, field, (each) =>
        this.#checkedValue(each, path, field),
      );
      return pulumi.all([from]).apply(([known]) => derivation.compute(known));
    }
    const output = this.#tokens.outputOf(placeholder);
    if (output !== undefined) return output;
    throw broken(path, field, {
      given: 'a token from another app',
      remedy: 'Create the token with OutputTokens.of(construct), for a construct of this app.',
    });
  }

  /** The Output, whose value is checked first. */
  #behind(check: Check, output: pulumi.Output<unknown>): pulumi.Output<unknown> {
    const { path, field } = check;
    const value = pulumi.output(this.#replace(check.value, path, field, (each) => this.#rawValue(each, path, field)));
    return pulumi.all([output, value, pulumi.isSecret(value)]).apply(([result, known, isSecret]) => {
      refuseWrong(check, known, isSecret);
      return result;
    });
  }
}

/**
 * Checks a value that has become known with the rule of its prop.
 *
 * @throws {@link EdgeConstructsError} with the message of the prop, which does not show a secret
 */
export function refuseWrong(
  { path, subject, field, rule }: Omit<Check, 'value'>,
  known: unknown,
  isSecret: boolean,
): void {
  const found = rule(known, field);
  if (found.length === 0) return;
  const hidden = found.map((each) => ({ ...each, given: '(a secret, not shown)' }));
  throw new EdgeConstructsError(path, subject, isSecret ? hidden : found);
}
