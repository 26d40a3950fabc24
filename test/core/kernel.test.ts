import { ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { ClusterLevel, clusterLevelOf, EdgeConstructsError } from '../../lib';
import { claim, claimedBy } from '../../lib/core/claims';
import { settleClusterLevel } from '../../lib/core/cluster-level';
import { addLateObject, addObject, type Manifest } from '../../lib/core/edge-object';
import { PropsCheck } from '../../lib/core/props-check';
import { bool, listOf, shape } from '../../lib/core/rules';
import { problemLines } from '../support/refusals';

const LEVEL = { level: ClusterLevel.CLOUD_CLUSTER };
const configMap: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'own' } };
const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } };
let app: App;
let chart: Chart;

beforeEach(() => {
  app = new App();
  chart = new Chart(app, 'site', { namespace: 'of-the-chart' });
});

const rendered = (): Record<string, unknown>[] => chart.toJson() as Record<string, unknown>[];

describe('claims', () => {
  test('the first that claims has it, and the others are told who', () => {
    expect(claim(app, 'name', 'x', 'site/a')).toBeUndefined();
    expect(claim(app, 'name', 'x', 'site/b')).toBe('site/a');
    expect(claimedBy(app, 'name', 'x')).toBe('site/a');
  });

  test('kinds and scopes are apart, and asking claims nothing', () => {
    expect(claimedBy(app, 'name', 'x')).toBeUndefined();
    claim(app, 'name', 'x', 'site/a');
    expect(claim(app, 'node', 'x', 'site/b')).toBeUndefined();
    expect(claim(chart, 'name', 'x', 'site/b')).toBeUndefined();
    expect(claim(new App(), 'name', 'x', 'site/b')).toBeUndefined();
  });
});

describe('cluster levels', () => {
  test('a chart has the level of what it holds', () => {
    expect(clusterLevelOf(chart)).toBeUndefined();
    settleClusterLevel(new Construct(chart, 'deep'), 'NodeUnit', ClusterLevel.CLOUD_CLUSTER);
    settleClusterLevel(new Construct(chart, 'b'), 'NodeUnit', ClusterLevel.CLOUD_CLUSTER);
    expect(clusterLevelOf(chart)).toBe('cloud-cluster');
    expect(clusterLevelOf(new Chart(app, 'other'))).toBeUndefined();
  });

  test('one that holds two is an error that names both', () => {
    settleClusterLevel(new Construct(chart, 'dc'), 'Seed', ClusterLevel.KKP_MASTER);
    const mix = (): void => {
      const check = new PropsCheck(chart, 'm', 'EdgeMachine');
      check.level(ClusterLevel.KKP_USER_CLUSTER);
      check.throwIfAny();
    };
    expect(mix).toThrow(EdgeConstructsError);
    expect(mix).toThrow(
      "EdgeMachine 'site/m' has 1 problem:\n" +
        "  - scope: given 'chart 'site''; allowed: a chart for the kkp-user-cluster; this one holds Seed 'site/dc', which is for the kkp-master. Declare it in another chart: the two are applied to different clusters.",
    );
    expect(clusterLevelOf(chart)).toBe('kkp-master');
  });
});

describe('objects', () => {
  test('a cluster-scoped one has no namespace in a chart that has one', () => {
    addObject(chart, 'n', namespace, LEVEL);
    expect(rendered()).toEqual([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } }]);
  });

  test('a namespaced one keeps its own in a chart that has another', () => {
    addObject(chart, 'c', { ...configMap, data: { k: 'v' } }, LEVEL);
    expect(rendered()).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'own' }, data: { k: 'v' } },
    ]);
  });

  test.each([
    [
      'a Namespace in a namespace',
      { ...namespace, metadata: { name: 'a', namespace: 'b' } },
      'v1 Namespace is cluster-scoped and takes no namespace',
    ],
    [
      'a ConfigMap in none',
      { ...configMap, metadata: { name: 'a' } },
      'v1 ConfigMap is namespaced and needs a namespace',
    ],
    [
      'a Cluster of another group than KKP',
      { apiVersion: 'example.com/v1', kind: 'Cluster', metadata: { name: 'a' } },
      'example.com/v1 Cluster is namespaced and needs a namespace',
    ],
  ])('%s is a mistake', (_, manifest, message) => {
    expect(() => addObject(chart, 'x', manifest, LEVEL)).toThrow(message);
    expect(chart.node.children).toEqual([]);
  });

  test('a wave is an annotation beside the others; wave 0 is none', () => {
    const annotated = { ...configMap, metadata: { ...configMap.metadata, annotations: { note: 'x' } } };
    addObject(chart, 'early', annotated, { ...LEVEL, wave: -3 });
    addObject(chart, 'plain', configMap, { ...LEVEL, wave: 0 });
    expect(rendered().map(({ metadata }) => (metadata as { annotations?: unknown }).annotations)).toEqual([
      { note: 'x', 'argocd.argoproj.io/sync-wave': '-3' },
      undefined,
    ]);
  });

  test('a late one is completed at synthesis', () => {
    const items: string[] = [];
    addLateObject(chart, 'late', configMap, () => ({ items: items.length }), LEVEL);
    items.push('added later');
    expect(rendered()).toMatchObject([{ spec: { items: 1 } }]);
  });
});

