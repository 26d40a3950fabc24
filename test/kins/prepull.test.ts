import type { k8s } from 'cdk8s-plus-27';
import { AutonomyLevel, type KinsClusterProps } from '../../lib';
import { scriptsName } from '../../lib/kins/pods/unit-scripts';
import type { KubeObject } from '../api/support/objects';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';

const { L3, L4, L5 } = AutonomyLevel;
const NAME = 'test-prepull-kins';
const next: Partial<KinsClusterProps> = { prepull: { version: 'v1.36.1+k3s1' } };

const podOf = (objects: readonly KubeObject[]): k8s.PodSpec =>
  (find(objects, 'DaemonSet', NAME).spec as { template: { spec: k8s.PodSpec } }).template.spec;
const names = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

test('the next release is copied by its own image, on every node of the unit', () => {
  const { containers, affinity } = podOf(kinsObjects('test', L4, next));
  expect(containers.map(({ image }) => image)).toEqual(['docker.io/rancher/k3s:v1.36.1-k3s1']);
  for (const node of ['edge1', 'edge2', 'edge3']) expect(JSON.stringify(affinity)).toContain(node);
  const image = 'registry.example.com/k3s:v1.36.1-k3s1';
  const { containers: own } = podOf(kinsObjects('test', L4, { prepull: { version: 'v1.36.1+k3s1', image } }));
  expect(own.map(({ image }) => image)).toEqual([image]);
});

test('and is pulled with the same Secrets, on nodes with the same taints, as the release before', () => {
  const { imagePullSecrets, tolerations } = podOf(
    kinsObjects('test', L4, { ...next, imagePullSecrets: ['pull'], tolerations: [{ key: 'edge' }] }),
  );
  expect(imagePullSecrets).toEqual([{ name: 'pull' }]);
  expect(tolerations).toMatchObject([{ key: 'edge' }]);
});

test('it is no reason to change anything else of the unit', () => {
  const added = new Set([`DaemonSet ${NAME}`, `ConfigMap ${scriptsName('prepull')}`]);
  const others = kinsObjects('test', L5, next).filter((each) => !added.has(names([each])[0] ?? ''));
  expect(others).toEqual(kinsObjects('test', L5));
});

test('its pods may do nothing but write to two folders of the node, and everything else may push them aside', () => {
  const pod = podOf(kinsObjects('test', L4, next));
  const [container] = pod.containers;
  for (const right of ['hostNetwork', 'hostPID', 'serviceAccountName', 'priorityClassName']) {
    expect(Object.keys(pod)).not.toContain(right);
  }
  expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
  expect(container?.securityContext).toMatchObject({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  const writable = container?.volumeMounts
    ?.filter(({ readOnly }) => readOnly !== true)
    .map(({ mountPath }) => mountPath);
  expect(writable).toEqual(['/var/lib/kins/test/releases', '/var/lib/kins/test/standby', '/run/kins-prepull']);
});

test('a node that is switched off does not keep others from getting another release', () => {
  expect(find(kinsObjects('test', L4, next), 'DaemonSet', NAME).spec).toMatchObject({
    updateStrategy: { rollingUpdate: { maxUnavailable: '100%' } },
  });
});

test('it may be deleted at any level, and says so', () => {
  const { annotations, labels } = find(kinsObjects('test', L4, next), 'DaemonSet', NAME).metadata;
  expect(annotations).toMatchObject({ 'edge-constructs.io/deletion': 'allowed' });
  expect(labels).toMatchObject({ 'edge-constructs.io/component': 'prepull' });
});

test('at L3 it runs nowhere, whatever was given', () => {
  for (const props of [{}, next]) {
    expect(podOf(kinsObjects('test', L3, props)).containers.map(({ name }) => name)).toEqual(['ended']);
  }
  expect(names(kinsObjects('test', L3, next))).not.toContain(`ConfigMap ${scriptsName('prepull')}`);
});
