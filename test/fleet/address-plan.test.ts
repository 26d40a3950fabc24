import { Chart } from 'cdk8s';
import fc from 'fast-check';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type AddressPlanProps, Fleet, FleetApp, type Site, type SiteProps } from '../../lib';
import { networkInterval, overlaps } from '../../lib/fleet/addresses/address-pool';
import { problemsOf } from '../support/refusals';
import { asInAnotherProcess, removeTempFolders, tempFolder } from './support';

let folder: string;
let lockFile: string;
beforeEach(() => {
  folder = tempFolder();
  lockFile = path.join(folder, 'fleet.lock.json');
});
afterEach(removeTempFolders);

const POOLS = {
  pods: { network: '10.0.0.0/16', sitePrefix: 20 },
  services: { network: '10.1.0.0/20', sitePrefix: 24 },
  nodePorts: { from: 30000, to: 30399, perSite: 100 },
} as const;

type Plan = Partial<AddressPlanProps>;

function plan(sites: (string | SiteProps)[], props: Plan = POOLS): readonly Site[] | string[] {
  const app = new FleetApp({ outdir: path.join(folder, 'dist') });
  try {
    const fleet = new Fleet(app, 'sites', {
      sites: sites.map((site) => (typeof site === 'string' ? { name: site } : site)),
      addressPlan: { lockFile, ...props },
      build: (scope) => new Chart(scope, 'c'),
    });
    asInAnotherProcess(() => {
      app.synth();
    });
    return fleet.sites;
  } catch (error) {
    return problemsOf(error).map((line) => line.replaceAll(lockFile, 'LOCK'));
  }
}

function ranges(sites: readonly Site[] | string[]): unknown {
  return Object.fromEntries(
    (sites as readonly Site[]).map(({ name, podCidr, serviceCidr, nodePorts }) => [
      name,
      `${podCidr ?? '-'} ${serviceCidr ?? '-'} ${nodePorts === undefined ? '-' : `${nodePorts.from}-${nodePorts.to}`}`,
    ]),
  );
}

