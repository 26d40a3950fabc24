import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const LIB = resolve(__dirname, '../../../../lib');

/** All scripts in one folder, as pods have them: those of Kins, and what they share with others. */
export const SCRIPTS = mkdtempSync(join(tmpdir(), 'kins-scripts-'));
for (const folder of ['kins/scripts', 'shell'].map((name) => join(LIB, name))) {
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.sh'))) {
    const text = readFileSync(join(folder, name), 'utf8');
    // A busybox would execute its own applet, whatever functions say.
    const changed = text.replaceAll(/\bexec nsenter /g, 'exec "$WORLD/bin/nsenter" ');
    if (changed === text) symlinkSync(join(folder, name), join(SCRIPTS, name));
    else writeFileSync(join(SCRIPTS, name), changed);
  }
}

afterAll(() => {
  rmSync(SCRIPTS, { recursive: true });
});
