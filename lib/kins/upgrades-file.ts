import type { KinsUpgrades } from './model';
import { Weekday } from './upgrade-props';

/**
 * What the pods of a unit are told about when to make changes, a line each: `hold` and the reason, `zone` and the time
 * zone of the windows, `window` with the days on which it begins (1 is Monday), its start and its end, and `soak` with
 * seconds. It is part of no hash, so no pod is replaced when it changes.
 */
export function upgradesFile({ hold, timeZone, maintenanceWindows, soakSeconds }: KinsUpgrades): string {
  const lines = [
    ...(hold === undefined ? [] : [`hold ${hold}`]),
    ...(maintenanceWindows.length === 0 ? [] : [`zone ${timeZone}`]),
    ...maintenanceWindows.map(({ days, start, end }) => `window ${digitsOf(days)} ${start} ${end}`),
    `soak ${soakSeconds}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const WEEK = Object.values(Weekday);

function digitsOf(days: readonly Weekday[] = WEEK): string {
  return WEEK.flatMap((day, index) => (days.includes(day) ? [index + 1] : [])).join('');
}
