import { App, Chart } from 'cdk8s';
import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { AutonomyLevel, ClusterLevel, clusterLevelOf, KinsCluster, NodeUnit, type KinsClusterProps } from '../../lib';
import { guardPolicies } from '../../lib/kins/guard-policies';
import { metadataHoldOf } from '../../lib/kins/names';
import { scriptsFor, scriptsName } from '../../lib/kins/unit-scripts';
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
  'NetworkPolicy test-cri-kins',
];
/** Of each unit in versions before: scripts, what filled its Secret, and policies of its own. */
const RETIRED = [
  'ConfigMap test-scripts-kins',
  'ConfigMap test-recycle-kins',
  'ConfigMap test-token-kins',
  'ServiceAccount test-token-kins',
  'Role test-token-kins',
  'RoleBinding test-token-kins',
  'NetworkPolicy test-token-kins',
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
      'DaemonSet test-recycle-kins',
      ...CONFIGURATION,
      ...RETIRED,
    ]);
    for (const name of ['config', 'scripts', 'recycle', 'cm', 'token'])
      expect(dataOf(objects, `test-${name}-kins`)).toBeUndefined();
    for (const part of ['server', 'token'])
      expect(find(objects, 'Role', `test-${part}-kins`)).toMatchObject({ rules: [] });
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

describe('several units', () => {
  test('of one chart share one namespace object, which comes first, and the policies of the guard, before their bindings', () => {
    const objects = render((chart) => {
      new KinsCluster(chart, 'z', { nodes: ['edge0'], autonomyLevel: L3 });
      new KinsCluster(chart, 'a', { nodes: ['edge1'], autonomyLevel: L4 });
      new KinsCluster(chart, 'b', { nodes: ['edge2', 'edge3', 'edge4'], autonomyLevel: L5 });
    });
    expect(names(objects).filter((name) => name.startsWith('Namespace'))).toEqual(['Namespace kins-system']);
    const policies = objects.filter((object) => isPolicy(object) && object.metadata.name.startsWith('kins-'));
    expect(names(policies)).toEqual(POLICIES);
    const first = names(objects).findIndex((name) => /Binding [ab]-guard-kins$/.test(name));
    for (const name of POLICIES) expect(names(objects).indexOf(name)).toBeLessThan(first);
    expect(names(objects)[0]).toBe('Namespace kins-system');
    expect(new Set(names(objects)).size).toBe(objects.length);
  });

  test('of two charts have a namespace object each, since each chart is applied on its own', () => {
    const app = new App();
    const charts = ['a', 'b'].map((id, index) => {
      const chart = new Chart(app, id);
      new KinsCluster(chart, id, { nodes: [`edge${index}`], autonomyLevel: L4 });
      return chart.toJson() as KubeObject[];
    });
    for (const objects of charts) expect(names(objects)).toContain('Namespace kins-system');
  });
});

describe('a unit from a NodeUnit', () => {
  const both = (level: AutonomyLevel): KubeObject[] =>
    render((chart) => {
      const nodeUnit = new NodeUnit(chart, 'test', { nodes, autonomyLevel: level });
      new KinsCluster(chart, 'cluster', { nodeUnit });
    });

  test.each(LEVELS)('at %s has its name, nodes and level, and leaves SuperEdge nothing to do', (level) => {
    const objects = both(level);
    const nodeUnit = find(objects, 'NodeUnit', 'test');
    expect(nodeUnit.spec).toEqual({ autonomyLevel: 'L3', nodes, type: 'edge', unschedulable: false });
    expect(nodeUnit.metadata).toMatchObject({
      annotations: {
        'edge-constructs.io/autonomy-level': level,
        ...(level === L3
          ? {}
          : {
              'edge-constructs.io/deletion': `refused: NodeUnit test is at ${level}: downgrade it to L3 before deleting it`,
              'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
              'kustomize.toolkit.fluxcd.io/prune': 'disabled',
            }),
      },
      labels: { 'edge-constructs.io/unit': 'test' },
    });
    expect(Object.keys(nodeUnit.metadata.annotations as object)).toHaveLength(level === L3 ? 1 : 4);
    expect(objects.filter(({ kind }) => kind !== 'NodeUnit')).toEqual(kinsObjects('test', level));
  });
});

