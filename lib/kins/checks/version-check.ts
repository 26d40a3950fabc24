import { derive, isPlaceholder } from '../../core/placeholders/placeholder';
import type { PropsCheck } from '../../core/props-check';
import { problem } from '../../core/rules';
import { k3sVersionOfImage, stepFault } from '../../k3s/version';
import type { KinsClusterProps } from '../kins-cluster-props';

/** What else decides about releases. */
export interface VersionContext {
  /** The release if none is given. */
  readonly defaultVersion: string;
  /** Whether the unit is at a level at which it has a cluster. */
  readonly hasCluster: boolean;
}

/**
 * Checks the releases of a unit against each other: that it can take the new one, that it can take the one after that, and
 * that images are of the releases that are given with them.
 *
 * @returns the release of the unit; empty if it is not known
 */
export function checkVersions(
  check: PropsCheck,
  given: KinsClusterProps,
  { defaultVersion, hasCluster }: VersionContext,
): string {
  const { image, prepull, previousVersion } = given;
  const field = given.version === undefined && image !== undefined ? 'image' : 'version';
  if (prepull !== undefined && check.areFine('prepull')) {
    checkImage(check, 'prepull.image', prepull.image, prepull.version);
  }
  if (!check.areFine('version', 'image')) return '';
  checkImage(check, 'image', image, given.version);
  const version = versionOf(given.version, image, defaultVersion);
  // What is taken off the nodes may have any release.
  if (!hasCluster) return version;
  if (previousVersion !== undefined && check.areFine('previousVersion')) {
    checkStep(check, field, previousVersion, version);
  }
  if (prepull !== undefined && check.areFine('prepull', field)) {
    checkStep(check, 'prepull.version', version, prepull.version);
  }
  return version;
}

/** The tag of the image decides, because that is what runs. */
function versionOf(given: string | undefined, image: string | undefined, defaultVersion: string): string {
  if (image === undefined) return given ?? defaultVersion;
  return derive('k3s version', { image, given: given ?? '' }, (known) => k3sVersionOfImage(known.image) ?? known.given);
}

function checkImage(check: PropsCheck, field: string, image: string | undefined, version: string | undefined): void {
  if (image === undefined || version === undefined || [image, version].some((each) => isPlaceholder(each))) return;
  const tagged = k3sVersionOfImage(image);
  if (tagged === undefined || tagged === version) return;
  const remedy = `Give the image of ${version}, or change the version to ${tagged}.`;
  check.add(field, image, `an image of ${version}, which is the version given with it`, remedy);
}

/** Releases that are not known yet are compared when they are; the last one comes first, because it is rendered. */
function checkStep(check: PropsCheck, field: string, before: string, after: string): void {
  check.value(field, `${after} after ${before}`, (pair) => {
    const [to = '', from = ''] = String(pair).split(' after ');
    const fault = stepFault(from, to);
    return fault === undefined ? [] : [problem(field, to, fault.allowed, fault.remedy)];
  });
}
