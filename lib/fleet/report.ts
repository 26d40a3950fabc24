import type { Problem } from '../core/error';
import { writeDurably } from './durable-file';

/** What a report file holds. */
export interface FleetReport {
  /** Path of the fleet in the construct tree. */
  readonly fleet: string;
  /** All that is wrong, sorted by field; empty when nothing is. */
  readonly problems: readonly Problem[];
}

/** Writes a report whole or not at all; without a file there is none. */
export function writeReport(file: string | undefined, fleet: string, problems: readonly Problem[]): void {
  if (file === undefined) return;
  const report: FleetReport = { fleet, problems };
  writeDurably(file, `${JSON.stringify(report, undefined, 2)}\n`);
}

/** The report file of props that may be wrong in every way. */
export function reportFileOf(props: unknown): string | undefined {
  const { reportFile } = (typeof props === 'object' && props !== null ? props : {}) as {
    readonly reportFile?: unknown;
  };
  return typeof reportFile === 'string' && reportFile !== '' ? reportFile : undefined;
}
