import { AutonomyLevel } from '../../../lib';
import { find } from '../../support/render';
import { kinsObjects } from '../../support/units';
import { apply, remove, tryDelete } from './apply';
import type { Cluster } from './cluster';
import type { KubeObject } from './objects';
import { eventually } from './poll';

/** The downgrade, then everything of the unit in any order; the namespace stays for the other tests. */
export async function endUnit(cluster: Cluster, unit: string, applied: readonly KubeObject[]): Promise<void> {
  const recycling = kinsObjects(unit, AutonomyLevel.L3);
  await apply(cluster, recycling);
  await eventually(`the guard of ${unit} learns of L3`, async () => {
    return (await tryDelete(cluster, find(recycling, 'ConfigMap', `${unit}-guard-kins`))).status === 200;
  });
  const isGuard = ({ metadata }: KubeObject): boolean => /-(guard|namespace)-kins$/.test(metadata.name);
  const all = [...applied, ...recycling].filter(({ kind }) => kind !== 'Namespace');
  await remove(cluster, [...all.filter(isGuard), ...all.filter((object) => !isGuard(object))]);
}
