import { AutonomyLevel } from '../../../lib';
import { find } from '../../support/render';
import { kinsObjects } from '../../support/units';
import { apply, remove, tryDelete } from './apply';
import type { Cluster } from './cluster';
import type { KubeObject } from './objects';
import { eventually } from './poll';

/** Whether all units of the cluster share an object: the namespace, the policies of the guard, and the scripts of pods. */
export function isShared({ kind, metadata }: KubeObject): boolean {
  const { name } = metadata;
  return (
    kind === 'Namespace' ||
    (kind === 'ValidatingAdmissionPolicy' && name.startsWith('kins-')) ||
    (kind === 'ConfigMap' && /^kins-[a-z]+-scripts-[0-9a-f]{8}$/.test(name))
  );
}

/** The downgrade, then everything of the unit in any order; what units share stays for the other tests. */
export async function endUnit(cluster: Cluster, unit: string, applied: readonly KubeObject[]): Promise<void> {
  const recycling = kinsObjects(unit, AutonomyLevel.L3);
  await apply(cluster, recycling);
  await eventually(`the guard of ${unit} learns of L3`, async () => {
    return (await tryDelete(cluster, find(recycling, 'ConfigMap', `${unit}-guard-kins`))).status === 200;
  });
  const isGuard = ({ metadata }: KubeObject): boolean => /-(guard|namespace)-kins$/.test(metadata.name);
  const all = [...applied, ...recycling].filter((object) => !isShared(object));
  await remove(cluster, [...all.filter(isGuard), ...all.filter((object) => !isGuard(object))]);
}
