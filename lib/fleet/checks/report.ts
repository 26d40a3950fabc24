import type { Problem } from '../../core/problem';
import { showGiven } from '../../core/given';
import { writeDurably } from '../../render/durable-file';
import { UnwritableError, unwritableFile } from '../../render/unwritable-folder';

/** The content of a report file. */
export interface FleetReport {
  /** Path of the fleet in the construct tree. */
  readonly fleet: string;
  /** All problems, sorted by field; empty if there are none. */
  readonly problems: readonly Problem[];
}

/**
 * Writes a report completely or not at all; does nothing if no file was given.
 * @returns why it cannot be written, to be reported together with the problems
 */
export function writeReport(file: string | undefined, fleet: string, problems: readonly Problem[]): readonly Problem[] {
  if (file === undefined) return [];
  try {
    writeDurably(file, reportText({ fleet, problems }));
    return [];
  } catch (error) {
    const told = unwritableFile(file, error);
    if (!(told instanceof UnwritableError)) throw error;
    const given = showGiven(file);
    return [{ field: 'reportFile', given, allowed: 'a file that can be written', remedy: told.message }];
  }
}

/** How many problems make one piece of the text. */
const PER_PIECE = 1000;

/** The result of `JSON.stringify(report, undefined, 2)` and a line break, in pieces. */
function* reportText({ fleet, problems }: FleetReport): Generator<string> {
  yield `{\n  "fleet": ${JSON.stringify(fleet)},\n  "problems": [`;
  for (let from = 0; from < problems.length; from += PER_PIECE) {
    const list = JSON.stringify(problems.slice(from, from + PER_PIECE), undefined, 2).slice(1, -2);
    yield `${from === 0 ? '' : ','}${list.replaceAll('\n', '\n  ')}`;
  }
  yield problems.length === 0 ? ']\n}\n' : '\n  ]\n}\n';
}

/** The report file named in props that have not been checked yet. */
export function reportFileOf(props: unknown): string | undefined {
  const { reportFile } = (typeof props === 'object' && props !== null ? props : {}) as {
    readonly reportFile?: unknown;
  };
  return typeof reportFile === 'string' && reportFile !== '' ? reportFile : undefined;
}
