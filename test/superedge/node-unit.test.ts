import { App, ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import {
  AutonomyLevel,
  ClusterLevel,
  clusterLevelOf,
  NodeUnit,
  NodeUnitType,
  SelectorOperator,
  TaintEffect,
} from '../../lib';
import { clusterAt, settleClusterLevel } from '../../lib/core/cluster-level';
import { claim } from '../../lib/core/claims';
import { NODE_CLAIM } from '../../lib/superedge/claims';

const NEVER_PRUNED = {
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
  'kustomize.toolkit.fluxcd.io/prune': 'disabled',
};
const nodes = ['edge1', 'edge2', 'edge3'];
let app: App;
let chart: Chart;

beforeEach(() => {
  app = new App();
  chart = new Chart(app, 'site');
});

/** The only object of the chart. */
function rendered(from = chart): Record<string, unknown> {
  const objects = from.toJson() as Record<string, unknown>[];
  expect(objects).toHaveLength(1);
  return objects[0]!;
}

test("the seed document's values give the seed document's NodeUnit and nothing more", () => {
  new NodeUnit(chart, 'test', {
    autonomyLevel: AutonomyLevel.L3,
    nodes,
    type: NodeUnitType.EDGE,
    unschedulable: false,
  });
  expect(rendered()).toEqual({
    apiVersion: 'site.superedge.io/v1alpha2',
    kind: 'NodeUnit',
    metadata: { name: 'test' },
    spec: { autonomyLevel: 'L3', nodes: ['edge1', 'edge2', 'edge3'], type: 'edge', unschedulable: false },
  });
});

test('all that is left out stands in the output with its default', () => {
  new NodeUnit(chart, 'test', { nodes });
  expect(rendered().spec).toEqual({ autonomyLevel: 'L3', nodes, type: 'edge', unschedulable: false });
});

test('the construct says what the unit is, the name included', () => {
  const unit = new NodeUnit(chart, 'id', { name: 'plant', nodes: ['a'], autonomyLevel: AutonomyLevel.L4 });
  expect(unit).toMatchObject({ name: 'plant', nodes: ['a'], autonomyLevel: 'L4', nodeUnitType: 'edge' });
  expect(ApiObject.of(unit).name).toBe('plant');
  expect(clusterLevelOf(chart)).toBe(ClusterLevel.CLOUD_CLUSTER);
});

test.each([AutonomyLevel.L4, AutonomyLevel.L5])('at %s the output says what the controller would write', (level) => {
  new NodeUnit(chart, 'test', { nodes, autonomyLevel: level });
  expect(rendered()).toEqual({
    apiVersion: 'site.superedge.io/v1alpha2',
    kind: 'NodeUnit',
    // What is no longer in Git must not be deleted: SuperEdge would do so as soon as the level is L3.
    metadata: { name: 'test', annotations: NEVER_PRUNED },
    spec: {
      autonomyLevel: level,
      nodes,
      setNode: { labels: { test: 'nodeunits.superedge.io' }, taints: [{ effect: 'NoSchedule', key: 'kins' }] },
      type: 'edge',
      unitCredentialConfigMapRef: { kind: 'ConfigMap', name: 'test-cm-kins', namespace: 'kins-system' },
      unschedulable: false,
    },
  });
});

test('a unit may be pruned at L3, and how it is synced otherwise is for its annotations to say', () => {
  new NodeUnit(chart, 'test', { nodes, autonomyLevel: AutonomyLevel.L3 });
  new NodeUnit(chart, 'other', {
    nodes: ['edge4'],
    autonomyLevel: AutonomyLevel.L4,
    annotations: { 'argocd.argoproj.io/sync-options': 'Prune=confirm' },
  });
  const [ended, other] = chart.toJson() as { metadata: { annotations?: unknown } }[];
  expect(ended!.metadata).not.toHaveProperty('annotations');
  expect(other!.metadata.annotations).toEqual({
    ...NEVER_PRUNED,
    'argocd.argoproj.io/sync-options': 'Prune=confirm',
  });
});

test("parameters get SuperEdge's names, and users' labels stand beside the controller's", () => {
  new NodeUnit(chart, 'test', {
    nodes,
    autonomyLevel: AutonomyLevel.L5,
    setNode: { labels: { rack: '7', test: 'nodeunits.superedge.io' }, annotations: { note: 'hall 3' }, taints: [] },
    unitCluster: {
      k3sImage: 'registry.example.com:5000/edge/k3s:v1.22.6',
      criwImage: `example.com/cri-w@sha256:${'0a'.repeat(32)}`,
      nodePortRange: '20000-29999',
    },
  });
  expect(rendered().spec).toMatchObject({
    setNode: {
      annotations: { note: 'hall 3' },
      labels: { rack: '7', test: 'nodeunits.superedge.io' },
      taints: [{ effect: 'NoSchedule', key: 'kins' }],
    },
    unitClusterInfo: {
      parameters: {
        'criw-image': `example.com/cri-w@sha256:${'0a'.repeat(32)}`,
        'k3s-image': 'registry.example.com:5000/edge/k3s:v1.22.6',
        'node-port-range': '20000-29999',
      },
    },
  });
});

test('at L3 nodes can be selected, and get labels, annotations and a taint', () => {
  new NodeUnit(chart, 'test', {
    selector: {
      matchLabels: { site: 'hamburg' },
      matchExpressions: [
        { key: 'role', operator: SelectorOperator.IN, values: ['a', 'b'] },
        { key: 'old', operator: SelectorOperator.DOES_NOT_EXIST },
      ],
    },
    type: NodeUnitType.OTHER,
    unschedulable: true,
    setNode: { labels: { site: 'hamburg' }, taints: [{ key: 'shop', value: 'x', effect: TaintEffect.NO_EXECUTE }] },
    labels: { owner: 'logistics' },
    annotations: { 'site.superedge.io/clear-cluster': 'yes' },
  });
  expect(rendered()).toEqual({
    apiVersion: 'site.superedge.io/v1alpha2',
    kind: 'NodeUnit',
    metadata: {
      name: 'test',
      labels: { owner: 'logistics' },
      annotations: { 'site.superedge.io/clear-cluster': 'yes' },
    },
    spec: {
      autonomyLevel: 'L3',
      selector: {
        matchLabels: { site: 'hamburg' },
        matchExpressions: [
          { key: 'role', operator: 'In', values: ['a', 'b'] },
          { key: 'old', operator: 'DoesNotExist' },
        ],
      },
      setNode: { labels: { site: 'hamburg' }, taints: [{ effect: 'NoExecute', key: 'shop', value: 'x' }] },
      type: 'other',
      unschedulable: true,
    },
  });
});

test("the chart's namespace does not get on the cluster-scoped unit", () => {
  const inNamespace = new Chart(new App(), 'site', { namespace: 'apps' });
  new NodeUnit(inNamespace, 'test', { nodes });
  expect(rendered(inNamespace).metadata).toEqual({ name: 'test' });
});

test('later changes of the props change nothing', () => {
  const list = ['edge1'];
  const labels: Record<string, string> = { rack: '7' };
  const unit = new NodeUnit(chart, 'test', { nodes: list, setNode: { labels } });
  list.push('edge2');
  labels.rack = '8';
  expect(rendered().spec).toMatchObject({ nodes: ['edge1'], setNode: { labels: { rack: '7' } } });
  expect(() => (unit.nodes as string[]).push('edge2')).toThrow(TypeError);
});

describe('in one app', () => {
  test.each(['edge1', 'edge2'])('a node is in one unit only; the error names both units: %s', (node) => {
    const other = new Chart(app, 'other');
    new NodeUnit(chart, 'a', { nodes: ['edge1', 'edge2'] });
    expect(() => new NodeUnit(other, 'b', { nodes: [node, 'edge3'] })).toThrow(
      "NodeUnit 'other/b' has 1 problem:\n" +
        `  - nodes[0]: given '${node}'; allowed: a node of one unit only; 'site/a' has it already. Remove it from one of the two, or use setCluster to say that they are for different clusters.`,
    );
  });

  test('a node that something else claimed cannot be in a unit', () => {
    claim(clusterAt(chart, ClusterLevel.CLOUD_CLUSTER), NODE_CLAIM, 'edge1', 'site/kins');
    expect(() => new NodeUnit(chart, 'a', { nodes: ['edge1'] })).toThrow(
      "nodes[0]: given 'edge1'; allowed: a node of one unit only; 'site/kins' has it already.",
    );
  });

  test('two units cannot have one name', () => {
    new NodeUnit(chart, 'a', { nodes: ['edge1'] });
    expect(() => new NodeUnit(chart, 'b', { name: 'a', nodes: ['edge2'] })).toThrow(
      "NodeUnit 'site/b' has 1 problem:\n" +
        "  - name: given 'a'; allowed: a name that no other unit of cluster 'cloud-cluster' has; 'site/a' has it already. Give one of the two another name, or use setCluster to say that they are for different clusters.",
    );
  });

  test('a refused unit keeps nobody from its name and nodes', () => {
    expect(() => new NodeUnit(chart, 'a', { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L5 })).toThrow('at least 3');
    expect(() => new NodeUnit(chart, 'a', { nodes: ['edge1'] })).not.toThrow();
  });

  test('two apps know nothing of each other', () => {
    new NodeUnit(chart, 'a', { nodes: ['edge1'] });
    expect(() => new NodeUnit(new Chart(new App(), 'site'), 'a', { nodes: ['edge1'] })).not.toThrow();
  });

  test('a chart for another cluster takes no unit, and the unit claims nothing', () => {
    const seed = new Chart(app, 'seed');
    settleClusterLevel(new Construct(seed, 'x'), 'Seed', ClusterLevel.KKP_MASTER);
    expect(() => new NodeUnit(seed, 'a', { nodes: ['edge1'] })).toThrow(
      "NodeUnit 'seed/a' has 1 problem:\n" +
        "  - scope: given 'chart 'seed''; allowed: a chart for the cloud-cluster; this one holds Seed 'seed/x', which is for the kkp-master. Declare it in another chart: the two are applied to different clusters.",
    );
    expect(() => new NodeUnit(chart, 'a', { nodes: ['edge1'] })).not.toThrow();
  });
});
