import { makeCgroups } from './cgroups';
import { LabFolder } from './lab-folder';
import { Lan } from './lan';

/**
 * Program: makes the outer parts of a lab, says its name, and waits to be killed. A test kills it to see that nothing of
 * the lab outlives its test process but a folder and cgroups, and that the next lab removes those.
 */
async function main(): Promise<void> {
  const folder = await LabFolder.create();
  makeCgroups(folder.name, 'node');
  const lan = await Lan.create();
  process.stdout.write(`${JSON.stringify({ path: folder.path, name: folder.name, holder: lan.pid })}\n`);
  setInterval(() => undefined, 60_000);
}

void main();
