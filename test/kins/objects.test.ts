import { createHash } from 'node:crypto';
import { AutonomyLevel, KinsCluster, type KinsClusterProps } from '../../lib';
import { guardPolicies } from '../../lib/kins/guard/guard-policies';
import { metadataHoldOf } from '../../lib/kins/names';
import { scriptsFor, scriptsName } from '../../lib/kins/pods/unit-scripts';
import type { KubeObject } from '../api/support/objects';
import { find, render } from '../support/render';
import { kinsObjects, LEVELS } from '../support/units';

const { L3, L4, L5 } = AutonomyLevel;
const WAVE = 'argocd.argoproj.io/sync-wave';
const nodes = ['edge1', 'edge2', 'edge3'];
const names = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const dataOf = (objects: readonly KubeObject[], name: string): Record<string, string> | undefined =>
  find(objects, 'ConfigMap', name).data as Record<string, string> | undefined;
const waveOf = ({ metadata }: KubeObject): number =>
  Number((metadata.annotations as Record<string, string> | undefined)?.[WAVE] ?? 0);

interface Validation {
  readonly expression: string;
}

const POLICIES = guardPolicies().map(([, { kind, metadata }]) => `${kind} ${metadata.name}`);
const BINDINGS = [
  'ValidatingAdmissionPolicyBinding test-guard-kins',
  'ValidatingAdmissionPolicyBinding test-namespace-kins',
  'ValidatingAdmissionPolicyBinding test-metadata-kins',
];
/** What all units of a cluster share, at a level, but for the namespace. */
const sharedAt = (level: AutonomyLevel): string[] => [
  ...(level === L3 ? [] : POLICIES),
  ...scriptsFor(level).map((of) => `ConfigMap ${scriptsName(of)}`),
];
const guardAt = (level: AutonomyLevel): string[] => [
  'Namespace kins-system',
  ...sharedAt(level),
  'ConfigMap test-guard-kins',
  ...BINDINGS,
];
const isPolicy = ({ kind }: KubeObject): boolean => kind === 'ValidatingAdmissionPolicy';
/** What a unit has for itself. */
const ofUnit = (objects: readonly KubeObject[]): KubeObject[] =>
  objects.filter(({ kind, metadata: { name } }) => kind !== 'Namespace' && !sharedAt(L4).includes(`${kind} ${name}`));
const CONFIGURATION = [
  'ConfigMap test-config-kins',
  'ConfigMap test-state-kins',
  'ConfigMap test-cm-kins',
  'Secret test-sec-kins',
  'ServiceAccount test-server-kins',
  'Role test-server-kins',
  'RoleBinding test-server-kins',
  'Service test-svc-kins',
];
/** Of each unit in versions before: scripts, what filled its Secret, who might talk to cri pods, and policies of its own. */
const RETIRED = [
  'ConfigMap test-scripts-kins',
  'ConfigMap test-recycle-kins',
  'ConfigMap test-token-kins',
  'ServiceAccount test-token-kins',
  'Role test-token-kins',
  'RoleBinding test-token-kins',
  'NetworkPolicy test-token-kins',
  'NetworkPolicy test-cri-kins',
  'ValidatingAdmissionPolicy test-guard-kins',
  'ValidatingAdmissionPolicy test-namespace-kins',
];
const WORKLOADS = ['DaemonSet test-cri-kins', 'DaemonSet test-server-kins', 'DaemonSet test-agent-kins'];

