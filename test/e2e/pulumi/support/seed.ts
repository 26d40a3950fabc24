import { apply } from '../../../api/support/apply';
import type { Cluster } from '../../../api/support/cluster';
import { installCrds } from '../../../api/support/crds';
import type { KubeObject } from '../../../api/support/objects';

/** A Seed that somebody else made, with a datacenter of theirs. */
export const SEED: KubeObject = {
  apiVersion: 'kubermatic.k8c.io/v1',
  kind: 'Seed',
  metadata: { name: 'kubermatic', namespace: 'kubermatic' },
  spec: { kubeconfig: { name: 'seed', namespace: 'kubermatic' }, datacenters: { cloud: { spec: { fake: {} } } } },
};

/** The datacenters of {@link SEED} as they are now. */
export async function datacenters(cluster: Cluster): Promise<unknown> {
  const seed = await cluster.get(SEED);
  return (seed?.spec as { datacenters: unknown }).datacenters;
}

/** Makes the cluster one that KKP's objects can be in. */
export async function installKkp(cluster: Cluster): Promise<void> {
  await installCrds(cluster);
  await apply(cluster, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kubermatic' } }]);
}
