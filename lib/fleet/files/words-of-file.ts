import type { Problem } from '../../core/problem';

/** Rewords a problem for a file, because rules describe lists and maps in terms of TypeScript. */
export function inWordsOfFile(problem: Problem): Problem {
  const { given, allowed, remedy } = problem;
  if (given === 'null') return { ...problem, given: 'nothing', remedy: 'Fill it in, or remove the line.' };
  if (remedy === 'Put the value in [ ].') {
    return { ...problem, remedy: 'Write each item on a line of its own, after a hyphen, or all of them in [ ].' };
  }
  if (remedy.startsWith('Give an object literal')) {
    const key = /^an object with (\w+)/.exec(allowed)?.[1] ?? 'key';
    return { ...problem, remedy: `Write a map: { ${key}: ... }.` };
  }
  // Only `values` may be numbers or booleans, and those may be anything.
  if (/^(?:-?\d|true$|false$)/.test(given)) {
    const what = /^(?:true|false)$/.test(given) ? 'true or false' : 'a number';
    return { ...problem, remedy: `Put quotes around it: without them it is ${what}, not a string.` };
  }
  return problem;
}
