import { App, Chart } from 'cdk8s';
import { AutonomyLevel, ClusterLevel, clusterLevelOf, KinsCluster, NodeUnit } from '../../lib';
import { guardPolicies } from '../../lib/kins/guard/guard-policies';
import type { KubeObject } from '../api/support/objects';
import { find, render } from '../support/render';
import { kinsObjects, LEVELS } from '../support/units';

const { L3, L4, L5 } = AutonomyLevel;
const nodes = ['edge1', 'edge2', 'edge3'];
const names = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const POLICIES = guardPolicies().map(([, { kind, metadata }]) => `${kind} ${metadata.name}`);
const isPolicy = ({ kind }: KubeObject): boolean => kind === 'ValidatingAdmissionPolicy';

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
    const cluster = new KinsCluster(chart, 'id', { name: 'test', nodes: [...nodes, 'edge4'], autonomyLevel: L5 });
    expect(cluster).toMatchObject({
      name: 'test',
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
