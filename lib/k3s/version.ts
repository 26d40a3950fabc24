import type { Problem } from '../core/problem';
import { firstOf, pattern, problem } from '../core/rules';
import type { Rule } from '../core/rule';

/**
 * The K3s version that is used by default: the one that {@link KinsCluster} was tested with.
 * @see https://docs.k3s.io/release-notes/v1.35.X
 */
export const DEFAULT_K3S_VERSION = 'v1.35.1+k3s1';

/** The oldest Kubernetes minor whose K3s has what units need: containerd 2 and the options used here. */
const OLDEST_MINOR = 33;
const NEWEST_MINOR = 36;

/**
 * Releases whose servers keep a whole CPU core busy after a restart, each with the release that fixed it.
 * @see https://github.com/k3s-io/k3s/issues/13574
 */
const BUSY_AFTER_RESTART: ReadonlyMap<string, string> = new Map([
  ['v1.33.7+k3s3', 'v1.33.8+k3s1'],
  ['v1.34.3+k3s3', 'v1.34.4+k3s1'],
  ['v1.35.0+k3s3', 'v1.35.1+k3s1'],
]);

const VERSION = /^v1\.(\d{1,2})\.(\d{1,3})\+k3s([1-9]\d?)$/;

/** Checks that a text is the name of a K3s release, and of one that works here. */
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

/** Checks, by the tag of an image, that its release has no known bug. */
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

/** The tag of K3s' image for a release, with `-` instead of `+`, which tags can't contain. */
export function k3sImageTag(version: string): string {
  return version.replace('+', '-');
}

/** The image of a release as K3s' project publishes it. */
export function k3sImage(version: string): string {
  return `docker.io/rancher/k3s:${k3sImageTag(version)}`;
}
