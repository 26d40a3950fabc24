import { Lab } from '../test/e2e/support/lab';
import { type LabNode } from '../test/e2e/support/node';
import { missingPrerequisites } from '../test/e2e/support/prerequisites';

/** Measures on a lab with two nodes, one for a unit and one for what it is compared with; says so where there can be no lab. */
export async function onLab(measure: (lab: Lab, unit: LabNode, other: LabNode) => Promise<void>): Promise<void> {
  const missing = missingPrerequisites();
  if (missing !== undefined) {
    console.log(`bench: not run: ${missing}`);
    return;
  }
  const lab = await Lab.start({ agents: ['edge1', 'edge2'] });
  try {
    await measure(lab, lab.node('edge1'), lab.node('edge2'));
  } finally {
    await lab.stop();
  }
}
