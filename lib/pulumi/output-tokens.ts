import * as pulumi from '@pulumi/pulumi';
import { Lazy, type IResolver, type ResolutionContext } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { resolversOf, understandLazy } from '../core/placeholders/any-lazy';
import { aConstruct, checkArguments } from '../core/check-arguments';
import { watchForPlaceholders } from '../core/placeholders/late-checks';
import type { PlaceholderSpace } from '../core/placeholders/placeholder';
import { placeholderSpaceFor } from './placeholder-space';

const tokensOf = new WeakMap<IConstruct, OutputTokens>();

/**
 * Carries Pulumi Outputs through props that take plain values, for the constructs of one app.
 *
 * ```ts
 * const tokens = OutputTokens.of(chart);
 * new KinsCluster(chart, 'shop', { ..., image: `${tokens.asString(registry.host)}/rancher/k3s:v1.35.1-k3s1` });
 * ```
 * A token stands in for the value until {@link ChartResources} puts the Output back; a secret Output stays secret.
 * Constructs can put a token into strings, lists and maps, but not look at it: a construct of this library refuses one
 * where it decides what is declared, and checks all others when the value is known.
 */
export class OutputTokens {
  readonly #outputs: pulumi.Output<unknown>[] = [];
  readonly #known = new Map<pulumi.Output<unknown>, number>();

  readonly #space: PlaceholderSpace;

  private constructor(space: PlaceholderSpace) {
    this.#space = space;
  }

  /**
   * The tokens of an app. From then on, synthesizing the app to files fails if an object contains a token, because only
   * Pulumi knows its value.
   *
   * @param scope the app, or any construct in it
   * @throws {@link EdgeConstructsError} when it is given something else
   */
  static of(scope: IConstruct): OutputTokens {
    checkArguments('OutputTokens.of', { scope: [scope, aConstruct()] });
    const { root } = scope.node;
    let tokens = tokensOf.get(root);
    if (tokens === undefined) {
      tokens = new OutputTokens(placeholderSpaceFor(scope));
      tokensOf.set(root, tokens);
      watchForPlaceholders(root);
      understandLazy(root);
      resolversOf(root)?.unshift(new OutputResolver(tokens));
    }
    return tokens;
  }

  /** A string that stands for the Output's value, by itself or as part of another string. */
  asString(output: pulumi.Input<string>): string {
    return typeof output === 'string' ? output : this.#space.text(this.#indexOf(output));
  }

  /** A number that stands for the Output's value. Calculations with it have meaningless results. */
  asNumber(output: pulumi.Input<number>): number {
    return typeof output === 'number' ? output : this.#space.number(this.#indexOf(output));
  }

  /**
   * A value that stands for the whole value of the Output, whatever its type: for booleans, lists and objects in the fields
   * of an ApiObject. Constructs cannot look at the value.
   */
  asAny<T>(output: pulumi.Input<T>): T {
    const text = this.#space.text(this.#indexOf(output));
    return Lazy.any({ produce: () => text }) as T;
  }

  /** The Output that a token stands for; `undefined` when it is a token of another app. @internal */
  outputOf(placeholder: string): pulumi.Output<unknown> | undefined {
    const index = this.#space.indexOf(placeholder);
    return index === undefined ? undefined : this.#outputs[index];
  }

  #indexOf(value: pulumi.Input<unknown>): number {
    const output = pulumi.output(value);
    // The same Output always gets the same token, so that names that contain it can be compared.
    const key = pulumi.Output.isInstance(value) ? value : output;
    let index = this.#known.get(key);
    if (index === undefined) {
      index = this.#outputs.push(output) - 1;
      this.#known.set(key, index);
    }
    return index;
  }
}

/** Lets ApiObjects contain Outputs directly. */
class OutputResolver implements IResolver {
  readonly #tokens: OutputTokens;

  constructor(tokens: OutputTokens) {
    this.#tokens = tokens;
  }

  resolve(context: ResolutionContext): void {
    const value: unknown = context.value;
    if (pulumi.Output.isInstance(value)) context.replaceValue(this.#tokens.asAny(value));
  }
}
