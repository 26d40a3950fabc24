import type { Problem } from './problem';
import { problemLines } from './problem-lines';

/**
 * Thrown when a construct is given props it cannot work with.
 *
 * It is thrown before the construct adds anything to the tree, and contains all problems of that construct.
 */
export class EdgeConstructsError extends Error {
  /** Called with each error when it is made. @internal */
  static made: (error: EdgeConstructsError) => void = () => undefined;

  /** The path of the construct in the construct tree; empty if there is none: for a FleetApp, or a function's arguments. */
  readonly path: string;

  /** All problems, in the order in which the props are documented. */
  readonly problems: readonly Problem[];

  /**
   * @param path the construct's path
   * @param subject the construct's class
   * @param problems all problems found; at least one
   * @param report a file with all problems, if there is one; the message then shows similar problems only once
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
