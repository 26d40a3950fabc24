import { problem } from './rules';
import type { Rule } from './rule';

type Class = abstract new (...args: never[]) => object;

/** The same in all copies of this library. */
const BRAND = Symbol.for('edge-constructs.class');

/** Marks instances of a class with a name that other copies of this library recognize and that bundlers do not change. */
export function brand(kind: Class, name: string): void {
  Object.defineProperty(kind.prototype, BRAND, { value: name });
}

/** Checks that a value is an instance of a branded class of this copy of the library, and not of a second copy. */
export function instanceOf(kind: Class, allowed: string, remedy: string): Rule {
  const name = brandOf(kind.prototype);
  return (value, field) => {
    if (value instanceof kind) return [];
    if (name === undefined || brandOf(value) !== name) return [problem(field, value, allowed, remedy)];
    return [
      {
        ...problem(field, undefined, `${allowed} from the copy of edge-constructs that is used here`, ''),
        given: `a ${name} from another copy of edge-constructs`,
        remedy: "Install the library once: 'npm ls edge-constructs' shows which package depends on the other one.",
      },
    ];
  };
}

function brandOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? (value as { readonly [BRAND]?: string })[BRAND] : undefined;
}
