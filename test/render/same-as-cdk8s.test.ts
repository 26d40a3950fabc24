import { ApiObject, App, type AppProps, Chart, JsonPatch, Lazy, YamlOutputType } from 'cdk8s';
import { ConfigMap, Deployment, k8s } from 'cdk8s-plus-27';
import { Construct, type IConstruct } from 'constructs';
import fc from 'fast-check';
import * as path from 'node:path';
import { FleetApp } from '../../lib/fleet/fleet-app';
import { filesIn, removeTempFolders, tempFolder } from '../fleet/support';
import { runs } from '../support/sample';

afterEach(removeTempFolders);

/** What a random app is made of; built once for cdk8s' App and once for FleetApp. */
interface Spec {
  readonly nodes: readonly NodeSpec[];
  /** Pairs of positions in `nodes`: the first depends on the second. */
  readonly dependencies: readonly (readonly [number, number])[];
  readonly forwardOnly: boolean;
}

interface NodeSpec {
  readonly kind: 'chart' | 'construct' | 'object' | 'plus' | 'patched' | 'lazy' | 'token';
  /** Position of the parent among the nodes before this one. */
  readonly parent: number;
  readonly id: string;
  readonly labels: Record<string, string>;
  readonly body: Record<string, unknown>;
}

const text = fc.oneof(
  fc.constantFrom(
    'yes',
    '0777',
    '1.10',
    'a: b',
    '#x',
    'line\nline\n',
    'x'.repeat(120),
    '',
    ' a',
    '2026-11-21',
    'é',
    'null',
    '\u0000',
  ),
  fc.string({ maxLength: 8 }),
);
const body = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc
        .oneof(text, fc.constantFrom('10', '9', '1', 'constructor', 'value', 'toString'))
        .filter((k) => k !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;

const node: fc.Arbitrary<NodeSpec> = fc.record({
  kind: fc.constantFrom('chart', 'construct', 'object', 'object', 'object', 'plus', 'patched', 'lazy', 'token'),
  parent: fc.nat(),
  id: fc.constantFrom('a', 'b', 'c1', '10', '9', '2', 'UPPER', 'with space', 'x'.repeat(70)),
  labels: fc.dictionary(fc.constantFrom('app', '7', 'tier'), text, { maxKeys: 2, noNullPrototype: true }),
  body: fc.dictionary(fc.constantFrom('spec', 'data', '5', 'aa'), body, { maxKeys: 3, noNullPrototype: true }),
});

const spec: fc.Arbitrary<Spec> = fc.record({
  nodes: fc.array(node, { minLength: 1, maxLength: 14 }),
  dependencies: fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 6 }),
  forwardOnly: fc.boolean(),
});

function build(app: App, { nodes, dependencies, forwardOnly }: Spec): void {
  const made: Construct[] = [];
  nodes.forEach((each, i) => {
    const scopes: readonly Construct[] = [app, ...made];
    let scope = scopes[each.parent % scopes.length]!;
    const isInChart = scope.node.scopes.some((s) => Chart.isChart(s));
    const kind = !isInChart && !['chart', 'construct'].includes(each.kind) ? 'chart' : each.kind;
    if (ApiObject.isApiObject(scope) && kind === 'chart') scope = Chart.of(scope);
    const id = scope.node.tryFindChild(each.id) === undefined ? each.id : `${each.id}-${i}`;
    made.push(construct(scope, id, kind, each));
  });
  for (const [a, b] of dependencies) {
    const [source, target] = [a % made.length, b % made.length].sort((x, y) => (forwardOnly ? y - x : 0)) as [
      number,
      number,
    ];
    const ends = [made[source]!, made[target]!];
    if (source !== target && ends.every((end) => end.node.scopes.some((s) => Chart.isChart(s)))) {
      ends[0]!.node.addDependency(ends[1]!);
    }
  }
}

function construct(scope: Construct, id: string, kind: NodeSpec['kind'], { labels, body }: NodeSpec): Construct {
  const manifest = { apiVersion: 'example.org/v1', kind: 'Thing', metadata: { labels }, ...body };
  switch (kind) {
    case 'chart':
      return new Chart(scope, id, { namespace: labels.app ? 'team' : undefined, labels });
    case 'construct':
      return new Construct(scope, id);
    case 'object':
      return new ApiObject(scope, id, manifest);
    case 'plus':
      return new ConfigMap(scope, id, { data: { script: 'set -eu\necho hi\n', key: 'yes' } });
    case 'patched': {
      const object = new ApiObject(scope, id, manifest);
      object.addJsonPatch(JsonPatch.add('/extra', { z: 1, a: [body] }));
      return object;
    }
    case 'lazy':
      return new ApiObject(scope, id, { ...manifest, spec: Lazy.any({ produce: () => body }) as unknown });
    case 'token':
      return new ApiObject(scope, id, {
        ...manifest,
        spec: { size: k8s.Quantity.fromString('1Gi'), at: { resolve: () => 'x' } },
      });
  }
}

