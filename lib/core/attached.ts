/**
 * What this library knows of somebody else's object, kept on the object itself, where nobody else comes across it.
 *
 * A WeakMap would do the same, but its values count as alive in every quick collection of garbage: a value that leads to
 * an app's constructs would carry all of them over into the memory that is collected rarely, app after app.
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
