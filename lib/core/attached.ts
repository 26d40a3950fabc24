/**
 * Data of this library about somebody else's object, stored on the object itself, invisible to others.
 *
 * A WeakMap would do the same, but minor garbage collections treat its values as alive: a value that refers to an app's
 * constructs would move all of them to the old generation, which is collected rarely, app after app.
 */
export class Attached<Owner extends object, Value> {
  readonly #key = Symbol('edge-constructs');

  get(owner: Owner): Value | undefined {
    return (owner as Record<symbol, Value>)[this.#key];
  }

  set(owner: Owner, value: Value): void {
    Object.defineProperty(owner, this.#key, { value, configurable: true, writable: true });
  }
}
