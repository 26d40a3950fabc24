import { App, Chart } from 'cdk8s';
import { AutonomyLevel, EdgeConstructsError, NodeGroup, NodeUnit } from '../../lib';
import { handOver, handOverProblems } from '../../lib/superedge/hand-over';

const nodes = ['edge1', 'edge2', 'edge3'];
let chart: Chart;

beforeEach(() => {
  chart = new Chart(new App(), 'site');
});

test.each(Object.values(AutonomyLevel))('a unit at %s that a KinsCluster acts on says L3 to SuperEdge', (level) => {
  const unit = new NodeUnit(chart, 'test', { nodes, autonomyLevel: level, setNode: { labels: { rack: '7' } } });
  new NodeGroup(chart, 'plants', { nodeUnits: [unit] });
  handOver(unit, 'site/kins');
  const refusal = `refused: NodeUnit test is at ${level}: downgrade it to L3 before deleting it`;
  expect((chart.toJson() as unknown[])[0]).toEqual({
    apiVersion: 'site.superedge.io/v1alpha2',
    kind: 'NodeUnit',
    metadata: {
      name: 'test',
      annotations: {
        'edge-constructs.io/autonomy-level': level,
        ...(level === AutonomyLevel.L3
          ? {}
          : {
              'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
              'edge-constructs.io/deletion': refusal,
              'kustomize.toolkit.fluxcd.io/prune': 'disabled',
            }),
      },
      labels: { 'edge-constructs.io/unit': 'test' },
    },
    spec: { autonomyLevel: 'L3', nodes, setNode: { labels: { rack: '7' } }, type: 'edge', unschedulable: false },
  });
  expect(unit.autonomyLevel).toBe(level);
});

test('a unit is handed over once', () => {
  const unit = new NodeUnit(chart, 'test', { nodes, autonomyLevel: AutonomyLevel.L4 });
  expect(handOverProblems(unit)).toEqual([]);
  handOver(unit, 'site/one');
  expect(() => {
    handOver(unit, 'site/two');
  }).toThrow(
    "KinsCluster 'site/two' has 1 problem:\n" +
      "  - nodeUnit: given 'site/test'; allowed: a unit that no other KinsCluster acts on; 'site/one' already does. Declare one KinsCluster per unit.",
  );
});

test('a unit with a selector is not handed over, with or without nodes, and stays as it was', () => {
  const selector = { matchLabels: { site: 'hamburg' } };
  const message =
    "nodeUnit: given 'site/test'; allowed: a unit whose nodes are all named: a KinsCluster pins its pods to nodes, and this unit has a selector. Name the nodes in the unit and remove its selector.";
  const unit = new NodeUnit(chart, 'test', { selector });
  const before = chart.toJson() as unknown;
  expect(() => {
    handOver(unit, 'site/kins');
  }).toThrow(message);
  expect(chart.toJson()).toEqual(before);
  const both = new NodeUnit(chart, 'both', { selector, nodes });
  expect(() => {
    handOver(both, 'site/kins');
  }).toThrow(EdgeConstructsError);
});

test("a unit with parameters for SuperEdge's own K3s is not handed over", () => {
  const unit = new NodeUnit(chart, 'test', {
    nodes,
    autonomyLevel: AutonomyLevel.L4,
    unitCluster: { nodePortRange: '40000-41000' },
  });
  expect(() => {
    handOver(unit, 'site/kins');
  }).toThrow(
    "nodeUnit: given 'site/test'; allowed: a unit without unitCluster: those are parameters of SuperEdge's own K3s, which is not created then. Remove unitCluster from the unit and give image and ports to the KinsCluster.",
  );
});
