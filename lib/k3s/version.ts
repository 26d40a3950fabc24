import { parseKubernetesVersion } from '../core/grammars/kubernetes-version';
import type { Problem } from '../core/problem';
import { firstOf, pattern, problem } from '../core/rules';
import type { Rule } from '../core/rule';
import { k3sMinor, K3S_MINORS, SUPPORTED_MINORS } from './minors';

/**
 * The K3s version that is used by default: the one that {@link KinsCluster} was tested with.
 * @see https://docs.k3s.io/release-notes/v1.35.X
 */
export const DEFAULT_K3S_VERSION = 'v1.35.1+k3s1';

const VERSION = /^v1\.(\d{1,2})\.(\d{1,3})\+k3s([1-9]\d?)$/;

/** The tag that K3s' project gives the image of a release, or one that begins with it. */
const TAG = /^(v1\.\d{1,2}\.\d{1,3})-(k3s[1-9]\d?)(?![0-9])/;

/** Which releases {@link k3sVersion} takes. */
export interface K3sVersionOptions {
  /**
   * Whether minors that are not known here, or not supported, are taken too.
   * @default false
   */
  readonly isAnyMinor?: boolean;
}

const ALLOWED = `a K3s release from v1.${SUPPORTED_MINORS[0] ?? ''} to v1.${SUPPORTED_MINORS.at(-1) ?? ''}, written like ${DEFAULT_K3S_VERSION}`;

const TAKE_NAME = 'Take the name from the list of K3s releases; an image tag has - where the release has +.';

/** Checks that a text is the name of a K3s release, whether that works here or not. */
export function anyK3sRelease(): Rule {
  return pattern(VERSION, `a K3s release, written like ${DEFAULT_K3S_VERSION}`, TAKE_NAME);
}

/** Checks that a text is the name of a K3s release, and of one that works here. */
export function k3sVersion(options: K3sVersionOptions = {}): Rule {
  return firstOf(
    pattern(VERSION, ALLOWED, TAKE_NAME),
    (value, field) => unsupportedMinor(String(value), value, field, options),
    (value, field) => knownFault(String(value), value, field),
  );
}

/** Checks, by the tag of an image, that its release works here and has no known bug. */
export function imageOfSoundRelease(options: K3sVersionOptions = {}): Rule {
  const releaseOf = (image: unknown): string => k3sVersionOfImage(String(image)) ?? '';
  return firstOf(
    (value, field) => unsupportedMinor(releaseOf(value), value, field, options),
    (value, field) => knownFault(releaseOf(value), value, field),
  );
}

function unsupportedMinor(
  release: string,
  value: unknown,
  field: string,
  { isAnyMinor = false }: K3sVersionOptions,
): readonly Problem[] {
  const [, digits] = VERSION.exec(release) ?? [];
  const minor = Number(digits);
  if (digits === undefined || isAnyMinor || SUPPORTED_MINORS.includes(minor)) return [];
  const why = k3sMinor(minor)?.unsupported;
  const remedy =
    `The pods of a unit are made for these releases${why === undefined ? '' : `; of v1.${minor}: ${why}`}. ` +
    'Take one of them, or set allowUnsupportedVersion if you have tried this one yourself.';
  return [problem(field, value, ALLOWED, remedy)];
}

function knownFault(release: string, value: unknown, field: string): readonly Problem[] {
  const fixedIn = K3S_MINORS.find(({ busyAfterRestart }) => busyAfterRestart?.releases.includes(release) === true)
    ?.busyAfterRestart?.fixedIn;
  if (fixedIn === undefined) return [];
  const allowed = `a release without known bugs: after a restart, servers of ${release} use a whole CPU core for nothing`;
  return [problem(field, value, allowed, `Use ${fixedIn} or later (https://github.com/k3s-io/k3s/issues/13574).`)];
}

/** The tag of K3s' image for a release, with `-` instead of `+`, which tags can't contain. */
export function k3sImageTag(version: string): string {
  return version.replace('+', '-');
}

/** The image of a release as K3s' project publishes it. */
export function k3sImage(version: string): string {
  return `docker.io/rancher/k3s:${k3sImageTag(version)}`;
}

/** The release that an image has according to its tag; `undefined` if the tag does not tell. */
export function k3sVersionOfImage(image: string): string | undefined {
  const tag = /:([^:/@]+)(?:@|$)/.exec(image)?.[1] ?? '';
  const [, release, build] = TAG.exec(tag) ?? [];
  return release === undefined || build === undefined ? undefined : `${release}+${build}`;
}

/** What is wrong with going from one release to another. */
export interface StepFault {
  /** Which releases would be allowed, and why not this one. */
  readonly allowed: string;
  /** What to do instead. */
  readonly remedy: string;
}

/**
 * What is wrong with giving servers another release: they can only take the next minor, and no earlier one, because they
 * cannot read data of a later one.
 *
 * @returns `undefined` if nothing is wrong, or if one of the two is not the name of a release
 * @see https://kubernetes.io/releases/version-skew-policy/#kube-apiserver
 */
export function stepFault(before: string, after: string): StepFault | undefined {
  const [from, to] = [parseKubernetesVersion(before), parseKubernetesVersion(after)];
  if (from === undefined || to === undefined || from.major !== 1 || to.major !== 1) return undefined;
  const [stay, next] = [`v1.${from.minor}`, `v1.${from.minor + 1}`];
  if (to.minor < from.minor) {
    return {
      allowed: `${stay} or ${next}, since servers of ${before} leave data that an earlier minor cannot read`,
      remedy: `Put it back to ${before}; an earlier minor needs a restore of a snapshot that was taken with it.`,
    };
  }
  if (to.minor > from.minor + 1) {
    return {
      allowed: `${stay} or ${next}, since servers of ${before} can only take the next minor`,
      remedy: `One minor at a time: set a release of ${next} first, and go on when all nodes have it.`,
    };
  }
  const leaveFrom = k3sMinor(from.minor)?.leaveFrom;
  if (to.minor === from.minor || leaveFrom === undefined || isAtLeast(before, leaveFrom.release)) return undefined;
  return {
    allowed: `${stay}, or ${next} from ${leaveFrom.release} on: ${leaveFrom.why}`,
    remedy: `Set ${leaveFrom.release} or a later release of ${stay} first, and go on when all nodes have it.`,
  };
}

/** Whether a release is another one or a later one of the same minor. */
function isAtLeast(release: string, other: string): boolean {
  const [, , patch, build] = VERSION.exec(release) ?? [];
  const [, , otherPatch, otherBuild] = VERSION.exec(other) ?? [];
  return Number(patch) === Number(otherPatch)
    ? Number(build) >= Number(otherBuild)
    : Number(patch) > Number(otherPatch);
}
