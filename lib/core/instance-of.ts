import { problem } from './rules';
import type { Rule } from './rule';

/** That a value was made by a class of this library. One of the same name may be from a second copy of the library. */
export function instanceOf(kind: abstract new (...args: never[]) => unknown, allowed: string, remedy: string): Rule {
  return (value, field) => {
    if (value instanceof kind) return [];
    if (!isNamed(value, kind.name)) return [problem(field, value, allowed, remedy)];
    return [
      {
        ...problem(field, undefined, `${allowed} of the copy of edge-constructs that is asked here`, ''),
        given: `a ${kind.name} of another copy of edge-constructs`,
        remedy: "Install the library once: 'npm ls edge-constructs' shows who brings the other one.",
      },
    ];
  };
}

/** Whether an object or anything that it inherits from is of a class with a name. */
function isNamed(value: unknown, name: string): boolean {
  let prototype: unknown = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : null;
  while (prototype !== null) {
    const { constructor } = prototype as { readonly constructor?: unknown };
    if (typeof constructor === 'function' && constructor.name === name) return true;
    prototype = Object.getPrototypeOf(prototype);
  }
  return false;
}
