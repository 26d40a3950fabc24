import fc from 'fast-check';
import {
  DEFAULT_K3S_VERSION,
  imageOfSoundRelease,
  k3sImage,
  k3sImageTag,
  k3sVersion,
  k3sVersionOfImage,
  stepFault,
} from '../../lib/k3s/version';

const ALLOWED = 'a K3s release from v1.33 to v1.36, written like v1.35.1+k3s1';
const BUSY_AFTER_RESTART = ['v1.33.7+k3s3', 'v1.34.3+k3s3', 'v1.35.0+k3s3'];
const isTaken = (value: unknown): boolean => k3sVersion()(value, 'version').length === 0;

test('releases of the supported minors are taken, whatever patch and build', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 99 }),
      fc.nat({ max: 99 }),
      fc.integer({ min: 1, max: 99 }),
      (minor, patch, build) => {
        const release = `v1.${minor}.${patch}+k3s${build}`;
        expect(isTaken(release)).toBe(minor >= 33 && minor <= 36 && !BUSY_AFTER_RESTART.includes(release));
      },
    ),
  );
});

test.each([
  '1.35.0+k3s1',
  'v1.35.0',
  'v1.35.1-k3s1',
  'v1.35+k3s1',
  'v1.35.0+rke2r1',
  'v1.35.0+k3s0',
  'v2.35.0+k3s1',
  'v1.35.1+k3s1\n',
  'latest',
  '',
  1.35,
  null,
])('%j is refused', (value) => {
  expect(k3sVersion()(value, 'version')).toMatchObject([
    {
      field: 'version',
      allowed: ALLOWED,
      remedy: 'Take the name from the list of K3s releases; an image tag has - where the release has +.',
    },
  ]);
});

const OWN_RISK = 'Take one of them, or set allowUnsupportedVersion if you have tried this one yourself.';

test.each([
  ['v1.32.9+k3s1', ''],
  ['v1.38.0+k3s1', ''],
  ['v1.37.0+k3s1', '; of v1.37: it comes with another minor of etcd, and no unit has been upgraded to it yet'],
])('%s is refused for its minor, unless any is asked for', (value, why) => {
  expect(k3sVersion()(value, 'version')).toEqual([
    {
      field: 'version',
      given: `'${value}'`,
      allowed: ALLOWED,
      remedy: `The pods of a unit are made for these releases${why}. ${OWN_RISK}`,
    },
  ]);
  expect(k3sVersion({ isAnyMinor: true })(value, 'version')).toEqual([]);
});

test('asking for any minor lets no release with a known fault through, and nothing that is no release', () => {
  for (const value of ['v1.35.0+k3s3', 'latest', '1.37.0']) {
    expect(k3sVersion({ isAnyMinor: true })(value, 'version')).toHaveLength(1);
  }
});

describe('releases that keep a processor core busy for nothing', () => {
  const REMEDY = 'Use v1.34.4+k3s1 or later (https://github.com/k3s-io/k3s/issues/13574).';

  test.each(BUSY_AFTER_RESTART)('%s is refused, the build before it is taken', (release) => {
    expect(isTaken(release)).toBe(false);
    expect(isTaken(release.replace('k3s3', 'k3s1'))).toBe(true);
  });

  test('the refusal says why, and names a release without the fault', () => {
    expect(k3sVersion()('v1.34.3+k3s3', 'version')).toEqual([
      {
        field: 'version',
        given: "'v1.34.3+k3s3'",
        allowed:
          'a release without known bugs: after a restart, servers of v1.34.3+k3s3 use a whole CPU core for nothing',
        remedy: REMEDY,
      },
    ]);
  });

  const DIGEST = `@sha256:${'0'.repeat(64)}`;
  test.each(['registry.example.com:5000/rancher/k3s:v1.34.3-k3s3', `k3s:v1.34.3-k3s3${DIGEST}`])(
    'their image is refused: %s',
    (image) => {
      expect(imageOfSoundRelease()(image, 'image')).toMatchObject([{ field: 'image', remedy: REMEDY }]);
    },
  );

  test.each(['rancher/k3s:v1.34.4-k3s1', 'rancher/k3s', 'registry.example.com:5000/k3s', `k3s${DIGEST}`])(
    'an image of another release, or that does not tell, is taken: %s',
    (image) => {
      expect(imageOfSoundRelease()(image, 'image')).toEqual([]);
    },
  );
});

