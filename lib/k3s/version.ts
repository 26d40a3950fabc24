import type { Problem } from '../core/problem';
import { firstOf, pattern, problem } from '../core/rules';
import type { Rule } from '../core/rule';

/**
 * The K3s version that is used when none is named: the one the layout of a {@link KinsCluster} was tested with.
 * @see https://docs.k3s.io/release-notes/v1.35.X
 */
export const DEFAULT_K3S_VERSION = 'v1.35.1+k3s1';

/** The Kubernetes minors whose K3s has all that the pods of a unit rely on: containerd 2 and the options used here. */
const OLDEST_MINOR = 33;
const NEWEST_MINOR = 36;

/**
 * Releases whose servers use a whole CPU core for nothing after a restart, each with the one that fixed it.
 * @see https://github.com/k3s-io/k3s/issues/13574
 */
const BUSY_AFTER_RESTART: ReadonlyMap<string, string> = new Map([
  ['v1.33.7+k3s3', 'v1.33.8+k3s1'],
  ['v1.34.3+k3s3', 'v1.34.4+k3s1'],
  ['v1.35.0+k3s3', 'v1.35.1+k3s1'],
]);

const VERSION = /^v1\.(\d{1,2})\.(\d{1,3})\+k3s([1-9]\d?)$/;

/** Whether a text is a K3s release as its project names them, and one that works here. */
export function k3sVersion(): Rule {
  const allowed = `a K3s release from v1.${OLDEST_MINOR} to v1.${NEWEST_MINOR}, written like ${DEFAULT_K3S_VERSION}`;
  return firstOf(
    pattern(
      VERSION,
      allowed,
      'Take the name from the list of K3s releases; an image tag has - where the release has +.',
    ),
    (value, field) => {
      const minor = Number(VERSION.exec(String(value))?.[1]);
      return minor >= OLDEST_MINOR && minor <= NEWEST_MINOR
        ? []
        : [problem(field, value, allowed, 'The pods of a unit are made for these releases.')];
    },
    (value, field) => knownFault(String(value), value, field),
  );
}

/** Whether an image is not of a release with a known bug, as far as its tag tells. */
export function imageOfSoundRelease(): Rule {
  return (value, field) => {
    const tag = /:([^:/@]+)(?:@|$)/.exec(String(value))?.[1] ?? '';
    const release = [...BUSY_AFTER_RESTART.keys()].find((each) => k3sImageTag(each) === tag);
    return release === undefined ? [] : knownFault(release, value, field);
  };
}

function knownFault(release: string, value: unknown, field: string): readonly Problem[] {
  const mended = BUSY_AFTER_RESTART.get(release);
  if (mended === undefined) return [];
  const allowed = `a release without known bugs: after a restart, servers of ${release} use a whole CPU core for nothing`;
  return [problem(field, value, allowed, `Use ${mended} or later (https://github.com/k3s-io/k3s/issues/13574).`)];
}

/** The tag of K3s' image for a release: `+` is no character of a tag, so K3s' project writes `-`. */
export function k3sImageTag(version: string): string {
  return version.replace('+', '-');
}

/** The image of a release as K3s' project publishes it. */
export function k3sImage(version: string): string {
  return `docker.io/rancher/k3s:${k3sImageTag(version)}`;
}