/** What an app of cdk8s and a FleetApp make of a spec: their files, or that they refuse it. */
function outcome(
  make: (props: AppProps) => App,
  what: Spec | ((app: App) => void),
  yamlOutputType: YamlOutputType,
): unknown {
  const outdir = path.join(tempFolder(), 'dist');
  const app = make({ outdir, yamlOutputType });
  if (typeof what === 'function') what(app);
  else build(app, what);
  try {
    app.synth();
  } catch (error) {
    return `refused: ${/cycle|lead back/.test(String(error)) ? 'cycle' : String(error)}`;
  }
  return Object.fromEntries(
    Object.entries(filesIn(outdir)).map(([name, content]) => [name.replace(/^[0-9]{4}-/, ''), content]),
  );
}

const cdk8s = (props: AppProps): App => new App(props);
const fleet = (props: AppProps): App => new FleetApp(props);

describe('a FleetApp writes what cdk8s writes', () => {
  it.each([
    ['a file per chart', YamlOutputType.FILE_PER_CHART],
    ['one file', YamlOutputType.FILE_PER_APP],
    ['a folder per chart', YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE],
  ])('for any charts, objects and dependencies, as %s', (_, type) => {
    fc.assert(
      fc.property(spec, (each) => {
        expect(outcome(fleet, each, type)).toEqual(outcome(cdk8s, each, type));
        removeTempFolders();
      }),
      { numRuns: runs(150) },
    );
  });

  it('as a file per resource, when their names differ', () => {
    const charts = (app: App): void => {
      const chart = new Chart(app, 'a');
      new ConfigMap(chart, 'one', { data: { a: 'b' } });
      new Deployment(chart, 'web', { containers: [{ image: 'nginx' }] });
    };
    const type = YamlOutputType.FILE_PER_RESOURCE;
    expect(outcome(fleet, charts, type)).toEqual(outcome(cdk8s, charts, type));
  });

  it('as one text', () => {
    fc.assert(
      fc.property(spec, (each) => {
        const [ours, theirs] = [new FleetApp(), new App()];
        build(ours, { ...each, dependencies: [] });
        build(theirs, { ...each, dependencies: [] });
        let expected: string | undefined;
        try {
          expected = theirs.synthYaml();
        } catch {
          expect(() => ours.synthYaml()).toThrow();
          return;
        }
        expect(ours.synthYaml()).toBe(expected);
      }),
      { numRuns: runs(100) },
    );
  });

  it('with construct metadata', () => {
    const charts = (app: App): void => {
      new ConfigMap(new Chart(app, 'a'), 'one');
    };
    const type = YamlOutputType.FILE_PER_CHART;
    const recorded = outcome((props) => new App({ ...props, recordConstructMetadata: true }), charts, type);
    expect(recorded).toHaveProperty(['construct-metadata.json']);
    expect(outcome((props) => new FleetApp({ ...props, recordConstructMetadata: true }), charts, type)).toEqual(
      recorded,
    );
  });

  it('with unsorted keys when CDK8S_DISABLE_SORT asks for them, and with resolvers of the user', () => {
    const charts = (app: App): void => {
      new ApiObject(new Chart(app, 'a'), 'x', { apiVersion: 'v1', kind: 'X', spec: { b: 'one', a: 'two' } });
    };
    const type = YamlOutputType.FILE_PER_CHART;
    const shout = {
      resolve: (context: { value: unknown; replaceValue(v: unknown): void }) => {
        if (context.value === 'one') context.replaceValue('ONE');
      },
    };
    expect(outcome((p) => new FleetApp({ ...p, resolvers: [shout] }), charts, type)).toEqual(
      outcome((p) => new App({ ...p, resolvers: [shout] }), charts, type),
    );
    process.env.CDK8S_DISABLE_SORT = '1';
    try {
      const unsorted = outcome(fleet, charts, type);
      expect(unsorted).toEqual(outcome(cdk8s, charts, type));
      expect(Object.values(unsorted as object)[0]).toMatch(/b: one\n {2}a: two/);
    } finally {
      delete process.env.CDK8S_DISABLE_SORT;
    }
  });

  it('lists its charts in the same order', () => {
    const paths = (app: App): string[] => {
      const charts = ['c', 'b', 'a'].map((id) => new Chart(app, id));
      charts[0]!.addDependency(charts[2]!);
      return app.charts.map((chart: IConstruct) => chart.node.path);
    };
    expect(paths(new FleetApp())).toEqual(paths(new App()));
  });
});
