import { App, Chart } from 'cdk8s';
import {
  AutonomyLevel,
  EdgeDatacenter,
  Fleet,
  FleetApp,
  KinsCluster,
  NodeGroup,
  NodeUnit,
  Seed,
  SelectorOperator,
} from '../../lib';
import { filesIn, removeTempFolders, tempFolder } from '../fleet/support';
import { problemLines } from '../support/refusals';
import { render } from '../support/render';

afterEach(removeTempFolders);

/** Valid names of nodes and keys of labels that every JavaScript object has, too. */
const LIKE_OBJECTS = ['constructor', 'valueof', 'hasownproperty'];
/** Names that stand nowhere else in what is rendered. */
const PLAIN = ['plain-zero', 'plain-one', 'plain-two'];

const { L4, L5 } = AutonomyLevel;
const CANNOT = "given 'constructor'; allowed: any name except constructor, which cdk8s cannot render. Rename it.";

test('nodes that are named like what every object has are nodes like others', () => {
  const rename = (value: unknown, from: string, to: string): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll(from, to));
  // Hashes of what pods read differ with the names, and so do the addresses that follow from them.
  const comparable = (value: unknown): string =>
    JSON.stringify(value)
      .replaceAll(/\b[0-9a-f]{8,32}\b/g, '(hash)')
      .replaceAll(/"addresses":"[^"]*"/g, '(addresses)');
  for (const addresses of [undefined, ['192.0.2.1', '192.0.2.2', '192.0.2.3']]) {
    const unit = (names: readonly string[]): unknown =>
      render((chart) => {
        const given = addresses && Object.fromEntries(addresses.map((each, i) => [names[i]!, each]));
        new KinsCluster(chart, 'shop', { nodes: names, autonomyLevel: L5, nodeAddresses: given });
      });
    const expected = LIKE_OBJECTS.reduce<unknown>((all, name, i) => rename(all, PLAIN[i]!, name), unit(PLAIN));
    expect(comparable(unit(LIKE_OBJECTS))).toBe(comparable(expected));
  }
  expect(
    problemLines(() =>
      render(
        (chart) =>
          new KinsCluster(chart, 'shop', {
            nodes: ['constructor'],
            autonomyLevel: L4,
            nodeAddresses: { n: '192.0.2.1' },
          }),
      ),
    ),
  ).toEqual([
    "nodeAddresses.n: given '192.0.2.1'; allowed: addresses of the unit's nodes. Correct the name, or remove it.",
    'nodeAddresses.constructor: given nothing; allowed: the addresses of all servers, or of none. Add the address of constructor.',
  ]);
});

test('sites with such nodes are rendered, templates of such names are found or told', () => {
  const outdir = `${tempFolder()}/dist`;
  const app = new FleetApp({ outdir });
  new Fleet(app, 'sites', {
    templates: { valueof: { nodes: [{ name: 'constructor', address: '192.0.2.1' }] } },
    sites: [{ name: 'hasownproperty', template: 'valueof' }],
    build: (scope, { nodeNames, nodeAddresses }) => {
      new KinsCluster(new Chart(scope, 'c'), 'shop', { nodes: nodeNames, autonomyLevel: L4, nodeAddresses });
    },
  });
  app.synth();
  expect(Object.values(filesIn(outdir)).join()).toContain('constructor=https://192.0.2.1:26443');
  expect(
    problemLines(
      () =>
        new Fleet(app, 'more', {
          sites: [{ name: 'a', template: 'constructor' }],
          templates: {},
          build: () => undefined,
        }),
    ),
  ).toEqual([
    "sites[0].template: given 'constructor'; allowed: a name under templates; none is declared there. Declare it under templates, or name another.",
  ]);
});

test('a unit without labels has none of those that every object seems to have', () => {
  const [unit] = render((chart) => {
    new NodeUnit(chart, 'shop', { nodes: ['a'], autonomyLevel: L4 });
    for (const [i, key] of ['toString', 'valueOf', 'hasOwnProperty'].entries()) {
      new NodeGroup(chart, `g${i}`, { selector: { matchExpressions: [{ key, operator: SelectorOperator.EXISTS }] } });
    }
  });
  expect(unit!.metadata.labels).toBe(undefined);
});

test('what cdk8s could not render is refused where it is given', () => {
  const chart = new Chart(new App(), 'c');
  const seed = new Seed(chart, 'seed', { country: 'DE' });
  expect(problemLines(() => new EdgeDatacenter(chart, 'constructor', { seed }))).toEqual([`id: ${CANNOT}`]);
  const site = new Chart(new App(), 's');
  const nodes = ['a'];
  expect(problemLines(() => new NodeUnit(site, 'a', { nodes, name: 'constructor' }))).toEqual([`name: ${CANNOT}`]);
  expect(problemLines(() => new NodeUnit(site, 'b', { nodes, name: 'constructor', autonomyLevel: L4 }))).toEqual([
    `name: ${CANNOT}`,
  ]);
  expect(problemLines(() => new NodeGroup(site, 'g', { nodeUnitNames: ['a'], name: 'constructor' }))).toEqual([
    `name: ${CANNOT}`,
  ]);
  expect(problemLines(() => new NodeUnit(site, 'd', { nodes, labels: { constructor: 'x' } }))).toEqual([
    `labels key: ${CANNOT}`,
  ]);
});
