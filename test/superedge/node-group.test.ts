import { App, Chart } from 'cdk8s';
import {
  AutonomyLevel,
  NodeGroup,
  NodeGroupWorkloadType,
  NodeUnit,
  SelectorOperator,
  type LabelSelector,
} from '../../lib';

const L4 = AutonomyLevel.L4;
let chart: Chart;

beforeEach(() => {
  chart = new Chart(new App(), 'site', { namespace: 'apps' });
});

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly spec: { readonly setNode?: { readonly labels?: Record<string, string> } };
}

function rendered(name: string): Rendered {
  return (chart.toJson() as Rendered[]).find((each) => each.metadata.name === name)!;
}

test('all ways to members and the workload get into the resource', () => {
  const unit = new NodeUnit(chart, 'a', { nodes: ['edge1'] });
  const group = new NodeGroup(chart, 'plants', {
    nodeUnits: [unit],
    nodeUnitNames: ['b'],
    selector: { matchLabels: { owner: 'x' } },
    autoFindNodeKeys: ['zone'],
    workload: [
      { name: 'web', type: NodeGroupWorkloadType.DEPLOYMENT, selector: { matchLabels: { app: 'web' } } },
      { name: 'log', type: NodeGroupWorkloadType.DAEMON_SET },
    ],
    labels: { team: 't' },
    annotations: { note: 'n' },
  });
  expect(rendered('plants')).toEqual({
    apiVersion: 'site.superedge.io/v1alpha2',
    kind: 'NodeGroup',
    metadata: { name: 'plants', labels: { team: 't' }, annotations: { note: 'n' } },
    spec: {
      nodeUnits: ['a', 'b'],
      selector: { matchLabels: { owner: 'x' } },
      autoFindNodeKeys: ['zone'],
      workload: [
        { name: 'web', type: 'deploy', selector: { matchLabels: { app: 'web' } } },
        { name: 'log', type: 'ds' },
      ],
    },
  });
  expect(group).toMatchObject({ name: 'plants', nodeUnitNames: ['a', 'b'] });
});

describe('a member at L4 says what the group controller would write into it', () => {
  const expectMember = (): void => {
    expect(rendered('a').spec.setNode?.labels).toEqual({ a: 'nodeunits.superedge.io', plants: 'a' });
    expect(rendered('a').metadata.labels).toMatchObject({ plants: 'nodegroups.superedge.io' });
  };

  test('as a construct', () => {
    const unit = new NodeUnit(chart, 'a', { nodes: ['edge1'], autonomyLevel: L4 });
    new NodeGroup(chart, 'plants', { nodeUnits: [unit] });
    expectMember();
  });

  test('by name, declared after the group', () => {
    new NodeGroup(chart, 'plants', { nodeUnitNames: ['a'] });
    new NodeUnit(chart, 'a', { nodes: ['edge1'], autonomyLevel: L4 });
    expectMember();
  });

  test('by label, declared before or after the group', () => {
    new NodeUnit(chart, 'a', { nodes: ['edge1'], autonomyLevel: L4, labels: { owner: 'x' } });
    new NodeGroup(chart, 'plants', { selector: { matchLabels: { owner: 'x' } } });
    new NodeUnit(chart, 'b', { nodes: ['edge2'], autonomyLevel: L4, labels: { owner: 'x' } });
    expectMember();
    expect(rendered('b').spec.setNode?.labels).toEqual({ b: 'nodeunits.superedge.io', plants: 'b' });
  });
});