describe('Secrets', () => {
  const REMEDY =
    'Manifests go to Git, where a Secret is readable by everyone who can read the repository. Refer to a Secret that ' +
    'exists in the cluster, or render an ExternalSecret or a SealedSecret instead.';
  const secret = { ...configMap, kind: 'Secret' };

  test.each([['data'], ['stringData']])('with %s are refused at once', (field) => {
    expect(() => addObject(chart, 's', { ...secret, [field]: { token: 'hunter2' } }, LEVEL)).toThrow(
      `Secret 'site/s' has data, which would be written to the output in plain text. ${REMEDY}`,
    );
    expect(chart.node.children).toEqual([]);
  });

  test('without data are rendered', () => {
    addObject(chart, 's', { ...secret, type: 'Opaque', data: {} }, LEVEL);
    expect(rendered()).toMatchObject([{ kind: 'Secret', type: 'Opaque' }]);
  });

  test("of users are refused at synthesis, wherever they stand in a chart with this library's objects", () => {
    addObject(chart, 'c', configMap, LEVEL);
    new ApiObject(new Construct(chart, 'deep'), 'theirs', {
      apiVersion: 'v1',
      kind: 'Secret',
      stringData: { token: 'hunter2' },
    });
    let message = '';
    try {
      rendered();
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(
      `Secret 'site/deep/theirs' has data, which would be written to the output in plain text. ${REMEDY}`,
    );
    expect(message).not.toContain('hunter2');
  });

  const inClear = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData: { password: 'hunter2' } };
  test.each<[string, Record<string, unknown>]>([
    ['a List', { kind: 'List', items: [configMap, inClear] }],
    ['a List in a List', { kind: 'List', items: [{ apiVersion: 'v1', kind: 'List', items: [inClear] }] }],
    // As the API server gives it: the items do not say what they are.
    ['a SecretList', { kind: 'SecretList', items: [{ metadata: { name: 'db' }, data: { password: 'aHVudGVyMg==' } }] }],
    ['a SecretList without names', { kind: 'SecretList', items: [{ data: { password: 'aHVudGVyMg==' } }] }],
    ['a List of another kind', { kind: 'ThingList', items: [{ ...inClear }] }],
  ])('in %s are refused as well', (what, list) => {
    addObject(chart, 'c', configMap, LEVEL);
    new ApiObject(chart, 'theirs', { apiVersion: 'v1', ...list } as never);
    let message = '';
    try {
      rendered();
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(
      `Secret${what.includes('names') ? '' : " 'db'"} in the list 'site/theirs' has data, which would be written to the output in plain text. ${REMEDY}`,
    );
    expect(message).not.toMatch(/hunter2|aHVudGVyMg/);
  });

  test('without data, and other things in lists, are rendered', () => {
    addObject(chart, 'c', configMap, LEVEL);
    const lists = [
      { apiVersion: 'v1', kind: 'List', items: [{ ...inClear, stringData: {} }, null, 'text', { kind: 7 }] },
      { apiVersion: 'example.org/v1', kind: 'AllowList', items: ['Secret'] },
      { apiVersion: 'example.org/v1', kind: 'BlockList' },
    ];
    lists.forEach((list, i) => new ApiObject(chart, `list${i}`, list));
    expect(rendered()).toHaveLength(4);
  });

  test("of users in a chart of their own are no concern of this library's", () => {
    new ApiObject(chart, 'theirs', { apiVersion: 'v1', kind: 'Secret', data: { token: 'eA==' } });
    expect(rendered()).toHaveLength(1);
  });
});

describe('checking props', () => {
  const check = (): PropsCheck => new PropsCheck(chart, 'x', 'Thing');

  test('tells all problems at once, in order, with path and subject', () => {
    const props = check();
    props.props({ a: 1, b: true }, { a: bool() });
    props.value('c', 'x', bool());
    props.add('d', 2, 'nothing', 'Remove it.');
    props.addAll([]);
    let error: unknown;
    try {
      props.throwIfAny();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(EdgeConstructsError);
    expect(error).toMatchObject({
      name: 'EdgeConstructsError',
      path: 'site/x',
      message: [
        "Thing 'site/x' has 4 problems:",
        '  - a: given 1; allowed: true or false. Use a boolean.',
        '  - b: given true; allowed: only a. There is no such prop. Did you mean a?',
        "  - c: given 'x'; allowed: true or false. Use a boolean.",
        '  - d: given 2; allowed: nothing. Remove it.',
      ].join('\n'),
    });
    expect((error as EdgeConstructsError).problems.map(({ field }) => field)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('says nothing when nothing is wrong', () => {
    const props = check();
    props.props({ a: true }, { a: bool() });
    expect(() => {
      props.throwIfAny();
    }).not.toThrow();
  });

  test('knows what rules find fine beside what is wrong, above and below it', () => {
    const props = check();
    props.props(
      { nodes: [true, 'x'], network: { pods: 'x', services: true } },
      { nodes: listOf(bool()), network: shape({ pods: bool(), services: bool() }) },
    );
    props.add('node', 'x', 'y', 'Z.');
    const fine = ['node', 'nodes[0]', 'nodes[10]', 'network.services', 'networks'];
    expect(fine.filter((path) => props.areFine(path))).toEqual(fine);
    const wrong = ['nodes', 'nodes[1]', 'nodes[1].name', 'network', 'network.pods', 'network.pods[0]'];
    expect(wrong.filter((path) => props.areFine(path))).toEqual([]);
    expect(props.areFine('node', 'nodes')).toBe(false);
    expect(['nodes', 'network', 'nodes[1]'].map((path) => props.hasShape(path))).toEqual([true, true, false]);
  });

  test('nothing is fine in props that are no object, and none of them can be read', () => {
    const props = check();
    expect(Object.keys(props.props('text' as unknown as object, { a: bool() }))).toEqual([]);
    expect([props.areFine('a'), props.hasShape('a')]).toEqual([false, false]);
  });

  test.each([
    [
      'no scope',
      undefined,
      'x',
      'scope: given nothing; allowed: a construct, for instance a Chart. Pass the chart that it is for.',
    ],
    [
      'a scope that is no construct',
      {},
      'x',
      'scope: given {}; allowed: a construct, for instance a Chart. Pass the chart that it is for.',
    ],
    [
      'an id that is no text',
      'chart',
      42,
      'id: given 42; allowed: a non-empty string. Give it an id that is unique in its scope.',
    ],
    [
      'an empty id',
      'chart',
      '',
      "id: given ''; allowed: a non-empty string. Give it an id that is unique in its scope.",
    ],
  ])('%s is told as such', (_, scope, id, line) => {
    expect(
      problemLines(() => new PropsCheck((scope === 'chart' ? chart : scope) as Chart, id as string, 'Thing')),
    ).toEqual([line]);
  });

  test('outside of charts nothing can have objects', () => {
    const props = new PropsCheck(app, 'x', 'Thing');
    props.level(ClusterLevel.CLOUD_CLUSTER);
    expect(
      problemLines(() => {
        props.throwIfAny();
      }),
    ).toEqual([
      'scope: given an object of class App; allowed: a chart for the cloud-cluster, or a construct in one. Declare it in a chart.',
    ]);
  });

  test('right below the app the path is the id', () => {
    const props = new PropsCheck(app, 'x', 'Thing');
    props.add('a', undefined, 'b', 'C.');
    expect(() => {
      props.throwIfAny();
    }).toThrow("Thing 'x' has 1 problem:\n  - a: given nothing; allowed: b. C.");
  });
});
