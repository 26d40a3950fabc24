import type { IConstruct } from 'constructs';

/** What a construct can claim to be the only one to declare. */
type Claims = Map<string, string>;

const claimsOf = new WeakMap<IConstruct, Map<string, Claims>>();

/**
 * Claims a name for a construct within a scope (an app, a chart): a Seed's name, a node of a unit.
 *
 * @param within the construct below which the name must be unique
 * @param kind what is claimed, for instance `node of a NodeUnit`
 * @param name the name
 * @param path who claims it
 * @returns the path of the construct that has it already, or `undefined` when the claim was free and is now taken
 */
export function claim(within: IConstruct, kind: string, name: string, path: string): string | undefined {
  const owner = claimedBy(within, kind, name);
  if (owner === undefined) claimsFor(within, kind).set(name, path);
  return owner;
}

/** Who has claimed a name, if anybody has. */
export function claimedBy(within: IConstruct, kind: string, name: string): string | undefined {
  return claimsFor(within, kind).get(name);
}

function claimsFor(within: IConstruct, kind: string): Claims {
  let kinds = claimsOf.get(within);
  if (kinds === undefined) {
    kinds = new Map();
    claimsOf.set(within, kinds);
  }
  let claims = kinds.get(kind);
  if (claims === undefined) {
    claims = new Map();
    kinds.set(kind, claims);
  }
  return claims;
}
