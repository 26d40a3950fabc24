import { type CloudNodeKind, missingPrerequisites, otherK3s } from './prerequisites';

const told = new Set<string>();

/** `describe`, unless something is missing: then the tests are skipped, and their title and one line say why. */
function describeUnless(missing: string | undefined, title: string, body: () => void, what = ''): void {
  if (missing === undefined) {
    describe(title, body);
    return;
  }
  if (!told.has(missing)) process.stderr.write(`e2e: ${what}not run: ${missing}\n`);
  told.add(missing);
  describe.skip(`${title} (${missing})`, body);
}

/**
 * `describe` for tests that need the lab, with nodes of one kind: on a machine that cannot run it they are skipped, and their title and one
 * line say why.
 */
export function describeOnLab(title: string, body: () => void, kind: CloudNodeKind = 'k3s'): void {
  describeUnless(missingPrerequisites(kind), title, body, kind === 'k3s' ? '' : 'plain kubelets: ');
}

/** Like {@link describeOnLab}, for tests that also need a second release of K3s. */
export function describeOnTwoReleases(title: string, body: () => void): void {
  const other = otherK3s();
  describeUnless(missingPrerequisites() ?? (typeof other === 'string' ? other : undefined), title, body, 'upgrades: ');
}
