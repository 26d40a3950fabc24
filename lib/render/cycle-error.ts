import { EdgeConstructsError } from '../core/error';

/** So many are shown from either end of a longer one. */
const SHOWN = 6;

/**
 * Dependencies that lead back to where they start.
 * @param paths the constructs of the cycle, each before the one that it depends on; the last depends on the first
 */
export function cycleError(paths: readonly string[]): EdgeConstructsError {
  const [start = ''] = paths;
  const cycle = [...paths, start];
  const left = cycle.length - 2 * SHOWN + 1;
  const shown = left <= 1 ? cycle : [...cycle.slice(0, SHOWN), `(${left} more)`, ...cycle.slice(1 - SHOWN)];
  return new EdgeConstructsError(start, 'Construct', [
    {
      field: 'dependencies',
      given: shown.join(' => '),
      allowed: 'dependencies without cycles',
      remedy: 'Remove one of them.',
    },
  ]);
}