describe('the construct says', () => {
  test('where the kubeconfig is, which servers there are, and which cluster its chart is for', () => {
    const chart = new Chart(new App(), 'site');
    const cluster = new KinsCluster(chart, 'id', { unitName: 'test', nodes: [...nodes, 'edge4'], autonomyLevel: L5 });
    expect(cluster).toMatchObject({
      unitName: 'test',
      nodes: ['edge1', 'edge2', 'edge3', 'edge4'],
      servers: nodes,
      autonomyLevel: 'L5',
      kubeconfig: {
        namespace: 'kins-system',
        configMapName: 'test-cm-kins',
        secretName: 'test-sec-kins',
        key: 'kubeconfig.conf',
        tunnelKey: 'kubeconfig-tunnel.conf',
      },
    });
    expect(clusterLevelOf(chart)).toBe(ClusterLevel.CLOUD_CLUSTER);
  });

  test.each([
    [L3, undefined, []],
    [L4, undefined, ['edge1']],
    [L4, ['edge3'], ['edge3']],
    [L5, ['edge3', 'edge1', 'edge2'], ['edge3', 'edge1', 'edge2']],
  ])('at %s with servers %j: %j', (autonomyLevel, servers, expected) => {
    const cluster = new KinsCluster(new Chart(new App(), 'site'), 'test', { nodes, autonomyLevel, servers });
    expect(cluster.servers).toEqual(expected);
  });
});

describe('secrets', () => {
  test.each(LEVELS)('none is in the output at %s', (level) => {
    const objects = kinsObjects('test', level, { credentialsInConfigMap: true });
    for (const { kind, data, stringData } of objects) {
      if (kind === 'Secret') expect([data, stringData]).toEqual([undefined, undefined]);
    }
    expect(JSON.stringify(objects)).not.toMatch(/-----BEGIN|K10[0-9a-f]{64}::/);
  });

  test('the kubeconfig in the ConfigMap names files of the node and no credential', () => {
    const text = dataOf(kinsObjects('test', L4), 'test-cm-kins')?.['kubeconfig.conf'];
    expect(parse(text ?? '')).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'default',
          cluster: { server: 'https://127.0.0.1:26445', 'certificate-authority': '/var/lib/kins/test/access/ca.crt' },
        },
      ],
      contexts: [{ name: 'default', context: { cluster: 'default', namespace: 'default', user: 'default' } }],
      'current-context': 'default',
      users: [{ name: 'default', user: { tokenFile: '/var/lib/kins/test/access/token' } }],
    });
  });

  test('with credentialsInConfigMap the ConfigMap is filled in the cluster, by the server alone', () => {
    const rights = (credentialsInConfigMap: boolean): unknown =>
      find(kinsObjects('test', L4, { credentialsInConfigMap }), 'Role', 'test-server-kins').rules;
    const rule = (resources: string, resourceNames: string[]): unknown => ({
      apiGroups: [''],
      resources: [resources],
      resourceNames,
      verbs: ['get', 'patch'],
    });
    expect(dataOf(kinsObjects('test', L4, { credentialsInConfigMap: true }), 'test-cm-kins')).toBeUndefined();
    expect(rights(true)).toEqual([
      rule('secrets', ['test-sec-kins']),
      rule('configmaps', ['test-state-kins', 'test-cm-kins']),
    ]);
    expect(rights(false)).toEqual([rule('secrets', ['test-sec-kins']), rule('configmaps', ['test-state-kins'])]);
  });

  test('a tokenSecret of the user is read in place of ours, and nobody makes tokens', () => {
    const objects = kinsObjects('test', L5, { tokenSecret: 'mine' });
    expect(JSON.stringify(find(objects, 'DaemonSet', 'test-server-kins'))).not.toContain('tokens.sh');
    for (const part of ['server', 'agent']) {
      const text = JSON.stringify(find(objects, 'DaemonSet', `test-${part}-kins`));
      expect(text).toContain('"secretName":"mine"');
      expect(text).not.toContain('"secretName":"test-sec-kins"');
    }
    // The kubeconfigs still go into ours.
    expect(names(objects)).toContain('Secret test-sec-kins');
  });
});
