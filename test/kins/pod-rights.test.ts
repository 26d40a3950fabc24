import type { k8s } from 'cdk8s-plus-27';
import { AutonomyLevel } from '../../lib';
import { guardPolicyName } from '../../lib/kins/guard/guard-policies';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';

const { L3, L4 } = AutonomyLevel;

/** Pods of a unit by what makes them: those of a level that has a cluster, or of its end. */
function podsAt(level: AutonomyLevel): Readonly<Record<string, k8s.PodSpec>> {
  const workloads = kinsObjects('test', level).filter(({ kind }) => kind === 'DaemonSet');
  return Object.fromEntries(
    workloads.map(({ metadata, spec }) => [
      metadata.name.replace(/^test-|-kins.*/g, ''),
      (spec as { template: { spec: k8s.PodSpec } }).template.spec,
    ]),
  );
}

test('what takes a unit off its nodes sees the processes of the node', () => {
  expect(podsAt(L3).recycle).toMatchObject({ hostPID: true });
});

test.each([L3, L4])('at %s no pod gets the variables of Services, or an account that it has no use for', (level) => {
  const pods = Object.entries(podsAt(level));
  const running = pods.filter(([, { containers }]) => containers.every(({ name }) => name !== 'ended'));
  expect(running.filter(([, { enableServiceLinks }]) => enableServiceLinks !== false)).toEqual([]);
  expect(pods.filter(([, spec]) => spec.automountServiceAccountToken !== false)).toEqual([]);
});

test('a server has one account, which only the containers get that talk to the cloud', () => {
  const accounts = kinsObjects('test', L4).filter(({ kind }) => kind === 'ServiceAccount');
  expect(
    accounts.map(({ metadata, ...rest }) => [metadata.name, (rest as Record<string, unknown>).automountServiceAccountToken]),
  ).toEqual([
    ['test-server-kins', false],
  ]); // prettier-ignore
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';
  const having = Object.entries(podsAt(L4)).flatMap(([part, { containers, initContainers = [] }]) =>
    [...initContainers, ...containers]
      .filter(({ volumeMounts = [] }) => volumeMounts.some(({ mountPath }) => mountPath === account))
      .map(({ name }) => `${part} ${name}`),
  );
  expect(having).toEqual(['server check', 'server tokens', 'server publish']);
});

test('pods start before the state of their unit is known', () => {
  for (const part of ['server', 'agent']) {
    const state = podsAt(L4)[part]?.volumes?.find(({ name }) => name === 'state');
    expect(state?.configMap).toMatchObject({ name: 'test-state-kins', optional: true });
  }
});

test('an object of a unit can lose neither of the labels that guard it', () => {
  const { spec } = find(kinsObjects('test', L4), 'ValidatingAdmissionPolicy', guardPolicyName('guard'));
  const { validations } = spec as { validations: { expression: string; message?: string }[] };
  const labels = validations.filter(({ expression }) => expression.includes('metadata.?labels[?key]'));
  expect(labels).toHaveLength(1);
  for (const label of ['edge-constructs.io/unit', 'edge-constructs.io/component']) {
    expect(labels[0]?.expression).toContain(`'${label}'`);
    expect(labels[0]?.message).toContain(label);
  }
});

test('all objects of a unit are guarded, but for those that take it off its nodes, copy a release in advance, or filled its Secret in versions before', () => {
  const objects = kinsObjects('test', L4);
  const { spec } = find(objects, 'ValidatingAdmissionPolicy', guardPolicyName('guard'));
  const { objectSelector } = (spec as { matchConstraints: { objectSelector: unknown } }).matchConstraints;
  expect(objectSelector).toEqual({
    matchExpressions: [
      { key: 'edge-constructs.io/unit', operator: 'Exists' },
      { key: 'edge-constructs.io/component', operator: 'NotIn', values: ['prepull', 'recycle', 'token'] },
    ],
  });
  const binding = find(objects, 'ValidatingAdmissionPolicyBinding', 'test-guard-kins');
  expect((binding.spec as { matchResources: unknown }).matchResources).toEqual({
    objectSelector: { matchLabels: { 'edge-constructs.io/unit': 'test' } },
  });
});

test('the guard is asked about every kind that a unit is made of; bindings keep themselves, by their finalizer', () => {
  const objects = kinsObjects('test', L4);
  const { spec } = find(objects, 'ValidatingAdmissionPolicy', guardPolicyName('guard'));
  const { resourceRules } = (spec as { matchConstraints: { resourceRules: Record<string, readonly string[]>[] } })
    .matchConstraints;
  const asked = resourceRules.flatMap(({ apiGroups = [], resources = [] }) =>
    resources.map((resource) => `${String(apiGroups[0])}/${resource}`),
  );
  const made = objects
    .filter(({ metadata }) => Object.keys(metadata.labels ?? {}).includes('edge-constructs.io/unit'))
    .filter(({ kind }) => kind !== 'ValidatingAdmissionPolicyBinding')
    .map(({ apiVersion, kind }) => {
      const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
      return `${String(group)}/${kind.toLowerCase().replace(/y$/, 'ie')}s`;
    });
  expect(made.length).toBeGreaterThan(9);
  expect(made.filter((each) => !asked.includes(each))).toEqual([]);
});

test('a network policy that a unit had in versions before may go: whoever prunes, or Pulumi, takes it away', () => {
  const { spec } = find(kinsObjects('test', L4), 'ValidatingAdmissionPolicy', guardPolicyName('guard'));
  expect(JSON.stringify(spec)).not.toContain('networkpolicies');
  expect(find(kinsObjects('test', L3), 'NetworkPolicy', 'test-cri-kins').spec).not.toHaveProperty('ingress');
});

test('what filled the Secret in versions before has the label by which the guard lets it go', () => {
  const retired = kinsObjects('test', L3).filter(({ metadata }) => metadata.name === 'test-token-kins');
  expect(retired.map(({ kind }) => kind)).toEqual([
    'ConfigMap',
    'ServiceAccount',
    'Role',
    'RoleBinding',
    'NetworkPolicy',
  ]);
  for (const { metadata } of retired) {
    expect(metadata.labels).toMatchObject({ 'edge-constructs.io/component': 'token' });
  }
});
