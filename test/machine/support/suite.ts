import { missingPrerequisites, which } from '../../e2e/support/prerequisites';
import { hasTree } from './cache';

const PROGRAMS = [
  'qemu-system-x86_64',
  'mke2fs',
  'ssh',
  'ssh-keygen',
  'setpriv',
  'nice',
  'cp',
  'truncate',
  'systemctl',
];

/** What this computer lacks for tests on an emulated one, in one line. */
function missing(): string | undefined {
  const lacks = [...PROGRAMS, ...(hasTree() ? [] : ['debootstrap'])].filter((name) => which(name) === undefined);
  const what = [lacks.length > 0 ? `not on PATH: ${lacks.join(', ')}` : undefined, missingPrerequisites()];
  return what.filter((each) => each !== undefined).join('; ') || undefined;
}

/** `describe` for tests that need an emulated computer: where none can be had they are skipped, and one line says why. */
export function describeOnMachine(title: string, body: () => void): void {
  const lacks = missing();
  if (lacks === undefined) {
    describe(title, body);
    return;
  }
  process.stderr.write(`machine: not run: ${lacks}\n`);
  describe.skip(title, body);
}
