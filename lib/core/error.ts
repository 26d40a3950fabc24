import type { Problem } from './problem';
import { problemLines } from './problem-lines';

/**
 * Thrown when a construct is given props it cannot work with.
 *
 * It is thrown before the construct adds anything to the tree, and holds every problem of that construct at once.
 */
export class EdgeConstructsError extends Error {
  /** Called with each error when it is made. @internal */
  static made: (error: EdgeConstructsError) => void = () => undefined;

  /** The path of the construct in the construct tree; empty for what is in none: a FleetApp, a function's arguments. */
  readonly path: string;

  /** All that is wrong, in the order of the props' documentation. */
  readonly problems: readonly Problem[];

  /**
   * @param path the construct's path
   * @param subject what stands at that path: the construct's class
   * @param problems all problems found; at least one
   * @param report the file that has all of them, if there is one: the message tells what is alike once
   */
  constructor(path: string, subject: string, problems: readonly Problem[], report?: string) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    const who = path === '' ? subject : `${subject} '${path}'`;
    super(`${who} has ${count}:\n${problemLines(problems, report).join('\n')}`);
    this.name = 'EdgeConstructsError';
    this.path = path;
    this.problems = problems;
    EdgeConstructsError.made(this);
  }
}
