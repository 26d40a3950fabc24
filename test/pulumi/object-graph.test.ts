import { ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { objectGraph } from '../../lib/pulumi/object-graph';

const WAVE = 'argocd.argoproj.io/sync-wave';

function object(scope: Construct, id: string, wave?: string): ApiObject {
  const annotations = wave === undefined ? undefined : { [WAVE]: wave };
  return new ApiObject(scope, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: id, annotations } });
}

/** What stands before each object of a chart, in the order in which they are made. */
function graph(chart: Chart): [string, string[]][] {
  return objectGraph(chart).map(({ object: { node }, after }) => [node.id, [...after].map((each) => each.node.id)]);
}

test('waves follow each other within a construct, whatever the order in which objects were added', () => {
  const chart = new Chart(new App(), 'site');
  const group = new Construct(chart, 'group');
  object(group, 'last', '10');
  object(group, 'middle');
  object(group, 'first', '-2');
  object(group, 'beside the middle', '0');
  expect(graph(chart)).toEqual([
    ['first', []],
    ['middle', ['first']],
    ['beside the middle', ['first']],
    ['last', ['middle', 'beside the middle']],
  ]);
});

test('waves of different constructs have nothing to do with each other', () => {
  const chart = new Chart(new App(), 'site');
  object(new Construct(chart, 'one'), 'late', '5');
  object(new Construct(chart, 'other'), 'early', '-5');
  expect(graph(chart)).toEqual([
    ['late', []],
    ['early', []],
  ]);
});

test('a construct that depends on another one comes after all its objects, not after its own', () => {
  const chart = new Chart(new App(), 'site');
  const [one, other] = [new Construct(chart, 'one'), new Construct(chart, 'other')];
  ['a', 'b'].forEach((id) => object(one, id));
  ['c', 'd'].forEach((id) => object(other, id));
  one.node.addDependency(other);
  // That it is said of a part, too, makes no circle.
  one.node.addDependency(one.node.findChild('a'));
  expect(graph(chart)).toEqual([
    ['c', []],
    ['d', []],
    ['a', ['c', 'd']],
    ['b', ['c', 'd', 'a']],
  ]);
});

test('of a chart within a chart nothing is applied, and what it depends on is no affair of the outer one', () => {
  const outer = new Chart(new App(), 'outer');
  const inner = new Chart(outer, 'inner');
  const [own, nested] = [object(outer, 'own'), object(inner, 'nested')];
  nested.addDependency(own);
  expect(graph(outer)).toEqual([['own', []]]);
  expect(graph(inner)).toEqual([['nested', ['own']]]);
});

test('what comes after other charts names their objects, and is not waited for in its own', () => {
  const app = new App();
  const [first, second] = [new Chart(app, 'first'), new Chart(app, 'second')];
  object(second, 'b').addDependency(object(first, 'a'));
  object(second, 'c');
  expect(graph(second)).toEqual([
    ['b', ['a']],
    ['c', []],
  ]);
});

test('of those that can never be made, the ones that lead back to where they start are named', () => {
  const chart = new Chart(new App(), 'site');
  const [free, a, b, waiting] = ['free', 'a', 'b', 'waiting'].map((id) => object(chart, id));
  a!.node.addDependency(b!);
  b!.node.addDependency(a!, free!);
  waiting!.node.addDependency(a!);
  expect(() => objectGraph(chart)).toThrow(
    "Construct 'site/a' has 1 problem:\n  - dependencies: given site/a => site/b => site/a; allowed: dependencies without cycles",
  );
});

test.each<[string, object, string | undefined]>([
  ['a list without items', { kind: 'List', items: [] }, 'a List of 0 objects'],
  ['a list of one', { kind: 'List', items: [{ kind: 'Pod' }] }, 'a List of 1 objects'],
  ['a list of Secrets', { kind: 'SecretList', items: [{ metadata: {} }] }, 'a SecretList of 1 objects'],
  ['an object with items', { kind: 'Menu', items: [{ metadata: {} }] }, undefined],
  ['an object that is called a list', { kind: 'List' }, undefined],
])('%s', (_, manifest, given) => {
  const chart = new Chart(new App(), 'site');
  new ApiObject(chart, 'x', { apiVersion: 'v1', ...manifest } as never);
  if (given === undefined) expect(graph(chart)).toEqual([['x', []]]);
  else expect(() => objectGraph(chart)).toThrow(`kind: given ${given}; allowed: one object for each construct`);
});

test.each(['apiVersion', 'kind'])('an object without %s is refused with its path', (field) => {
  const chart = new Chart(new App(), 'site');
  new ApiObject(chart, 'x', { apiVersion: 'v1', kind: 'ConfigMap' }).toJson = () => ({
    apiVersion: 'v1',
    kind: 'A',
    [field]: 5,
  });
  expect(() => objectGraph(chart)).toThrow(
    `ApiObject 'site/x' has 1 problem:\n  - ${field}: given 5; allowed: the string that says what it is.`,
  );
});
