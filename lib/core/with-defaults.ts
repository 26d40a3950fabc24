/** What was given, and the defaults in the place of what was left out, be it as `undefined`. */
export function withDefaults<D extends object, G extends object>(
  defaults: D,
  given: G,
): Omit<G, keyof D> & { readonly [K in keyof D]-?: K extends keyof G ? Exclude<G[K], undefined> : D[K] } {
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaults, ...said } as never;
}
