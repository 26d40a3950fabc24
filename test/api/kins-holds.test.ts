import { AutonomyLevel } from '../../lib';
import { holdName, metadataHoldOf } from '../../lib/kins/names';
import { kinsObjects } from '../support/units';
import { apply, remove, tryDelete } from './support/apply';
import { connect } from './support/connect';
import { endUnit } from './support/end-unit';
import type { KubeObject } from './support/objects';
import { eventually } from './support/poll';

const cluster = connect();
const unit = 'standing';
const at = (level: AutonomyLevel): KubeObject[] =>
  kinsObjects(unit, level, { nodes: ['stands1', 'stands2'], tokenSecret: 'stands-tokens' });

const node = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
const configMap = (name: string, namespace: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } }); // prettier-ignore
const metadataOf = (name: string, suffix: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: `edge-metadata-${suffix}`,
    namespace: 'kube-system',
    labels: { 'edge-constructs.io/metadata-of': metadataHoldOf(name) },
  },
  data: { node: name },
});
const secret = (namespace: string): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'stands-tokens', namespace } }); // prettier-ignore

/** What the kubelet, or in its place the cloud, says of a node. */
async function setReady(name: string, status: string): Promise<void> {
  const conditions = [{ type: 'Ready', status, reason: 'Test', message: '' }];
  const path = `/api/v1/nodes/${name}/status`;
  const { status: code } = await cluster.request('PATCH', path, {
    body: { status: { conditions } },
    contentType: 'application/merge-patch+json',
  });
  expect(code).toBe(200);
}

/** What the unit stands on. */
const GROUND = [
  node('stands1'),
  node('stands2'),
  ...['stands1', 'stands2'].flatMap((each) => [
    configMap(holdName('device', each), 'kube-system'),
    configMap(holdName('machine', each), 'kube-system'),
  ]),
  metadataOf('stands1', 'label-0a1b2c3d'),
  metadataOf('stands2', 'other-0a1b2c3d'),
  secret('kins-system'),
];
/** What looks like it. */
const OTHERS = [
  node('stands3'),
  configMap(holdName('device', 'stands3'), 'kube-system'),
  configMap(holdName('device', 'stands1'), 'default'),
  metadataOf('stands3', 'label-4e5f6a7b'),
  { ...configMap('notes', 'kube-system'), data: { node: 'stands1' } },
  configMap('edge-metadata-of-nobody', 'kube-system'),
  secret('default'),
];

afterAll(async () => {
  await endUnit(cluster, unit, at(AutonomyLevel.L4));
  await remove(cluster, [...GROUND, ...OTHERS]);
  cluster.close();
});

test('what a unit with a cluster of its own stands on is not deleted, whoever asks; at L3 it is', async () => {
  await apply(cluster, at(AutonomyLevel.L4));
  await apply(cluster, [...GROUND, ...OTHERS]);
  for (const name of ['stands1', 'stands2']) await setReady(name, 'True');
  await eventually('the guard is in force', async () => (await tryDelete(cluster, GROUND[0]!)).status === 403);
  for (const object of GROUND) {
    const { status, body } = await tryDelete(cluster, object);
    expect({ object, status }).toEqual({ object, status: 403 });
    const { message } = body as { message: string };
    const isMetadata = object.metadata.name.startsWith('edge-metadata-');
    const binding = `standing-${isMetadata ? 'metadata' : 'namespace'}-kins`;
    expect(message).toContain(
      `with binding '${binding}' denied request: The NodeUnit that this binding is named after`,
    );
    expect(message).toContain(
      'downgrade it to L3 before deleting the namespace that holds it, its tokens, the scripts of its pods, or a node',
    );
  }
  for (const object of OTHERS) expect((await tryDelete(cluster, object)).status).toBe(200);

  // Its computer is gone, and another is to have the name.
  await setReady('stands2', 'Unknown');
  expect((await tryDelete(cluster, GROUND[1]!)).status).toBe(200);
  await apply(cluster, [GROUND[1]!]);

  await apply(cluster, at(AutonomyLevel.L3));
  for (const object of GROUND) {
    await eventually(`${object.kind} may go`, async () => (await tryDelete(cluster, object)).status === 200);
  }
});
