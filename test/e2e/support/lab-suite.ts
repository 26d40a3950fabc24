import { type CloudNodeKind, missingPrerequisites } from './prerequisites';

const told = new Set<string>();

/**
 * `describe` for tests that need the lab, with nodes of one kind: on a machine that cannot run it they are skipped, and their title and one
 * line say why.
 */
export function describeOnLab(title: string, body: () => void, kind: CloudNodeKind = 'k3s'): void {
  const missing = missingPrerequisites(kind);
  if (missing === undefined) {
    describe(title, body);
    return;
  }
  const what = kind === 'k3s' ? '' : 'plain kubelets: ';
  if (!told.has(missing)) process.stderr.write(`e2e: ${what}not run: ${missing}\n`);
  told.add(missing);
  describe.skip(`${title} (${missing})`, body);
}