describe('the address plan', () => {
  it('allots by name and remembers it in a file of one line a site', () => {
    expect(ranges(plan(['rome', 'berlin']))).toEqual({
      berlin: '10.0.0.0/20 10.1.0.0/24 30000-30099',
      rome: '10.0.16.0/20 10.1.1.0/24 30100-30199',
    });
    expect(fs.readFileSync(lockFile, 'utf8')).toBe(`{
  "version": 1,
  "sites": {
    "berlin": { "pods": "10.0.0.0/20", "services": "10.1.0.0/24", "nodePorts": "30000-30099" },
    "rome": { "pods": "10.0.16.0/20", "services": "10.1.1.0/24", "nodePorts": "30100-30199" }
  },
  "retired": {}
}
`);
  });

  it('never changes a range, whatever sites come and go', () => {
    const names = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'), { minLength: 1, maxLength: 8 })
      .map((list) => [...new Set(list)]);
    fc.assert(
      fc.property(fc.array(names, { minLength: 1, maxLength: 6 }), (runs) => {
        fs.rmSync(lockFile, { force: true });
        const ever = new Map<string, unknown>();
        for (const run of runs) {
          const got = ranges(plan(run, { pods: POOLS.pods })) as Record<string, string>;
          for (const [name, range] of Object.entries(got)) {
            expect([name, ever.get(name) ?? range]).toEqual([name, range]);
            ever.set(name, range);
          }
        }
        const all = [...ever].map(([owner, text]) => ({ owner, ...networkInterval(String(text).split(' ')[0]!)! }));
        expect(overlaps(all)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('allots nothing that touches reserved networks or ranges that sites have in any case', () => {
    const fixed: SiteProps = { name: 'fixed', ranges: { pods: '10.0.0.0/21', services: '172.16.0.0/24' } };
    expect(ranges(plan(['a', fixed, 'b'], { pods: POOLS.pods, reserved: ['10.0.16.0/22', '10.1.0.0/16'] }))).toEqual({
      a: '10.0.32.0/20 - -',
      b: '10.0.48.0/20 - -',
      fixed: '10.0.0.0/21 172.16.0.0/24 -',
    });
  });

  it('does without a file and without pools: sites have what they declare', () => {
    const app = new FleetApp({ outdir: path.join(folder, 'dist') });
    const build = (): void => undefined;
    const { sites } = new Fleet(app, 'sites', {
      sites: [{ name: 'a', ranges: { pods: '10.9.0.0/16', nodePorts: '31000-31009' } }],
      build,
    });
    expect(ranges(sites)).toEqual({ a: '10.9.0.0/16 - 31000-31009' });
  });

  it('writes nothing when something is wrong, and nothing at all when frozen', () => {
    expect(plan(['a', 'A'])).toHaveLength(1);
    expect(fs.existsSync(lockFile)).toBe(false);
    plan(['a']);
    const before = fs.readFileSync(lockFile, 'utf8');
    expect(ranges(plan(['a'], { ...POOLS, frozen: true }))).toEqual({ a: '10.0.0.0/20 10.1.0.0/24 30000-30099' });
    expect(plan(['a', 'b'], { pods: POOLS.pods, frozen: true })).toEqual([
      'site b pods: given a site that does not have one yet; allowed: sites with a line in LOCK, because the plan is frozen. Run once without frozen, and commit the lock file.',
    ]);
    expect(fs.readFileSync(lockFile, 'utf8')).toBe(before);
  });

  it('knows a site that came back by what it had, whether its lines are in one place or in two', () => {
    const lines = { a: { pods: '10.0.48.0/20' }, b: { pods: '10.0.32.0/20', services: '10.1.5.0/24' } };
    const retired = { a: { services: '10.1.7.0/24', pods: '10.0.48.0/20' } };
    fs.writeFileSync(
      lockFile,
      JSON.stringify({ version: 1, sites: lines, retired: { a: { services: '10.1.7.0/24' } } }),
    );
    const pools = { pods: POOLS.pods, services: POOLS.services };
    const got = { a: '10.0.48.0/20 10.1.7.0/24 -', b: '10.0.32.0/20 10.1.5.0/24 -' };
    expect(ranges(plan(['a', 'b'], pools))).toEqual(got);
    expect(JSON.parse(fs.readFileSync(lockFile, 'utf8'))).toMatchObject({ retired: {} });
    // As retired lines alone, they are what the sites get back.
    fs.writeFileSync(lockFile, JSON.stringify({ version: 1, sites: {}, retired: { a: retired.a, b: lines.b } }));
    expect(ranges(plan(['a', 'b'], pools))).toEqual(got);
  });

  it('takes sites in thousands', () => {
    const { sites } = new Fleet(new FleetApp(), 'sites', {
      sites: Array.from({ length: 5000 }, (_, i) => ({ name: `s${i}` })),
      addressPlan: { lockFile, pods: { network: '10.0.0.0/9', sitePrefix: 22 } },
      build: () => undefined,
    });
    const taken = sites.map(({ name, podCidr }) => ({ owner: name, ...networkInterval(podCidr!)! }));
    expect(taken).toHaveLength(5000);
    expect(overlaps(taken)).toEqual([]);
  });
});

describe('the address plan refuses', () => {
  const lock = (sites: object, retired: object = {}): void => {
    fs.writeFileSync(lockFile, JSON.stringify({ version: 1, sites, retired }));
  };
  const ONCE = 'allowed: each site once, with one range of each kind. Remove the one that the site does not use.';
  const CLASH =
    'Change one of the two; if both are in the lock file, remove the line of the site that is not set up yet.';

  it.each<[string, () => void, (string | SiteProps)[], Plan, string[]]>([
    [
      'more sites than a pool has pieces, retired ones included',
      () => {
        lock({}, { gone: { pods: '10.0.0.0/22' } });
      },
      ['a', 'b'],
      { pods: { network: '10.0.0.0/21', sitePrefix: 22 } },
      [
        'site b pods: given a site that does not have one yet; allowed: as many sites as there are blocks in the pool: 10.0.0.0/21 in blocks of /22. Widen the pool, or remove lines of retired sites from LOCK.',
      ],
    ],
    [
      'no sites at all, where the lock has some',
      () => {
        lock({ a: { pods: '10.0.0.0/20' }, b: { pods: '10.0.16.0/20' } });
      },
      [],
      { pods: POOLS.pods },
      [
        'sites: given none; allowed: at least one of the 2 sites in LOCK. Check sites and files. If all sites are gone for good, remove their lines.',
      ],
    ],
    [
      'two lines with one range, as a merge of two branches leaves them',
      () => {
        lock({ a: { pods: '10.0.0.0/20' }, b: { pods: '10.0.0.0/20' } });
      },
      ['a', 'b'],
      { pods: POOLS.pods },
      [`site b pods: given 10.0.0.0/20; allowed: a range that no other site has; site a has 10.0.0.0/20. ${CLASH}`],
    ],
    [
      'two lines of one site, as a merge of two branches leaves them, among the retired ones too',
      () => {
        fs.writeFileSync(
          lockFile,
          '{\n  "version": 1,\n  "sites": {\n    "ulm": { "pods": "10.0.0.0/20" },\n    "u\\u006cm": { "pods": "10.0.16.0/20" }\n  },\n' +
            '  "retired": { "b": { "pods": "10.0.32.0/20", "pods": "10.0.48.0/20" }, "c": {}, "c": { "pods": "10.0.64.0/20" } }\n}\n',
        );
      },
      ['ulm'],
      { pods: POOLS.pods },
      [
        `addressPlan.lockFile LOCK retired.b.pods: given two values: "10.0.32.0/20" and "10.0.48.0/20"; ${ONCE}`,
        `addressPlan.lockFile LOCK retired.c: given two values: {} and { "pods": "10.0.64.0/20" }; ${ONCE}`,
        `addressPlan.lockFile LOCK sites.ulm: given two values: { "pods": "10.0.0.0/20" } and { "pods": "10.0.16.0/20" }; ${ONCE}`,
      ],
    ],
    [
      'the sites of two branches, one block after the other',
      () => {
        fs.writeFileSync(lockFile, '{"version": 1, "sites": {"a": {}}, "sites": {"b": {}}}');
      },
      ['a'],
      { pods: POOLS.pods },
      [`addressPlan.lockFile LOCK sites: given two values: {"a": {}} and {"b": {}}; ${ONCE}`],
    ],
    [
      'a site that is retired with another range than it has',
      () => {
        lock({ a: { pods: '10.0.0.0/20' } }, { a: { pods: '10.0.16.0/20' } });
      },
      ['a'],
      { pods: POOLS.pods },
      [
        `addressPlan.lockFile LOCK sites.a: given two values: pods 10.0.0.0/20 and pods 10.0.16.0/20 under retired; ${ONCE}`,
      ],
    ],
    [
      'a retired line that cannot be read, so that nobody could tell what must not be given away',
      () => {
        lock({ a: { pods: '10.0.0.0/20' } }, { gone: { pods: '10.0.16.O/20' } });
      },
      ['a'],
      { pods: POOLS.pods },
      ["retired site gone in LOCK pods: given '10.0.16.O/20'; allowed: a range. Correct it, or remove the line."],
    ],
    [
      'ranges of sites that overlap each other and a reserved network',
      () => undefined,
      [
        { name: 'a', ranges: { pods: '10.8.0.0/16' } },
        { name: 'b', ranges: { pods: '10.8.4.0/22', services: '10.9.0.0/24', nodePorts: '30000-30010' } },
        { name: 'c', ranges: { nodePorts: '30010-30020' } },
      ],
      { reserved: ['10.9.0.0/16'] },
      [
        `site b pods: given 10.8.4.0/22; allowed: a range that no other site has; site a has 10.8.0.0/16. ${CLASH}`,
        `site b services: given 10.9.0.0/24; allowed: a range that no other site has; the reserved network 10.9.0.0/16 has 10.9.0.0/16. ${CLASH}`,
        `site c nodePorts: given 30010-30020; allowed: a range that no other site has; site b has 30000-30010. ${CLASH}`,
      ],
    ],
    [
      'a range outside the pool, because the pool was changed',
      () => {
        lock({ a: { pods: '10.7.0.0/20' } });
      },
      ['a'],
      { pods: POOLS.pods },
      [
        "site a pods: given '10.7.0.0/20'; allowed: a block of the pool: 10.0.0.0/16 in blocks of /20. Widen the pool again, or remove the site's line from LOCK to allocate new ranges: the site must then be set up again.",
      ],
    ],
    [
      'a lock with the marks of a Git conflict',
      () => {
        fs.writeFileSync(lockFile, '{\n<<<<<<< HEAD\n');
      },
      ['a'],
      POOLS,
      [
        expect.stringMatching(
          /^addressPlan\.lockFile LOCK: given text that is not JSON.*; allowed: the file as it was written; Git conflict markers must be resolved\. Restore/,
        ) as never,
      ],
    ],
    [
      'a lock of another version',
      () => {
        fs.writeFileSync(lockFile, '{"version": 2}');
      },
      ['a'],
      POOLS,
      [
        'addressPlan.lockFile LOCK: given an object with version; allowed: a lock file of version 1. Restore the file from Git; without it all sites would get new addresses.',
      ],
    ],
    [
      'a lock with something else in it',
      () => {
        lock({ a: { pods: 7 } });
      },
      ['a'],
      POOLS,
      [
        'addressPlan.lockFile LOCK: given an object with version, sites, retired; allowed: ranges by site, as they were written. Restore the file from Git; without it all sites would get new addresses.',
      ],
    ],
    [
      'pieces that are larger than their pool',
      () => undefined,
      [],
      { pods: { network: '10.0.0.0/20', sitePrefix: 16 }, nodePorts: { from: 30000, to: 30010, perSite: 100 } },
      [
        'addressPlan.pods.sitePrefix: given 16; allowed: 20 or more: 10.0.0.0/20 has no larger blocks. Use a wider network, or smaller blocks.',
        "addressPlan.nodePorts: given '30000 to 30010'; allowed: at least 100 ports, which one site gets. Widen the range.",
      ],
    ],
    [
      'ports the wrong way round, and an IPv6 pool',
      () => undefined,
      [{ name: 'a', ranges: { nodePorts: '30010-30000' } }],
      { pods: { network: 'fd00::/48', sitePrefix: 22 } },
      [
        "addressPlan.pods.network: given 'fd00::/48'; allowed: an IPv4 network in CIDR notation with a prefix from /1 to /32. Choose a network of this size.",
        "sites[0].ranges.nodePorts: given '30010-30000'; allowed: ports from 1 to 65535, the lower one first. Write it like 30000-30099.",
      ],
    ],
  ])('%s', (_, prepare, sites, props, lines) => {
    prepare();
    expect(plan(sites, props)).toEqual(lines);
  });
});
