import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';

import { AutonomyLevel, NodeUnit } from '../../../lib';
import { ClusterLevel, settleClusterLevel } from '../../../lib/core/cluster-level';
import { problemLines } from '../../support/refusals';
import { declare, l4, LABEL_1035, nodes, site } from './support';

const { L3, L4 } = AutonomyLevel;
let app: App;
let chart: Chart;
beforeEach(() => {
  ({ app, chart } = site());
});

describe('together with a NodeUnit', () => {
  const SELECTOR =
    'a unit whose nodes are all named: a KinsCluster pins its pods to nodes, and this unit has a selector. Name the nodes in the unit and remove its selector.';
  const unit = (props: object = {}): NodeUnit => new NodeUnit(chart, 'test', { nodes, autonomyLevel: L4, ...props });

  test.each([
    [
      'nodes',
      { nodes },
      'nodes: given a list of 3; allowed: nothing when nodeUnit is given. Remove one of the two: the unit knows its nodes.',
    ],
    [
      'a level',
      { autonomyLevel: L4 },
      "autonomyLevel: given 'L4'; allowed: nothing when nodeUnit is given. Set the level on the NodeUnit.",
    ],
    [
      'a name',
      { name: 'test' },
      "name: given 'test'; allowed: nothing when nodeUnit is given. The unit already has a name.",
    ],
    [
      'servers that the unit does not have',
      { servers: ['edge9'] },
      "servers[0]: given 'edge9'; allowed: one of the unit's nodes. Add the node to the unit, or name another.",
    ],
  ])('%s beside it is refused, and the unit stays free', (_, props, line) => {
    const nodeUnit = unit();
    expect(problemLines(() => declare(chart, 'k', { nodeUnit, ...props }))).toEqual([line]);
    expect(() => declare(chart, 'k', { nodeUnit })).not.toThrow();
  });

  test.each([
    [
      'with a selector',
      { autonomyLevel: L3, nodes: undefined, selector: { matchLabels: { site: 'x' } } },
      [`nodeUnit: given 'site/test'; allowed: ${SELECTOR}`],
    ],
    [
      "with parameters of SuperEdge's K3s",
      { unitCluster: { nodePortRange: '40000-41000' } },
      [
        "nodeUnit: given 'site/test'; allowed: a unit without unitCluster: those are parameters of SuperEdge's own K3s, which is not created then. Remove unitCluster from the unit and give image and ports to the KinsCluster.",
      ],
    ],
    [
      'whose name cannot be that of a Service',
      { name: '5g.test', autonomyLevel: L3 },
      [`nodeUnit: given '5g.test'; allowed: ${LABEL_1035}`],
    ],
  ])('a unit %s is refused', (_, props, lines) => {
    expect(problemLines(() => declare(chart, 'k', { nodeUnit: unit(props) }))).toEqual(lines);
  });

  test('a unit has one cluster', () => {
    const nodeUnit = unit();
    declare(chart, 'k', { nodeUnit });
    expect(problemLines(() => declare(chart, 'second', { nodeUnit }))).toEqual([
      "nodeUnit: given 'site/test'; allowed: a unit that no other KinsCluster acts on; 'site/k' already does. Declare one KinsCluster per unit.",
    ]);
  });

  test('a name and nodes that a NodeUnit has are not given to a cluster beside it', () => {
    unit();
    expect(problemLines(() => declare(new Chart(app, 'other'), 'test', l4()))).toEqual([
      "name: given 'test'; allowed: a name that no other unit of cluster 'cloud-cluster' has; 'site/test' has it. Rename one of the two, give that NodeUnit as nodeUnit, or use setCluster to say that they are for different clusters.",
      ...nodes.map(
        (node, index) =>
          `nodes[${index}]: given '${node}'; allowed: a node of no other unit; 'site/test' has it. A node runs one unit: remove it from one of the two, or use setCluster to say that they are for different clusters.`,
      ),
    ]);
  });
});

test('two clusters of one app share neither name nor node, in whatever charts', () => {
  declare(chart, 'u', l4());
  expect(
    problemLines(() => declare(new Chart(app, 'b'), 'k', { name: 'u', autonomyLevel: L4, nodes: ['a', 'edge2'] })),
  ).toEqual([
    "name: given 'u'; allowed: a name that no other unit of cluster 'cloud-cluster' has; 'site/u' has it. Rename one of the two, give that NodeUnit as nodeUnit, or use setCluster to say that they are for different clusters.",
    "nodes[1]: given 'edge2'; allowed: a node of no other unit; 'site/u' has it. A node runs one unit: remove it from one of the two, or use setCluster to say that they are for different clusters.",
  ]);
  expect(() => declare(new Chart(new App(), 'site'), 'u', l4())).not.toThrow();
});

test('a chart for another cluster takes no unit, and the unit claims nothing there', () => {
  const seed = new Chart(app, 'seed');
  settleClusterLevel(new Construct(seed, 'x'), 'Seed', ClusterLevel.KKP_MASTER);
  expect(problemLines(() => declare(seed, 'u', l4()))).toEqual([
    "scope: given 'chart 'seed''; allowed: a chart for the cloud-cluster; this one holds Seed 'seed/x', which is for the kkp-master. Declare it in another chart: the two are applied to different clusters.",
  ]);
  expect(seed.node.children).toHaveLength(1);
  expect(() => declare(chart, 'u', l4())).not.toThrow();
});
