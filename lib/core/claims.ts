/** The claimed names, each with the path of the construct that has claimed it. */
type Claims = Map<string, string>;

const claimsOf = new WeakMap<object, Map<string, Claims>>();

/**
 * Claims a name for a construct within a scope (a cluster, a chart): a Seed's name, a node of a unit.
 *
 * @param within the scope in which the name must be unique
 * @param kind what is claimed, for instance `node of a NodeUnit`
 * @param name the name
 * @param path who claims it
 * @returns the path of the construct that has it already, or `undefined` when the claim was free and is now taken
 */
export function claim(within: object, kind: string, name: string, path: string): string | undefined {
  const owner = claimedBy(within, kind, name);
  if (owner === undefined) claimsFor(within, kind).set(name, path);
  return owner;
}

/** The path of the construct that has claimed a name, if there is one. */
export function claimedBy(within: object, kind: string, name: string): string | undefined {
  return claimsFor(within, kind).get(name);
}

function claimsFor(within: object, kind: string): Claims {
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
