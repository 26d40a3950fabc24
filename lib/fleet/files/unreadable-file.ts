import type { Problem } from '../../core/problem';
import type { Position } from './text-positions';

/** What a reader makes of a file's text. */
export interface FileContent {
  /** What the file says, unchecked. */
  readonly data: unknown;
  /** Where a field of it stands. */
  readonly locate: (field: string) => Position;
  /** What is wrong with the text, whatever its data are for. */
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
