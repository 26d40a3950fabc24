import { App, type IResolver, type ResolutionContext } from 'cdk8s';
import type { IConstruct } from 'constructs';

/**
 * Resolves Lazy values of any copy of cdk8s. An App resolves only those of its own copy, and a program may have two copies
 * if versions conflict.
 */
export class AnyLazyResolver implements IResolver {
  resolve(context: ResolutionContext): void {
    const value: unknown = context.value;
    if (isLazy(value)) context.replaceValue(value.produce());
  }
}

/** Lets the app of another copy of cdk8s resolve Lazy values of this library. */
export function understandLazy(root: IConstruct): void {
  const resolvers = resolversOf(root);
  if (root instanceof App || resolvers?.some((each) => each instanceof AnyLazyResolver) !== false) return;
  resolvers.unshift(new AnyLazyResolver());
}

/** The resolvers of an app, be it of another copy of cdk8s. */
export function resolversOf(root: IConstruct): IResolver[] | undefined {
  const { resolvers } = root as unknown as { readonly resolvers?: unknown };
  return Array.isArray(resolvers) ? (resolvers as IResolver[]) : undefined;
}

function isLazy(value: unknown): value is { produce(): unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { readonly produce?: unknown }).produce === 'function' &&
    value.constructor.name === 'Lazy'
  );
}