test.each<[string, LabelSelector, boolean]>([
  ['the same value', { matchLabels: { owner: 'x' } }, true],
  ['another value', { matchLabels: { owner: 'y' } }, false],
  ['one label of two', { matchLabels: { owner: 'x', other: 'x' } }, false],
  ['In', { matchExpressions: [{ key: 'owner', operator: SelectorOperator.IN, values: ['w', 'x'] }] }, true],
  [
    'In, with a label that is missing',
    { matchExpressions: [{ key: 'z', operator: SelectorOperator.IN, values: ['x'] }] },
    false,
  ],
  ['NotIn', { matchExpressions: [{ key: 'owner', operator: SelectorOperator.NOT_IN, values: ['x'] }] }, false],
  [
    'NotIn, with a label that is missing',
    { matchExpressions: [{ key: 'z', operator: SelectorOperator.NOT_IN, values: ['x'] }] },
    true,
  ],
  ['Exists', { matchExpressions: [{ key: 'owner', operator: SelectorOperator.EXISTS }] }, true],
  ['DoesNotExist', { matchExpressions: [{ key: 'owner', operator: SelectorOperator.DOES_NOT_EXIST }] }, false],
])('selection by label: %s', (_, selector, isMember) => {
  new NodeUnit(chart, 'a', { nodes: ['edge1'], autonomyLevel: L4, labels: { owner: 'x' } });
  new NodeGroup(chart, 'plants', { selector });
  expect(rendered('a').metadata.labels).toEqual(
    isMember ? { owner: 'x', plants: 'nodegroups.superedge.io' } : { owner: 'x' },
  );
});

test('a member at L3 stays as the user wrote it', () => {
  const unit = new NodeUnit(chart, 'a', { nodes: ['edge1'] });
  new NodeGroup(chart, 'plants', { nodeUnits: [unit] });
  expect(rendered('a').metadata).toEqual({ name: 'a' });
  expect(rendered('a').spec.setNode).toBeUndefined();
});

test('a unit can be in several groups, whose order does not matter', () => {
  const unit = new NodeUnit(chart, 'a', { nodes: ['edge1'], autonomyLevel: L4 });
  new NodeGroup(chart, 'z', { nodeUnits: [unit] });
  new NodeGroup(chart, 'b', { nodeUnits: [unit] });
  expect(rendered('a').spec.setNode?.labels).toEqual({ a: 'nodeunits.superedge.io', b: 'a', z: 'a' });
});

test('names are for one thing only in an app, because they become label keys', () => {
  new NodeUnit(chart, 'a', { nodes: ['edge1'] });
  new NodeGroup(chart, 'g', { nodeUnitNames: ['x'] });
  expect(() => new NodeGroup(chart, 'h', { name: 'g', nodeUnitNames: ['x'] })).toThrow(
    "name: given 'g'; allowed: a name that no other NodeGroup of cluster 'cloud-cluster' has; 'site/g' has it already. Give one of the two another name, or use setCluster to say that they are for different clusters.",
  );
  expect(() => new NodeGroup(chart, 'h', { name: 'a', nodeUnitNames: ['x'] })).toThrow(
    "name: given 'a'; allowed: a name that no unit of cluster 'cloud-cluster' has, because both become label keys; 'site/a' has it already. Give one of the two another name, or use setCluster to say that they are for different clusters.",
  );
  expect(() => new NodeUnit(chart, 'h', { name: 'g', nodes: ['edge2'] })).toThrow(
    "name: given 'g'; allowed: a name that no NodeGroup of cluster 'cloud-cluster' has, because both become label keys; 'site/g' has it already. Give one of the two another name, or use setCluster to say that they are for different clusters.",
  );
});

test('a unit cannot be given as construct and by name, or be of another app', () => {
  const unit = new NodeUnit(chart, 'a', { nodes: ['edge1'] });
  const foreign = new NodeUnit(new Chart(new App(), 'x'), 'b', { nodes: ['edge1'] });
  expect(() => new NodeGroup(chart, 'g', { nodeUnits: [unit, foreign], nodeUnitNames: ['a'] })).toThrow(
    "NodeGroup 'site/g' has 2 problems:\n" +
      "  - nodeUnits[1]: given 'b'; allowed: a NodeUnit of the same app. Put its name into nodeUnitNames.\n" +
      "  - nodeUnitNames[0]: given 'a'; allowed: each unit only once; it is already nodeUnits[0]. Remove one of the two.",
  );
});

test('a member must not use the label that the group sets', () => {
  const unit = new NodeUnit(chart, 'a', { nodes: ['edge1'], setNode: { labels: { g: 'mine' } } });
  expect(() => new NodeGroup(chart, 'g', { nodeUnits: [unit] })).toThrow(
    "nodeUnits[0]: given 'a'; allowed: a unit that does not set the node label g='mine', which SuperEdge sets to the unit's name. Rename the group, or remove the label from setNode of the unit.",
  );
});
