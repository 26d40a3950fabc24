import { missingPrerequisites } from './prerequisites';

const missing = missingPrerequisites();
let told = false;

/** `describe` for tests that need the lab: on a machine that cannot run it they are skipped, and one line says why. */
export function describeOnLab(title: string, body: () => void): void {
  if (missing === undefined) {
    describe(title, body);
    return;
  }
  if (!told) process.stderr.write(`e2e: not run: ${missing}\n`);
  told = true;
  describe.skip(title, body);
}
