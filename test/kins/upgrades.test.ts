import { appliedVersion, AutonomyLevel, Weekday, type KinsClusterProps, type KinsMaintenanceWindow } from '../../lib';
import type { KubeObject } from '../api/support/objects';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';

const { L3, L4, L5 } = AutonomyLevel;
const VERSION = 'edge-constructs.io/k3s-version';

const upgrades = (props: Partial<KinsClusterProps> = {}): string | undefined =>
  (find(kinsObjects('test', L4, props), 'ConfigMap', 'test-config-kins').data as Record<string, string>).upgrades;

describe('what pods are told about when to make changes', () => {
  test('by default, only how long a change must prove itself', () => {
    expect(upgrades()).toBe('soak 900\n');
    expect(upgrades({ upgradeSoak: '1h30m' })).toBe('soak 5400\n');
  });

  test('a time zone without windows says nothing', () => {
    expect(upgrades({ timeZone: 'Europe/Berlin' })).toBe('soak 900\n');
  });

  test('a hold with its reason, word for word', () => {
    expect(upgrades({ hold: "stocktaking: don't touch, till 12.12." })).toBe(
      "hold stocktaking: don't touch, till 12.12.\nsoak 900\n",
    );
  });

  test('windows on the days of the week by number, in their order, and the zone that their times are in', () => {
    const maintenanceWindows: KinsMaintenanceWindow[] = [
      { days: [Weekday.SUN, Weekday.MON, Weekday.SAT], start: '22:30', end: '04:00' },
      { start: '12:00', end: '12:30' },
    ];
    expect(upgrades({ maintenanceWindows })).toBe(
      'zone UTC\nwindow 167 22:30 04:00\nwindow 1234567 12:00 12:30\nsoak 900\n',
    );
    expect(upgrades({ maintenanceWindows, timeZone: 'America/Argentina/Buenos_Aires' })).toContain(
      'zone America/Argentina/Buenos_Aires\n',
    );
  });

  test.each(['UTC', 'Etc/UTC', 'Asia/Kolkata', 'Asia/Calcutta', 'America/Port-au-Prince', 'Etc/GMT+1', 'EST5EDT'])(
    'time zone %s is known',
    (timeZone) => {
      expect(upgrades({ timeZone, maintenanceWindows: [{ start: '00:00', end: '23:59' }] })).toContain(
        `zone ${timeZone}\n`,
      );
    },
  );

  test('changes of it replace no pod', () => {
    const workloads = (props: Partial<KinsClusterProps>): unknown =>
      kinsObjects('test', L5, props).filter(({ kind }) => kind === 'DaemonSet');
    const held = { hold: 'stocktaking', upgradeSoak: '24h', maintenanceWindows: [{ start: '02:00', end: '03:00' }] };
    expect(workloads(held)).toEqual(workloads({}));
  });
});

describe('the release on the objects of a unit', () => {
  const releases = (level: AutonomyLevel, props: Partial<KinsClusterProps> = {}): unknown[] => {
    const own = kinsObjects('test', level, props).filter(({ metadata }) => metadata.name.startsWith('test-'));
    return [
      ...new Set(own.map(({ metadata }) => (metadata.annotations as Record<string, string> | undefined)?.[VERSION])),
    ];
  };

  test.each<[string, Partial<KinsClusterProps>, string]>([
    ['the default', {}, 'v1.35.1+k3s1'],
    ['the one given', { version: 'v1.34.4+k3s1' }, 'v1.34.4+k3s1'],
    ['that of the image', { image: 'registry.example.com/k3s:v1.36.1-k3s1' }, 'v1.36.1+k3s1'],
    [
      'the one given with an image whose tag does not tell',
      { image: 'k3s:ours', version: 'v1.34.4+k3s1' },
      'v1.34.4+k3s1',
    ],
    ['empty where nothing tells', { image: 'k3s:ours' }, ''],
  ])('is %s', (_, props, release) => {
    expect(releases(L4, props)).toEqual([release]);
  });

  test('is empty at L3, so that a unit may be formed anew with any', () => {
    expect(releases(L3, { version: 'v1.34.4+k3s1' })).toEqual(['']);
  });

  const printed = (objects: readonly KubeObject[]): string =>
    objects.map((each) => JSON.stringify(each)).join('\n---\n');

  test('is read from what was rendered before', () => {
    const before = printed([...kinsObjects('one', L4, { version: 'v1.34.4+k3s1' }), ...kinsObjects('two', L5)]);
    expect(appliedVersion(before, 'one')).toBe('v1.34.4+k3s1');
    expect(appliedVersion(before, 'two')).toBe('v1.35.1+k3s1');
    expect(appliedVersion(before, 'three')).toBeUndefined();
    expect(appliedVersion('', 'one')).toBeUndefined();
  });

  test('is not known of a unit at L3, of an image that does not tell, and from before it was noted', () => {
    expect(appliedVersion(printed(kinsObjects('test', L3)), 'test')).toBeUndefined();
    expect(appliedVersion(printed(kinsObjects('test', L4, { image: 'k3s:ours' })), 'test')).toBeUndefined();
    const old = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'test-guard-kins' }, data: { level: 'L4' } };
    expect(appliedVersion(JSON.stringify(old), 'test')).toBeUndefined();
  });

  test('what is no YAML is refused: nothing would be compared', () => {
    expect(() => appliedVersion('kind: [ConfigMap', 'test')).toThrow('appliedVersion');
  });

  test.each([
    ['v1.35.1+k3s1', 'v1.36.1+k3s1'],
    ['v1.35.3+k3s1', 'v1.35.1+k3s1'],
    ['v1.33.8+k3s1', 'v1.34.4+k3s1'],
    [undefined, 'v1.36.1+k3s1'],
  ])('a step from %s to %s is taken', (previousVersion, version) => {
    expect(() => kinsObjects('test', L4, { previousVersion, version })).not.toThrow();
  });
});