test('the default is one that is taken', () => {
  expect(isTaken(DEFAULT_K3S_VERSION)).toBe(true);
});

test('an image tag has no plus sign', () => {
  expect(k3sImageTag('v1.35.1+k3s1')).toBe('v1.35.1-k3s1');
  expect(k3sImage('v1.36.2+k3s2')).toBe('docker.io/rancher/k3s:v1.36.2-k3s2');
});

test.each([
  ['rancher/k3s:v1.36.2-k3s2', 'v1.36.2+k3s2'],
  ['registry.example.com:5000/k3s:v1.35.1-k3s1-arm64', 'v1.35.1+k3s1'],
  [`k3s:v1.35.1-k3s1@sha256:${'0'.repeat(64)}`, 'v1.35.1+k3s1'],
  ['rancher/k3s', undefined],
  ['registry.example.com:5000/k3s', undefined],
  ['rancher/k3s:latest', undefined],
  ['rancher/k3s:v1.35.1-k3s123', undefined],
  ['rancher/k3s:1.35.1-k3s1', undefined],
])('the release of image %s is %s', (image, release) => {
  expect(k3sVersionOfImage(image)).toBe(release);
});

describe('from one release to another', () => {
  test.each([
    ['v1.35.1+k3s1', 'v1.35.1+k3s1'],
    ['v1.35.3+k3s1', 'v1.35.1+k3s1'],
    ['v1.35.1+k3s1', 'v1.35.3+k3s2'],
    ['v1.34.1+k3s1', 'v1.35.1+k3s1'],
    ['v1.33.8+k3s1', 'v1.34.4+k3s1'],
    ['v1.33.9+k3s1', 'v1.34.4+k3s1'],
    ['v1.33.7+k3s1', 'v1.33.8+k3s1'],
    ['', 'v1.36.0+k3s1'],
    ['latest', 'v1.36.0+k3s1'],
    ['v1.33.0+k3s1', ''],
  ])('%s to %s is fine, or not known', (before, after) => {
    expect(stepFault(before, after)).toBeUndefined();
  });

  test('an earlier minor is refused: its servers could not read the data', () => {
    expect(stepFault('v1.35.1+k3s1', 'v1.34.9+k3s1')).toEqual({
      allowed: 'v1.35 or v1.36, since servers of v1.35.1+k3s1 leave data that an earlier minor cannot read',
      remedy: 'Put it back to v1.35.1+k3s1; an earlier minor needs a restore of a snapshot that was taken with it.',
    });
  });

  test('minors are not skipped', () => {
    expect(stepFault('v1.33.9+k3s1', 'v1.35.1+k3s1')).toEqual({
      allowed: 'v1.33 or v1.34, since servers of v1.33.9+k3s1 can only take the next minor',
      remedy: 'One minor at a time: set a release of v1.34 first, and go on when all nodes have it.',
    });
  });

  test.each(['v1.33.7+k3s1', 'v1.33.0+k3s2'])('%s is not left for the next minor, because of its etcd', (before) => {
    const fault = stepFault(before, 'v1.34.4+k3s1');
    expect(fault?.allowed).toContain(
      'v1.33, or v1.34 from v1.33.8+k3s1 on: from older ones etcd 3.6 takes over members',
    );
    expect(fault?.remedy).toContain('Set v1.33.8+k3s1 or a later release of v1.33 first');
  });
});
