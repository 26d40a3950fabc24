import type { Problem } from '../../core/problem';
import type { Position } from './text-positions';

/** The result of parsing a file. */
export interface FileContent {
  /** The data, unchecked. */
  readonly data: unknown;
  /** The position of a field. */
  readonly locate: (field: string) => Position;
  /** Problems of the text itself. */
  readonly problems?: readonly UnreadableFile[];
}

/** Thrown by a reader when a file cannot be read at all. */
export class UnreadableFile extends Error {
  constructor(
    readonly problem: Omit<Problem, 'field'>,
    readonly position?: Position,
  ) {
    super(problem.allowed);
  }
}
