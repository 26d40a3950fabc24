import { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Fleet, FleetApp, type FleetProps, type Site } from '../../lib';
import { problemsOf } from '../support/refusals';
import { asInAnotherProcess, filesIn, removeTempFolders, tempFolder } from './support';

afterEach(removeTempFolders);

const KEPT: unknown = {
  'sites/berlin/cloud.k8s.yaml': expect.any(String) as unknown,
  'sites/ulm/cloud.k8s.yaml': expect.any(String) as unknown,
};

function build(scope: Construct, site: Site): void {
  new ApiObject(new Chart(scope, 'cloud'), 'x', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: site.name } });
}

const SITES = [{ name: 'berlin' }, { name: 'ulm' }];

let outdir: string;
let reportFile: string;
beforeEach(() => {
  outdir = path.join(tempFolder(), 'dist');
  reportFile = path.join(path.dirname(outdir), 'report.json');
  run({ sites: SITES, build });
});

/** A run in another process; what it throws as lines. */
function run(props: FleetProps, more?: (app: FleetApp) => void): string[] {
  const app = new FleetApp({ outdir });
  try {
    new Fleet(app, 'sites', { reportFile, ...props });
    more?.(app);
    asInAnotherProcess(() => {
      app.synth();
    });
  } catch (error) {
    return problemsOf(error);
  }
  return [];
}

describe('a run in which build makes nothing', () => {
  const REMOVE_ASYNC = "Remove async from it: await what it needs before 'new Fleet', and give it to sites as values.";
  const HAS_MADE = 'allowed: a function that has created all charts when it returns.';

  it.each<[string, unknown, string]>([
    [
      'an async function',
      async (scope: Construct, site: Site) => {
        await Promise.resolve();
        build(scope, site);
      },
      `build: given a function that returns a promise; ${HAS_MADE} ${REMOVE_ASYNC}`,
    ],
    [
      'an async function that fails later',
      async () => {
        await Promise.resolve();
        throw new Error('nobody waits for this');
      },
      `build: given a function that returns a promise; ${HAS_MADE} ${REMOVE_ASYNC}`,
    ],
    [
      'a function that returns what an async one gave, which has made its charts already',
      // eslint-disable-next-line @typescript-eslint/require-await
      async (scope: Construct, site: Site) => {
        build(scope, site);
      },
      `build: given a function that returns a promise; ${HAS_MADE} ${REMOVE_ASYNC}`,
    ],
    [
      'something else that can be awaited',
      () => ({
        then: (done: () => void) => {
          done();
        },
      }),
      `build: given a function that returns a promise; ${HAS_MADE} ${REMOVE_ASYNC}`,
    ],
    [
      'a generator',
      function* (scope: Construct, site: Site) {
        yield site.name;
        build(scope, site);
      },
      `build: given a function that returns a generator; ${HAS_MADE} Let it create the charts itself.`,
    ],
    [
      'a function that makes one',
      () => build,
      `build: given a function that returns a function; ${HAS_MADE} Let it create the charts itself.`,
    ],
  ])('%s: is refused once, and all files stay', async (_, wrong, line) => {
    expect(run({ sites: SITES, build: wrong as FleetProps['build'] })).toEqual([line]);
    expect(filesIn(outdir)).toEqual(KEPT);
    expect((JSON.parse(fs.readFileSync(reportFile, 'utf8')) as { problems: unknown[] }).problems).toHaveLength(1);
    // A rejection that nobody handled would end the process.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('may return whatever it made', () => {
    expect(run({ sites: SITES, build: (scope, site) => (build(scope, site), new Chart(scope, 'more')) })).toEqual([]);
    expect(Object.keys(filesIn(outdir))).toHaveLength(4);
  });
});