describe('the objects of a unit', () => {
  test.each([L4, L5])('at %s, in the order of application', (level) => {
    expect(names(kinsObjects('test', level))).toEqual([...guardAt(level), ...CONFIGURATION, ...WORKLOADS]);
  });

  test('at L3: the guard, now open, the workloads on no node any more, what recycles the nodes, and the rest emptied', () => {
    const objects = kinsObjects('test', L3);
    expect(names(objects)).toEqual([
      ...guardAt(L3),
      'DaemonSet test-agent-kins',
      'DaemonSet test-cri-kins',
      'DaemonSet test-server-kins',
      'DaemonSet test-prepull-kins',
      'DaemonSet test-recycle-kins',
      ...CONFIGURATION,
      ...RETIRED,
    ]);
    for (const name of ['config', 'scripts', 'recycle', 'cm', 'token'])
      expect(dataOf(objects, `test-${name}-kins`)).toBeUndefined();
    for (const part of ['server', 'token'])
      expect(find(objects, 'Role', `test-${part}-kins`)).not.toHaveProperty('rules');
    expect(dataOf(objects, 'test-guard-kins')).toEqual({ level: 'L3', unit: 'test' });
    for (const part of ['guard', 'namespace']) {
      const policy = find(objects, 'ValidatingAdmissionPolicy', `test-${part}-kins`);
      expect(policy.spec).toMatchObject({ validations: [{ expression: 'true' }] });
      const binding = find(objects, 'ValidatingAdmissionPolicyBinding', `test-${part}-kins`);
      const { matchResources } = binding.spec as { matchResources: unknown };
      const key = 'edge-constructs.io/unit';
      const nothing = [{ key, operator: 'Exists' }, { key, operator: 'DoesNotExist' }]; // prettier-ignore
      expect(matchResources).toEqual({ objectSelector: { matchExpressions: nothing } });
      for (const { metadata } of [policy, binding]) expect(metadata.finalizers).toBeUndefined();
    }
  });

  test.each([
    [L4, {}],
    [L5, {}],
    [L4, { tokenSecret: 'own' }],
    [L5, { credentialsInConfigMap: true }],
  ])('at %s with %j all have their names at L3 too, so that nothing is left when that is deleted', (level, props) => {
    const ended = new Set(names(kinsObjects('test', L3, props)));
    const left = names(kinsObjects('test', level, props)).filter((name) => !ended.has(name));
    // What all units share is there for the others.
    expect(left).toEqual(sharedAt(level).filter((name) => !ended.has(name)));
  });

  test('that pods fill in are merged by Flux, which takes back what a kubectl has written otherwise', () => {
    const merged = (props: Partial<KinsClusterProps> = {}): string[] =>
      kinsObjects('test', L4, props)
        .filter(({ metadata }) =>
          JSON.stringify(metadata.annotations).includes('"kustomize.toolkit.fluxcd.io/ssa":"Merge"'),
        )
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(merged()).toEqual(['ConfigMap test-state-kins', 'Secret test-sec-kins']);
    expect(merged({ credentialsInConfigMap: true })).toContain('ConfigMap test-cm-kins');
    // What the Roles of the pods name is what the pods write.
    const written = kinsObjects('test', L4, { credentialsInConfigMap: true })
      .filter(({ kind }) => kind === 'Role')
      .flatMap(({ rules }) => rules as { resourceNames: string[] }[])
      .flatMap(({ resourceNames }) => resourceNames);
    expect([...new Set(written)].sort()).toEqual(['test-cm-kins', 'test-sec-kins', 'test-state-kins']);
  });

  test('that several Kustomizations may bring are left to what is there by Flux', () => {
    const left = kinsObjects('test', L4).filter(({ metadata }) =>
      JSON.stringify(metadata.annotations).includes('"kustomize.toolkit.fluxcd.io/ssa":"IfNotPresent"'),
    );
    expect(left.map(({ kind }) => kind)).toEqual([
      'Namespace',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicy',
      ...scriptsFor(L4).map(() => 'ConfigMap'),
    ]);
  });

  test('at L3 say that nothing of them is kept any more, over what was written at L4', () => {
    for (const { metadata } of kinsObjects('test', L3)) {
      if (metadata.name === 'kins-system' || metadata.name === scriptsName('recycle')) continue;
      expect(metadata.annotations).toMatchObject({
        'edge-constructs.io/level': 'L3',
        'edge-constructs.io/deletion': 'allowed',
        'edge-constructs.io/servers': '',
        'edge-constructs.io/founded-with': '',
      });
    }
  });

  test.each([L4, L5])('at %s are guarded', (level) => {
    const objects = kinsObjects('test', level);
    expect(dataOf(objects, 'test-guard-kins')).toEqual({ level, unit: 'test' });
    const policies = objects.filter(isPolicy);
    expect(policies).toHaveLength(2);
    for (const { spec } of policies) {
      const { failurePolicy, validations } = spec as { failurePolicy: string; validations: Validation[] };
      expect(failurePolicy).toBe('Fail');
      expect(validations.map(({ expression }) => expression)).not.toContain('true');
    }
    const bindings = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    expect(bindings.map(({ spec }) => spec)).toEqual([
      {
        policyName: policies[0]?.metadata.name,
        validationActions: ['Deny', 'Audit'],
        matchResources: { objectSelector: { matchLabels: { 'edge-constructs.io/unit': 'test' } } },
      },
      {
        policyName: policies[1]?.metadata.name,
        validationActions: ['Deny', 'Audit'],
        matchResources: expect.objectContaining({ matchPolicy: 'Exact' }) as unknown,
      },
      {
        policyName: policies[1]?.metadata.name,
        validationActions: ['Deny', 'Audit'],
        matchResources: expect.objectContaining({ matchPolicy: 'Exact' }) as unknown,
      },
    ]);
    for (const { metadata } of [...policies, ...bindings]) {
      expect(metadata.finalizers).toEqual(['edge-constructs.io/guard']);
    }
  });

  test('at L4 stand on nodes with their devices and machines, the namespace, and a Secret of the user', () => {
    const binding = find(
      kinsObjects('test', L4, { nodes: ['edge1', 'edge2'], tokenSecret: 'own' }),
      'ValidatingAdmissionPolicyBinding',
      'test-namespace-kins',
    );
    const { matchResources } = binding.spec as { matchResources: { resourceRules: Record<string, unknown>[] } };
    expect(matchResources.resourceRules.map(({ operations, resources, resourceNames }) => [operations, resources, resourceNames])).toEqual([
      [['DELETE'], ['namespaces'], ['kins-system']],
      [['DELETE'], ['nodes'], ['edge1', 'edge2']],
      [
        ['DELETE'],
        ['configmaps'],
        ['edge-device-edge1', 'edge-machine-edge1', 'edge-device-edge2', 'edge-machine-edge2', ...scriptsFor(L4).map(scriptsName)],
      ],
      [['DELETE'], ['secrets'], ['own']],
    ]); // prettier-ignore
  });

  test('at L4 find by a label what their nodes were told, however long a name of a node is', () => {
    const node = `${'n'.repeat(60)}.example.com`;
    const objects = kinsObjects('test', L4, { nodes: ['edge1', node] });
    const { matchResources } = find(objects, 'ValidatingAdmissionPolicyBinding', 'test-metadata-kins').spec as {
      matchResources: { objectSelector: { matchExpressions: { key: string; operator: string; values: string[] }[] } };
    };
    const values = ['edge1', node].map(metadataHoldOf);
    expect(matchResources.objectSelector.matchExpressions).toEqual([
      { key: 'edge-constructs.io/metadata-of', operator: 'In', values },
    ]);
    for (const value of values) expect(value).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(values).size).toBe(2);
  });

  test('share policies that say nothing of a unit, are named by what is in them, and are never removed by a tool', () => {
    const [one, other] = ['berlin', 'ulm'].map((unit) =>
      kinsObjects(unit, L5, { nodes: [`${unit}1`, `${unit}2`, `${unit}3`] }),
    );
    const policies = one!.filter(isPolicy);
    expect(policies).toEqual(other!.filter(isPolicy));
    for (const { metadata, spec } of policies) {
      expect(JSON.stringify(spec)).not.toMatch(/berlin|ulm/);
      expect(metadata.annotations).toMatchObject({
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
        'kustomize.toolkit.fluxcd.io/prune': 'disabled',
      });
      // By its label all of a unit is found, and deleted.
      expect(metadata.labels).not.toHaveProperty(['edge-constructs.io/unit']);
    }
    const hashOf = (spec: unknown): string =>
      createHash('sha256')
        .update(JSON.stringify([spec]))
        .digest('hex')
        .slice(0, 8);
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(
      guardPolicies().map(([part, { spec }]) => `kins-${part}-${hashOf(spec)}`),
    );
  });

  test.each(LEVELS)('at %s come wave by wave: namespace, guard, configuration, pods', (level) => {
    const waves = kinsObjects('test', level).map(waveOf);
    expect(waves).toEqual([...waves].sort((a, b) => a - b));
    expect([...new Set(waves)]).toEqual(level === L3 ? [-5, -4, -3, 0] : [-5, -4, -3, -2, 0]);
  });

  test.each(LEVELS)(
    'at %s begin with what the guard compares, so that a refused change leaves the guard as it was',
    (level) => {
      const first = kinsObjects('test', level).filter((object) => waveOf(object) === -4);
      expect(names(first)).toEqual(['ConfigMap test-guard-kins']);
    },
  );

  test.each(LEVELS)('at %s carry the unit as a label, are in kins-system, and have names that fit', (level) => {
    const unit = 'u'.repeat(35);
    for (const object of ofUnit(kinsObjects(unit, level))) {
      const { kind, metadata } = object;
      expect([metadata.name, metadata.labels]).toMatchObject([metadata.name, { 'edge-constructs.io/unit': unit }]);
      expect(metadata.namespace).toBe(kind.startsWith('ValidatingAdmission') ? undefined : 'kins-system');
      // Pods and their revisions get a hash appended, which has to fit into a label.
      expect(`${metadata.name}-0123456789`.length).toBeLessThanOrEqual(kind === 'DaemonSet' ? 63 : 253);
      if (kind === 'Service') expect(metadata.name.length).toBeLessThanOrEqual(63);
    }
  });

  test.each(LEVELS)('at %s keep their places in a chart with another namespace', (level) => {
    const plain = kinsObjects('test', level);
    const inChart = render(
      (chart) => {
        new KinsCluster(chart, 'test', { nodes, autonomyLevel: level });
      },
      { namespace: 'apps' },
    );
    expect(inChart).toEqual(plain);
  });
});
