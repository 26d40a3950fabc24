import { parseKubernetesVersion } from '../../core/grammars/kubernetes-version';
import { K3S_VERSION_ANNOTATION } from '../names';
import { celAnnotation, celText } from './cel';
import type { FoundingRefusal } from './founding';

const [BEFORE, AFTER] = [
  celAnnotation('oldObject', K3S_VERSION_ANNOTATION),
  celAnnotation('object', K3S_VERSION_ANNOTATION),
];

/** The minor of a release that has one. */
const minorOf = (release: string): string => `int(${release}.split('.')[1])`;

/**
 * Refuses a release that the unit cannot take from the one that it was given before: servers go through minors one at a time.
 *
 * The cloud cluster knows what a unit was given, not what it runs: it may be offline, or have refused the release. So one
 * minor down is allowed, since that takes back an upgrade that the unit has not made. If it has made it, it refuses to go
 * down by itself. A release that is not known, which is the case with an image of one's own, is not compared.
 */
export function versionRefusals(): readonly FoundingRefusal[] {
  const { skipsMinors, wayOut } = wordsFor('{unit}');
  return [
    {
      expression:
        `request.operation == 'UPDATE' && [${BEFORE}, ${AFTER}].all(release, release.matches('^v1[.][0-9]+[.]')) && ` +
        `(${minorOf(AFTER)} > ${minorOf(BEFORE)} + 1 || ${minorOf(AFTER)} < ${minorOf(BEFORE)} - 1)`,
      messageExpression:
        `${celText(`${skipsMinors}. It was given `)} + ${BEFORE} + '; now: ' + ${AFTER} + ` + celText(`. ${wayOut}`),
      message: `${skipsMinors}. ${wayOut}`,
    },
  ];
}

function wordsFor(unit: string): Readonly<Record<'skipsMinors' | 'wayOut', string>> {
  return {
    skipsMinors: `NodeUnit ${unit} takes releases of K3s one minor at a time`,
    wayOut:
      'Set a release of the minor next to the one it was given, and go on when all its nodes have it; one minor down ' +
      'takes back an upgrade that it has not made.',
  };
}

/**
 * Evaluates {@link versionRefusals} for a change, for previews, in which the API server is not asked.
 *
 * @returns the refusal; `undefined` if the change is allowed, or if a release is not known
 */
export function versionRefusal(
  unit: string,
  before: Readonly<Record<string, string | undefined>>,
  after: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const [had, gets] = [before[K3S_VERSION_ANNOTATION], after[K3S_VERSION_ANNOTATION]];
  const [from, to] = [parseKubernetesVersion(had), parseKubernetesVersion(gets)];
  if (from === undefined || to === undefined || Math.abs(to.minor - from.minor) <= 1) return undefined;
  const { skipsMinors, wayOut } = wordsFor(unit);
  return `${skipsMinors}. It was given ${had ?? ''}; now: ${gets ?? ''}. ${wayOut}`;
}
