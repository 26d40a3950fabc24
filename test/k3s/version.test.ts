import fc from 'fast-check';
import { DEFAULT_K3S_VERSION, imageOfSoundRelease, k3sImage, k3sImageTag, k3sVersion } from '../../lib/k3s/version';

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

test.each(['v1.32.9+k3s1', 'v1.37.0+k3s1'])('%s is refused for its age', (value) => {
  expect(k3sVersion()(value, 'version')).toEqual([
    {
      field: 'version',
      given: `'${value}'`,
      allowed: ALLOWED,
      remedy: 'The pods of a unit are made for these releases.',
    },
  ]);
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
