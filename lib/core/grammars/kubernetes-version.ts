import parseSemver from 'semver/functions/parse';
import type { Problem } from '../problem';
import { problem, rule } from '../rules';
import type { Rule } from '../rule';

/** A Kubernetes release, or a distribution's build of one. */
export interface KubernetesVersion {
  /** `1` in `1.35.2`. */
  readonly major: number;
  /** `35` in `1.35.2`. */
  readonly minor: number;
  /** `2` in `1.35.2`. */
  readonly patch: number;
  /** `rc.1` in `1.35.2-rc.1`, otherwise empty. */
  readonly prerelease: string;
  /** `k3s1` in `v1.35.2+k3s1`, otherwise empty. */
  readonly build: string;
}

/** Kubelets may be this many minor versions older than the API server they talk to, and never newer. */
const MAX_KUBELET_SKEW = 3;

/**
 * Reads a version in any of its usual spellings: `1.35.2`, `v1.35.2`, `v1.35.2-rc.1`, `v1.35.2+k3s1`.
 *
 * @returns `undefined` for anything else: `1.35`, `latest`, a number
 */
export function parseKubernetesVersion(text: unknown): KubernetesVersion | undefined {
  // The parser trims; a version with a line break in it is a mistake all the same.
  if (typeof text !== 'string' || /\s/.test(text)) return undefined;
  const parsed = parseSemver(text);
  if (parsed === null) return undefined;
  return {
    major: parsed.major,
    minor: parsed.minor,
    patch: parsed.patch,
    prerelease: parsed.prerelease.join('.'),
    build: parsed.build.join('.'),
  };
}

/** `1.35` of `v1.35.2+k3s1`. */
function minorOf(version: KubernetesVersion): string {
  return `${version.major}.${version.minor}`;
}

/** How many minor versions `a` is ahead of `b`: negative when it is behind. */
export function minorsAhead(a: KubernetesVersion, b: KubernetesVersion): number {
  return a.major === b.major ? a.minor - b.minor : (a.major - b.major) * Number.MAX_SAFE_INTEGER;
}

/** Which versions a field accepts. */
export interface KubernetesVersionOptions {
  /** First minor version, both ends included: `1.31`. */
  readonly minMinor: string;
  /** Last minor version: `1.36`. */
  readonly maxMinor: string;
  /** Who sets these bounds, as the end of a sentence: `KKP 2.29 to 2.31`. */
  readonly supportedBy: string;
}

/** A released Kubernetes version, written exactly as `1.35.2`: no leading `v`, no build, no pre-release. */
export function kubernetesVersion(options: KubernetesVersionOptions): Rule {
  const first = parseKubernetesVersion(`${options.minMinor}.0`);
  const last = parseKubernetesVersion(`${options.maxMinor}.0`);
  if (first === undefined || last === undefined) throw new Error('bounds are minor versions like 1.35');
  const allowed = `an exact version from ${options.minMinor} to ${options.maxMinor} without a leading v (${options.supportedBy})`;
  return (value, field) => {
    const version = parseKubernetesVersion(value);
    if (version === undefined) {
      return [problem(field, value, allowed, 'Write all three parts, like 1.33.5.')];
    }
    const plain = `${version.major}.${version.minor}.${version.patch}`;
    if (value !== plain) return [problem(field, value, allowed, `Did you mean ${plain}?`)];
    const isWithin = minorsAhead(version, first) >= 0 && minorsAhead(version, last) <= 0;
    return isWithin ? [] : [problem(field, value, allowed, 'Choose a supported version.')];
  };
}

/**
 * What is wrong with running a kubelet against a control plane.
 *
 * @param field the kubelet version's field
 * @see https://kubernetes.io/releases/version-skew-policy/#kubelet
 */
export function kubeletSkewProblems(field: string, kubelet: unknown, controlPlane: unknown): readonly Problem[] {
  const [node, server] = [parseKubernetesVersion(kubelet), parseKubernetesVersion(controlPlane)];
  if (node === undefined || server === undefined) return [];
  const ahead = minorsAhead(node, server);
  if (ahead <= 0 && ahead >= -MAX_KUBELET_SKEW) return [];
  const oldest = `${server.major}.${Math.max(0, server.minor - MAX_KUBELET_SKEW)}`;
  const allowed = `${oldest} to ${minorOf(server)}, because the control plane is ${String(controlPlane)}`;
  return rule(
    () => false,
    allowed,
    ahead > 0
      ? 'Upgrade the control plane first: a kubelet must not be newer than its API server.'
      : `Use a newer kubelet: it may be at most ${MAX_KUBELET_SKEW} minor versions behind.`,
  )(kubelet, field);
}
