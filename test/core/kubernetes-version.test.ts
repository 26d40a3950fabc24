import fc from 'fast-check';
import {
  kubeletSkewProblems,
  kubernetesVersion,
  minorsAhead,
  parseKubernetesVersion,
  type KubernetesVersion,
} from '../../lib/core/grammars/kubernetes-version';

const options = { minMinor: '1.31', maxMinor: '1.36', supportedBy: 'the tests' };
const number = fc.integer({ min: 0, max: 99 });

function version(text: string): KubernetesVersion {
  const parsed = parseKubernetesVersion(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

describe('reading versions', () => {
  test.each([
    ['1.35.2', { major: 1, minor: 35, patch: 2, prerelease: '', build: '' }],
    ['v1.35.2', { major: 1, minor: 35, patch: 2, prerelease: '', build: '' }],
    ['v1.35.2+k3s1', { major: 1, minor: 35, patch: 2, prerelease: '', build: 'k3s1' }],
    ['v1.36.0-rc.1+k3s1', { major: 1, minor: 36, patch: 0, prerelease: 'rc.1', build: 'k3s1' }],
  ])('%s', (text, expected) => {
    expect(parseKubernetesVersion(text)).toEqual(expected);
  });

  test.each([
    ['1.35'],
    ['latest'],
    [''],
    ['1.35.2\n'],
    [' 1.35.2'],
    ['1.035.2'],
    ['=1.35.2'],
    [1.35],
    [undefined],
    [null],
  ])('%j is none', (text) => {
    expect(parseKubernetesVersion(text)).toBeUndefined();
  });

  test('any three numbers come back, with and without v and build', () => {
    fc.assert(
      fc.property(number, number, number, fc.boolean(), fc.boolean(), (major, minor, patch, hasV, hasBuild) => {
        const text = `${hasV ? 'v' : ''}${major}.${minor}.${patch}${hasBuild ? '+k3s1' : ''}`;
        expect(version(text)).toMatchObject({ major, minor, patch, build: hasBuild ? 'k3s1' : '' });
      }),
    );
  });
});

describe('the rule', () => {
  const check = (value: unknown) => kubernetesVersion(options)(value, 'version');

  test('takes exactly the plain spelling within the bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 45 }), number, (minor, patch) => {
        expect(check(`1.${minor}.${patch}`).length === 0).toBe(minor >= 31 && minor <= 36);
      }),
    );
  });

  test.each([
    ['v1.35.2', 'Did you mean 1.35.2?'],
    ['1.35.2+k3s1', 'Did you mean 1.35.2?'],
    ['1.35.2-rc.1', 'Did you mean 1.35.2?'],
    ['1.35', 'Write all three parts, like 1.33.5.'],
    ['1.30.9', 'Choose a supported version.'],
    ['1.37.0', 'Choose a supported version.'],
    ['2.33.0', 'Choose a supported version.'],
  ])('refuses %s', (value, remedy) => {
    expect(check(value)).toEqual([
      {
        field: 'version',
        given: `'${value}'`,
        allowed: 'an exact version from 1.31 to 1.36 without a leading v (the tests)',
        remedy,
      },
    ]);
  });

  test('bounds that are no versions are a mistake of the caller', () => {
    expect(() => kubernetesVersion({ ...options, maxMinor: 'latest' })).toThrow('bounds are minor versions like 1.35');
  });
});

describe('skew', () => {
  test('a kubelet is never newer than the control plane and at most three minor versions older', () => {
    fc.assert(
      fc.property(number, number, number, number, (kubelet, server, patch, otherPatch) => {
        const problems = kubeletSkewProblems(
          'kubeletVersion',
          `1.${kubelet}.${patch}`,
          `v1.${server}.${otherPatch}+k3s1`,
        );
        expect(problems.length === 0).toBe(kubelet <= server && kubelet >= server - 3);
      }),
    );
  });

  test('says which way to go', () => {
    expect(kubeletSkewProblems('kubeletVersion', '1.34.1', '1.33.9')).toEqual([
      {
        field: 'kubeletVersion',
        given: "'1.34.1'",
        allowed: '1.30 to 1.33, because the control plane is 1.33.9',
        remedy: 'Upgrade the control plane first: a kubelet must not be newer than its API server.',
      },
    ]);
    expect(kubeletSkewProblems('kubeletVersion', '1.29.1', '1.33.9')).toEqual([
      {
        field: 'kubeletVersion',
        given: "'1.29.1'",
        allowed: '1.30 to 1.33, because the control plane is 1.33.9',
        remedy: 'Use a newer kubelet: it may be at most 3 minor versions behind.',
      },
    ]);
  });

  test('says nothing when a version is not known', () => {
    expect(kubeletSkewProblems('kubeletVersion', '1.34.1', undefined)).toEqual([]);
  });

  test('major versions outweigh minor ones', () => {
    expect(minorsAhead(version('2.0.0'), version('1.99.0'))).toBeGreaterThan(99);
    expect(minorsAhead(version('1.99.0'), version('2.0.0'))).toBeLessThan(-99);
  });
});
