import { ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { DependencyOrder } from '../../lib/render/dependency-order';
import { FleetApp } from '../../lib/fleet/fleet-app';

const objects = (scope: Construct, count: number, prefix = 'o'): ApiObject[] =>
  Array.from({ length: count }, (_, i) => new ApiObject(scope, `${prefix}${i}`, { apiVersion: 'v1', kind: 'X' }));
const names = (list: readonly Construct[]): string[] => list.map((each) => each.node.id);

describe('the order of objects and charts', () => {
  it('follows a chain of 20,000 objects without running out of stack', () => {
    const app = new FleetApp();
    const chart = new Chart(app, 'a');
    const chain = objects(chart, 20_000);
    for (let i = 0; i + 1 < chain.length; i++) chain[i]!.addDependency(chain[i + 1]!);
    expect(names(new DependencyOrder(app).objectsOf(chart))).toEqual(names(chain).reverse());
  });

  it('takes charts of thousands of objects that depend on each other, layer on layer', () => {
    const app = new FleetApp();
    const layers = Array.from({ length: 30 }, (_, i) => new Chart(app, `layer${i}`));
    for (const layer of layers) objects(layer, 300);
    for (let i = 1; i < layers.length; i++) for (let j = 0; j < i; j++) layers[j]!.addDependency(layers[i]!);
    // cdk8s would make 39 million edges of these 435 dependencies, and follow every path.
    expect(names(new DependencyOrder(app).charts())).toEqual(names(layers).reverse());
  });

  it('takes a ladder of diamonds, which has a billion paths', () => {
    const app = new FleetApp();
    const chart = new Chart(app, 'a');
    const [left, right] = [objects(chart, 30, 'l'), objects(chart, 30, 'r')];
    for (let i = 0; i + 1 < 30; i++) {
      for (const from of [left[i]!, right[i]!]) from.addDependency(left[i + 1]!, right[i + 1]!);
    }
    const order = names(new DependencyOrder(app).objectsOf(chart));
    expect(order.slice(0, 4)).toEqual(['l29', 'r29', 'l28', 'r28']);
    expect(order).toHaveLength(60);
  });

  it('tells a cycle by its path', () => {
    const app = new FleetApp();
    const [a, b, c] = objects(new Chart(app, 'chart'), 3) as [ApiObject, ApiObject, ApiObject];
    a.addDependency(b);
    b.addDependency(c);
    c.addDependency(a);
    expect(() => {
      app.synth();
    }).toThrow(
      "Construct 'chart/o0' has 1 problem:\n  - dependencies: given chart/o0 => chart/o1 => chart/o2 => chart/o0; allowed: dependencies without cycles. Remove one of them.",
    );
  });

  it('finds a cycle between charts through composite constructs, as cdk8s does', () => {
    const build = (app: App): App => {
      const [one, two] = [new Chart(app, 'one'), new Chart(app, 'two')];
      const [a, b] = [new Construct(one, 'a'), new Construct(two, 'b')];
      objects(a, 2);
      objects(b, 2);
      a.node.addDependency(two);
      b.node.addDependency(one);
      return app;
    };
    expect(() => build(new App()).charts).not.toThrow();
    expect(() => {
      build(new App()).synthYaml();
    }).toThrow('cycle');
    expect(() => build(new FleetApp()).synthYaml()).toThrow('dependencies without cycles');
  });

  it.each([
    [
      'itself, which would make cdk8s drop it',
      (a: ApiObject): [Construct, Construct] => [a, a],
      "given 'chart/o0'; allowed: other constructs. Remove the dependency on itself.",
    ],
    [
      'a construct of another app',
      (a: ApiObject): [Construct, Construct] => [a, new Chart(new App(), 'far')],
      "given 'far'; allowed: constructs of the same app. Remove this dependency.",
    ],
    [
      'a construct outside all charts',
      (a: ApiObject): [Construct, Construct] => [a, new Construct(App.of(a), 'loose')],
      "given 'loose'; allowed: constructs inside charts. Move 'loose' into a chart.",
    ],
  ])('refuses a dependency on %s', (_, ends, message) => {
    const app = new FleetApp();
    const [source, target] = ends(objects(new Chart(app, 'chart'), 1)[0]!);
    source.node.addDependency(target);
    expect(() => new DependencyOrder(app)).toThrow(`Construct 'chart/o0' has 1 problem:\n  - dependencies: ${message}`);
  });

  it('asks every validation once, and all of them', () => {
    const app = new FleetApp();
    let calls = 0;
    for (let i = 0; i < 20; i++) {
      new Chart(app, `c${i}`).node.addValidation({
        validate: () => {
          calls++;
          return i < 2 ? [`bad ${i}`] : [];
        },
      });
    }
    expect(() => {
      app.synth();
    }).toThrow('Validation failed with the following errors:\n  [c0] bad 0\n  [c1] bad 1');
    expect(calls).toBe(20);
  });
});
