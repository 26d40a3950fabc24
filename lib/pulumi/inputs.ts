import * as pulumi from '@pulumi/pulumi';
import type { Construct, IConstruct } from 'constructs';
import { isPlainObject } from '../core/rules';
import { OutputTokens } from './output-tokens';

/**
 * Props in which every string may be an Output. Numbers, booleans, enum members and the lengths of lists must be known
 * while the program runs, because they decide which resources exist, and previews have to show all of those.
 */
export type Inputs<T> = T extends string
  ? string extends T
    ? pulumi.Input<string>
    : T
  : T extends number | boolean | undefined | Construct | pulumi.Resource
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Inputs<Item>[]
      : { readonly [Field in keyof T]: Inputs<T[Field]> };

/** Props for a cdk8s construct, with tokens in the place of Outputs. */
export function propsOf<T>(scope: IConstruct, inputs: Inputs<T>): T {
  const tokens = OutputTokens.of(scope);
  const convert = (value: unknown): unknown => {
    if (pulumi.Output.isInstance(value)) return tokens.asString(value as pulumi.Output<string>);
    if (value instanceof Promise) return tokens.asString(value as Promise<string>);
    if (Array.isArray(value)) return value.map(convert);
    return isPlainObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, convert(each)]))
      : value;
  };
  return convert(inputs) as T;
}
