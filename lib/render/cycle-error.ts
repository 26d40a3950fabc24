import { EdgeConstructsError } from '../core/error';

/** How many constructs of a longer cycle are shown, from either end. */
const SHOWN = 6;

/**
 * The error for dependencies that form a cycle.
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
