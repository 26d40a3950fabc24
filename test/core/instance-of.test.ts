import { App, Chart } from 'cdk8s';
import type * as library from '../../lib';
import { problemLines } from '../support/refusals';

/** The library, loaded once more, as by a package that brings its own copy. */
function secondCopy(): typeof library {
  let copy: typeof library | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual<typeof library>('../../lib');
  });
  // As bundlers shorten them.
  for (const kind of [copy!.NodeUnit, copy!.Seed, copy!.FleetApp]) Object.defineProperty(kind, 'name', { value: 'a' });
  return copy!;
}

test.each<[string, (chart: Chart, here: typeof library, there: typeof library) => unknown]>([
  [
    'NodeUnit',
    (chart, here, there) => {
      const nodeUnit = new there.NodeUnit(chart, 'u', { nodes: ['a'], autonomyLevel: there.AutonomyLevel.L4 });
      return new here.KinsCluster(chart, 'k', { nodeUnit });
    },
  ],
  [
    'Seed',
    (chart, here, there) =>
      new here.EdgeDatacenter(chart, 'd', { seed: new there.Seed(chart, 's'), country: 'DE', location: 'HH' }),
  ],
  ['FleetApp', (_, here, there) => new here.Fleet(new there.FleetApp(), 'f', { build: () => undefined })],
])('a %s of a second copy of the library is called that, and not what is allowed', (name, declare) => {
  const chart = new Chart(new App(), 'c');
  const lines = problemLines(() => declare(chart, jest.requireActual('../../lib'), secondCopy()));
  expect(lines).toEqual([
    expect.stringMatching(
      new RegExp(
        `given a ${name} from another copy of edge-constructs; .* Install the library once: 'npm ls edge-constructs'`,
      ),
    ),
  ]);
});
