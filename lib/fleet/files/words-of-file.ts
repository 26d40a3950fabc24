import type { Problem } from '../../core/problem';

/** A problem in the words of a file: rules speak of TypeScript, where lists and maps are written otherwise. */
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
  // Nothing but values may be a number or a boolean, and values may be everything.
  if (/^(?:-?\d|true$|false$)/.test(given)) {
    const what = /^(?:true|false)$/.test(given) ? 'true or false' : 'a number';
    return { ...problem, remedy: `Put quotes around it: without them it is ${what}, not a string.` };
  }
  return problem;
}
