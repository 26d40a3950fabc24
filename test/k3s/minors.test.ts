import { K3S_MINORS, SUPPORTED_MINORS, type K3sMinor } from '../../lib/k3s/minors';
import { DEFAULT_K3S_VERSION, k3sVersion } from '../../lib/k3s/version';

const DAY = 24 * 3600 * 1000;

/** Kubernetes publishes three minors a year, 16 to 18 weeks apart. */
const USUAL_DAYS = 126;

/** After that, K3s has its first release of the minor, and somebody has had the time to read what has changed. */
const GRACE_DAYS = 60;

/** What to do about a table that ends too early; empty if it does not. */
function overdue(minors: readonly K3sMinor[], today: Date): string {
  const newest = minors.at(-1);
  if (newest === undefined) return 'the table is empty';
  const due = new Date(newest.released).getTime() + (USUAL_DAYS + GRACE_DAYS) * DAY;
  return today.getTime() <= due
    ? ''
    : `Kubernetes 1.${newest.minor + 1} should be out, and lib/k3s/minors.ts ends at 1.${newest.minor} of ${newest.released}: ` +
        'look at https://kubernetes.io/releases/ and https://github.com/k3s-io/k3s/releases, and add what is out, ' +
        'supported or not. If nothing is, raise USUAL_DAYS here.';
}

test('the table has the newest minor of Kubernetes', () => {
  expect(overdue(K3S_MINORS, new Date())).toBe('');
});

test('a table that nobody looks after is noticed half a year after its last minor', () => {
  const last = new Date('2026-08-26').getTime();
  const table = K3S_MINORS.filter(({ minor }) => minor <= 37);
  expect(overdue(table, new Date(last + 186 * DAY))).toBe('');
  expect(overdue(table, new Date(last + 187 * DAY))).toContain('Kubernetes 1.38 should be out');
});

test('minors and their dates follow one another, about three a year', () => {
  K3S_MINORS.slice(1).forEach(({ minor, released }, index) => {
    const before = K3S_MINORS[index];
    expect(minor).toBe((before?.minor ?? 0) + 1);
    const days = (new Date(released).getTime() - new Date(before?.released ?? '').getTime()) / DAY;
    expect(days).toBeGreaterThan(80);
    expect(days).toBeLessThan(180);
  });
});

test('what is supported has no gap, so that units can go through it one minor at a time', () => {
  const [first = 0] = SUPPORTED_MINORS;
  expect(SUPPORTED_MINORS).toEqual(SUPPORTED_MINORS.map((_, index) => first + index));
});

test('the default is a release that units are tested with, and what the table recommends is taken', () => {
  expect(K3S_MINORS.map(({ tested }) => tested)).toContain(DEFAULT_K3S_VERSION);
  const recommended = K3S_MINORS.flatMap(({ tested, busyAfterRestart, leaveFrom }) => [
    ...(tested === undefined ? [] : [tested]),
    ...(busyAfterRestart === undefined ? [] : [busyAfterRestart.fixedIn]),
    ...(leaveFrom === undefined ? [] : [leaveFrom.release]),
  ]);
  for (const release of recommended) expect([release, k3sVersion()(release, 'version')]).toEqual([release, []]);
});
