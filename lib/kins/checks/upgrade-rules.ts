import { duration } from '../../core/grammars/durations';
import { imageReference } from '../../core/grammars/images';
import { enumOf, firstOf, listOf, optional, pattern, rule, shape, text } from '../../core/rules';
import type { Rule } from '../../core/rule';
import { imageOfSoundRelease, k3sVersion, type K3sVersionOptions } from '../../k3s/version';
import { Weekday, type KinsMaintenanceWindow, type KinsPrepull } from '../upgrade-props';

/** Rules of props that say when changes are made. */
export const UPGRADE_RULES = {
  hold: optional(text({ maxLength: 200 })),
  maintenanceWindows: optional(
    listOf(maintenanceWindow(), {
      min: 1,
      remedy: 'Give at least one window; without the prop, changes are made at any time, and hold stops them all.',
    }),
  ),
  timeZone: optional(timeZone()),
  upgradeSoak: optional(duration({ min: '1m', max: '24h' })),
} as const;

function maintenanceWindow(): Rule {
  const timeOfDay = pattern(
    /^(?:[01]\d|2[0-3]):[0-5]\d$/,
    'a time of day from 00:00 to 23:59',
    'Write it with two digits each, like 02:00.',
  );
  const fields: Readonly<Record<keyof KinsMaintenanceWindow, Rule>> = {
    days: optional(
      listOf(enumOf(Weekday, 'Weekday'), {
        min: 1,
        uniqueBy: (day) => day,
        remedy: 'Name at least one day, or leave days out for every day.',
      }),
    ),
    start: timeOfDay,
    end: timeOfDay,
  };
  const hasLength = rule(
    (value) => {
      const { start, end } = value as KinsMaintenanceWindow;
      return start !== end;
    },
    'a window with different times for start and end',
    'For whole days leave maintenanceWindows out, or end one minute before it starts.',
  );
  return firstOf(shape(fields), hasLength);
}

/** A name of the IANA database. Upper and lower case matter, because nodes look for a file of that name. */
function timeZone(): Rule {
  return rule(
    (value) => typeof value === 'string' && isTimeZone(value),
    'the name of a time zone in the IANA database',
    'Write it like Europe/Berlin or UTC.',
  );
}

function isTimeZone(name: string): boolean {
  // Offsets such as +02:00, which are not in the database, are also time zones in JavaScript.
  if (!/^[A-Z]/.test(name)) return false;
  try {
    const { timeZone: canonical } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return canonical === name || canonical.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** An image of K3s. */
export function k3sImageReference(options: K3sVersionOptions): Rule {
  return firstOf(imageReference(), imageOfSoundRelease(options));
}

/** A release to copy in advance. */
export function prepull(options: K3sVersionOptions): Rule {
  const fields: Readonly<Record<keyof KinsPrepull, Rule>> = {
    version: k3sVersion(options),
    image: optional(k3sImageReference(options)),
  };
  return shape(fields);
}
