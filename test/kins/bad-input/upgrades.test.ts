import { AutonomyLevel, Weekday } from '../../../lib';
import { problemLines } from '../../support/refusals';
import { kinsObjects } from '../../support/units';
import { K3S_RELEASE, l3, l4, LIST, ONLY_ONCE, refuses, TAKE_NAME } from './support';

const LINE =
  'a string of 1 to 200 characters on one line, without leading or trailing spaces. Use such a string, or leave the field out if it is optional.';
const ZONE = 'the name of a time zone in the IANA database. Write it like Europe/Berlin or UTC.';
const TIME = 'a time of day from 00:00 to 23:59. Write it with two digits each, like 02:00.';
const SOAK = 'a duration from 1m to 24h. Write it as Kubernetes does, like 90s, 10m or 1h30m.';
const DAYS = "'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'. Use a member of Weekday.";
const window = (more: object): object => l4({ maintenanceWindows: [{ start: '02:00', end: '05:00', ...more }] });

refuses([
  ['a hold without a reason', 'u', l4({ hold: '' }), [`hold: given ''; allowed: ${LINE}`]],
  ['a hold that is a switch', 'u', l4({ hold: true }), [`hold: given true; allowed: ${LINE}`]],
  ['a reason of two lines', 'u', l4({ hold: 'a\nsoak 0' }), [`hold: given 'a\\u{a}soak 0'; allowed: ${LINE}`]],
  ['an offset as time zone', 'u', l4({ timeZone: '+02:00' }), [`timeZone: given '+02:00'; allowed: ${ZONE}`]],
  [
    'an unknown time zone',
    'u',
    l4({ timeZone: 'Europe/Muenchen' }),
    [`timeZone: given 'Europe/Muenchen'; allowed: ${ZONE}`],
  ],
  [
    'a time zone in small letters',
    'u',
    l4({ timeZone: 'europe/berlin' }),
    [`timeZone: given 'europe/berlin'; allowed: ${ZONE}`],
  ],
  [
    'a path as time zone',
    'u',
    l4({ timeZone: '../etc/passwd' }),
    [`timeZone: given '../etc/passwd'; allowed: ${ZONE}`],
  ],
  ['a soak of seconds', 'u', l4({ upgradeSoak: '59s' }), [`upgradeSoak: given '59s'; allowed: ${SOAK}`]],
  ['a soak of days', 'u', l4({ upgradeSoak: '25h' }), [`upgradeSoak: given '25h'; allowed: ${SOAK}`]],
  ['a soak as a number', 'u', l4({ upgradeSoak: 900 }), [`upgradeSoak: given 900; allowed: ${SOAK}`]],
  [
    'a single window',
    'u',
    l4({ maintenanceWindows: { start: '02:00', end: '05:00' } }),
    [`maintenanceWindows: given an object with start, end; allowed: ${LIST}`],
  ],
  [
    'no window',
    'u',
    l4({ maintenanceWindows: [] }),
    [
      'maintenanceWindows: given []; allowed: a list of at least 1. Give at least one window; without the prop, changes are made at any time, and hold stops them all.',
    ],
  ],
  [
    'a window without a length',
    'u',
    window({ end: '02:00' }),
    [
      'maintenanceWindows[0]: given an object with start, end; allowed: a window with different times for start and end. For whole days leave maintenanceWindows out, or end one minute before it starts.',
    ],
  ],
  [
    'a window without an end',
    'u',
    window({ end: undefined }),
    [`maintenanceWindows[0].end: given nothing; allowed: ${TIME}`],
  ],
  [
    'an hour of one digit',
    'u',
    window({ start: '2:00' }),
    [`maintenanceWindows[0].start: given '2:00'; allowed: ${TIME}`],
  ],
  ['the hour 24', 'u', window({ end: '24:00' }), [`maintenanceWindows[0].end: given '24:00'; allowed: ${TIME}`]],
  ['the minute 60', 'u', window({ end: '05:60' }), [`maintenanceWindows[0].end: given '05:60'; allowed: ${TIME}`]],
  [
    'a day in full',
    'u',
    window({ days: ['Monday'] }),
    [`maintenanceWindows[0].days[0]: given 'Monday'; allowed: ${DAYS}`],
  ],
  [
    'a day twice',
    'u',
    window({ days: [Weekday.MON, Weekday.MON] }),
    [`maintenanceWindows[0].days[1]: given 'Mon'; ${ONLY_ONCE} maintenanceWindows[0].days[0]. Remove one of the two.`],
  ],
  [
    'a window on no day',
    'u',
    window({ days: [] }),
    [
      'maintenanceWindows[0].days: given []; allowed: a list of at least 1. Name at least one day, or leave days out for every day.',
    ],
  ],
  [
    'a release to prepull that is none',
    'u',
    l4({ prepull: { version: 'latest' } }),
    [`prepull.version: given 'latest'; allowed: ${K3S_RELEASE} ${TAKE_NAME}`],
  ],
  [
    'a release to prepull of the minor before',
    'u',
    l4({ prepull: { version: 'v1.34.4+k3s1' } }),
    [
      "prepull.version: given 'v1.34.4+k3s1'; allowed: v1.35 or v1.36, since servers of v1.35.1+k3s1 leave data that an earlier minor cannot read. Put it back to v1.35.1+k3s1; an earlier minor needs a restore of a snapshot that was taken with it.",
    ],
  ],
  [
    'a release to prepull that skips a minor',
    'u',
    l4({ version: 'v1.34.4+k3s1', prepull: { version: 'v1.36.1+k3s1' } }),
    [
      "prepull.version: given 'v1.36.1+k3s1'; allowed: v1.34 or v1.35, since servers of v1.34.4+k3s1 can only take the next minor. One minor at a time: set a release of v1.35 first, and go on when all nodes have it.",
    ],
  ],
  [
    'an image to prepull of another release',
    'u',
    l4({ prepull: { version: 'v1.36.1+k3s1', image: 'registry.example.com/k3s:v1.36.2-k3s1' } }),
    [
      "prepull.image: given 'registry.example.com/k3s:v1.36.2-k3s1'; allowed: an image of v1.36.1+k3s1, which is the version given with it. Give the image of v1.36.1+k3s1, or change the version to v1.36.2+k3s1.",
    ],
  ],
  [
    'an image of another release',
    'u',
    l4({ version: 'v1.35.1+k3s1', image: 'k3s:v1.34.4-k3s1' }),
    [
      "image: given 'k3s:v1.34.4-k3s1'; allowed: an image of v1.35.1+k3s1, which is the version given with it. Give the image of v1.35.1+k3s1, or change the version to v1.34.4+k3s1.",
    ],
  ],
  [
    'an image of a minor that is not supported',
    'u',
    l3({ image: 'k3s:v1.32.9-k3s1' }),
    [
      `image: given 'k3s:v1.32.9-k3s1'; allowed: ${K3S_RELEASE} The pods of a unit are made for these releases. Take one of them, or set allowUnsupportedVersion if you have tried this one yourself.`,
    ],
  ],
  [
    'a step down a minor',
    'u',
    l4({ version: 'v1.34.4+k3s1', previousVersion: 'v1.35.1+k3s1' }),
    [
      "version: given 'v1.34.4+k3s1'; allowed: v1.35 or v1.36, since servers of v1.35.1+k3s1 leave data that an earlier minor cannot read. Put it back to v1.35.1+k3s1; an earlier minor needs a restore of a snapshot that was taken with it.",
    ],
  ],
  [
    'a step that skips a minor',
    'u',
    l4({ previousVersion: 'v1.33.9+k3s1' }),
    [
      "version: given 'v1.35.1+k3s1'; allowed: v1.33 or v1.34, since servers of v1.33.9+k3s1 can only take the next minor. One minor at a time: set a release of v1.34 first, and go on when all nodes have it.",
    ],
  ],
  [
    'a step that an image makes',
    'u',
    l4({ image: 'k3s:v1.36.1-k3s1', previousVersion: 'v1.34.4+k3s1' }),
    [
      "image: given 'v1.36.1+k3s1'; allowed: v1.34 or v1.35, since servers of v1.34.4+k3s1 can only take the next minor. One minor at a time: set a release of v1.35 first, and go on when all nodes have it.",
    ],
  ],
  [
    'the step from a release whose etcd must not be left',
    'u',
    l4({ version: 'v1.34.4+k3s1', previousVersion: 'v1.33.7+k3s1' }),
    [
      "version: given 'v1.34.4+k3s1'; allowed: v1.33, or v1.34 from v1.33.8+k3s1 on: from older ones etcd 3.6 takes over members that were removed long ago, and may not start (https://github.com/k3s-io/k3s/issues/13485). Set v1.33.8+k3s1 or a later release of v1.33 first, and go on when all nodes have it.",
    ],
  ],
  [
    'an image as the release before',
    'u',
    l4({ previousVersion: 'v1.35.1-k3s1' }),
    [`previousVersion: given 'v1.35.1-k3s1'; allowed: a K3s release, written like v1.35.1+k3s1. ${TAKE_NAME}`],
  ],
]);

test('minors that are not supported are taken when that is asked for', () => {
  const asked = { allowUnsupportedVersion: true, version: 'v1.37.0+k3s1', prepull: { version: 'v1.38.0+k3s1' } };
  expect(problemLines(() => kinsObjects('test', AutonomyLevel.L4, asked))).toEqual([]);
  const image = 'registry.example.com/k3s:v1.37.0-k3s1';
  expect(problemLines(() => kinsObjects('test', AutonomyLevel.L4, { allowUnsupportedVersion: true, image }))).toEqual(
    [],
  );
});

test('a unit ends whatever release it had before', () => {
  for (const previousVersion of ['v1.33.0+k3s1', 'v1.37.0+k3s1']) {
    expect(problemLines(() => kinsObjects('test', AutonomyLevel.L3, { previousVersion }))).toEqual([]);
  }
});