describe('a run that would delete the files of all sites', () => {
  const lost = (what: string): string =>
    `allowed: at least one ${what}: 2 files of earlier runs would be deleted, including sites/berlin/cloud.k8s.yaml.`;
  const gone = (): string =>
    `If that is intended, remove this Fleet from the program, delete ${path.join(outdir, 'sites')} and run again.`;
  const NOTHING = '; otherwise there is nothing to write.';
  const GONE = 'If that is intended, remove this Fleet from the program and run again.';
  const ADD = 'Add a site, or correct the filter or pattern that should match some.';
  const MAKE = 'Make charts in build.';
  const emptied = (): string => path.join(path.dirname(outdir), 'sites.csv');

  const RUNS: readonly (readonly [string, () => FleetProps, given: () => string, what: string, remedy: string])[] = [
    ['no sites', () => ({ sites: [], build }), () => 'no sites', 'site', ADD],
    [
      'a file of sites that has none',
      () => {
        fs.writeFileSync(emptied(), 'name,region\n');
        return { files: [emptied()], build };
      },
      () => `no sites in the program or in ${emptied()}`,
      'site',
      ADD,
    ],
    [
      'a build that finds nothing to do',
      () => ({ sites: SITES, build: () => undefined }),
      () => '2 sites without any chart',
      'chart of one site',
      MAKE,
    ],
  ];
  const more = (app: FleetApp): void => {
    new Chart(app, 'other');
  };

  it.each(RUNS)('%s: is refused, also beside charts that are no sites', (_, props, given, what, remedy) => {
    for (const beside of [undefined, more]) {
      expect(run(props(), beside)).toEqual([`sites: given ${given()}; ${lost(what)} ${remedy} ${gone()}`]);
      expect(filesIn(outdir)).toEqual(KEPT);
    }
  });

  it.each(RUNS)('%s: is refused on a first run, on which nothing is lost by it', (_, props, given, what, remedy) => {
    outdir = path.join(tempFolder(), 'dist');
    for (const beside of [undefined, more]) {
      expect(run(props(), beside)).toEqual([
        `sites: given ${given()}; allowed: at least one ${what}${NOTHING} ${remedy} ${GONE}`,
      ]);
      expect(fs.existsSync(outdir)).toBe(false);
    }
  });

  it('is possible when somebody has deleted them, and the fleet is gone from the program', () => {
    fs.rmSync(path.join(outdir, 'sites'), { recursive: true });
    asInAnotherProcess(() => {
      new FleetApp({ outdir }).synth();
    });
    expect(filesIn(outdir)).toEqual({});
    expect(run({ sites: SITES, build })).toEqual([]);
    expect(filesIn(outdir)).toEqual(KEPT);
  });

  it('is no run that renders one site', () => {
    expect(run({ sites: [{ name: 'ulm' }], build })).toEqual([]);
    expect(Object.keys(filesIn(outdir))).toEqual(['sites/ulm/cloud.k8s.yaml']);
  });

  it('is refused for an app without a fleet as well', () => {
    expect(() => {
      asInAnotherProcess(() => {
        new FleetApp({ outdir }).synth();
      });
    }).toThrow(
      `Nothing was rendered, and 2 files of earlier runs would be deleted from ${outdir}, including sites/berlin/cloud.k8s.yaml. If that is intended, delete them yourself and run again.`,
    );
    expect(filesIn(outdir)).toEqual(KEPT);
  });
});

it('a list of files that is empty, as of a pattern that matched none, is refused', () => {
  expect(run({ files: [], build })).toEqual([
    'files: given []; allowed: a list of at least 1. A pattern that matched no file? Leave files out if there are none.',
  ]);
  expect(filesIn(outdir)).toEqual(KEPT);
});

it('a validation that is async is told as one that says nothing', () => {
  const validate = (async () => Promise.resolve([])) as unknown as () => string[];
  const lines = run({
    sites: SITES,
    build: (scope, site) => {
      build(scope, site);
      scope.node.addValidation({ validate });
    },
  });
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(
    /^sites\/berlin: .* a validation returned an object of class Promise, not a list of strings$/,
  );
  expect(filesIn(outdir)).toEqual(KEPT);
});
