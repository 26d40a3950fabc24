import { ApiObject, App, Chart, YamlOutputType } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  AutonomyLevel,
  EdgeDatacenter,
  Fleet,
  FleetApp,
  type FleetProps,
  KinsCluster,
  NodeUnit,
  Seed,
  type Site,
} from '../../lib';
import { build, fleetApp, problemLines, site } from './sites';
import { removeTempFolders } from './support';

afterEach(removeTempFolders);

describe('a fleet refuses', () => {
  const chartOf = (scope: Construct): Chart => new Chart(scope, 'c');
  const thing = (scope: Construct, name: string, more: object = {}): ApiObject =>
    new ApiObject(chartOf(scope), 'x', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'ns' },
      ...more,
    });
  const service =
    (port: number) =>
    (scope: Construct, { name }: Site) =>
      thing(scope, name, { kind: 'Service', spec: { ports: [{ port: 80, nodePort: port }] } });

  const rows: [string, Partial<FleetProps> & Record<string, unknown>, string[]][] = [
    [
      'no build',
      { build: undefined },
      ['build: given nothing; allowed: a function (scope, site). Pass a function that creates charts.'],
    ],
    [
      'a misspelt prop',
      { file: ['a.yaml'] },
      [
        'file: given a list of 1; allowed: only build, files, skipUnchanged, addressPlan, kustomize, argoCd, flux, reportFile, defaults, templates, regions, rings, sites. There is no such prop. Did you mean files?',
      ],
    ],
    [
      'a site with a name that only looks like another',
      { sites: [{ name: 'b\u0435rlin' }] },
      [
        "sites[0].name: given 'b\\u{435}rlin'; allowed: lower-case letters a-z, digits and hyphens, with a letter or digit at both ends (a DNS label). Rename it.",
      ],
    ],
    [
      'two sites of one name',
      { sites: [site('berlin'), site('paris'), { name: 'berlin' }] },
      ["sites[2].name: given 'berlin'; allowed: each site once; sites[0] has this name. Rename one of the two."],
    ],
    [
      'a template, a region and a ring that nothing declares',
      {
        sites: [{ name: 'a', template: 'shop', region: 'eu', ring: 'x' }],
        regions: { us: {} },
        rings: { y: {}, z: {} },
      },
      [
        "sites[0].region: given 'eu'; allowed: one of us. Declare it under regions, or name another.",
        "sites[0].ring: given 'x'; allowed: one of y, z. Declare it under rings, or name another.",
        "sites[0].template: given 'shop'; allowed: a name under templates; none is declared there. Declare it under templates, or name another.",
      ],
    ],
    [
      'a node name in two sites of one cluster',
      {
        sites: [
          { name: 'a', nodes: [{ name: 'n1' }] },
          { name: 'b', nodes: [{ name: 'n0' }, { name: 'n1' }] },
        ],
      },
      [
        "site b.nodes[1].name: given 'n1'; allowed: names that no other node of cluster 'cloud-cluster' has; 'site a.nodes[0].name' has it. Rename one of the two devices: host names are node names.",
      ],
    ],
    [
      'an address twice in a network',
      {
        sites: [
          { name: 'a', network: 'wan', nodes: [{ name: 'n1', address: '10.1.0.1' }] },
          { name: 'b', network: 'wan', nodes: [{ name: 'n2', address: '10.1.0.1' }] },
        ],
      },
      [
        "site b.nodes[0].address: given '10.1.0.1'; allowed: addresses that no other node of network 'wan' has; 'site a.nodes[0].address' has it. Correct one of the two, or give the sites different networks if they are not connected.",
      ],
    ],
    [
      'values that JSON cannot hold, and wrong nodes',
      { sites: [{ name: 'a', values: { when: new Date(0) }, nodes: [{ name: 'N' }] }] },
      [
        "sites[0].nodes[0].name: given 'N'; allowed: lower-case letters a-z, digits, hyphens and dots, with a letter or digit at both ends of every part (a DNS subdomain). Rename it.",
        'sites[0].values.when: given an object of class Date; allowed: strings, numbers, booleans, null, and lists and maps of these. Use such a value.',
      ],
    ],
    [
      'one object from two sites, and one nodePort',
      { sites: [{ name: 'a' }, { name: 'b' }], build: (scope: Construct) => thing(scope, 'same') },
      [
        "sites/b/c/x: given ConfigMap ns/same; allowed: objects that nothing else declares in cluster 'cloud-cluster'; 'sites/a/c/x' does. Rename one of the two, declare it once outside the fleet, or say that they are for different clusters: for sites with 'clusters', for charts with setCluster.",
      ],
    ],
    [
      'one nodePort in two sites',
      { sites: [{ name: 'a' }, { name: 'b' }], build: service(30080) },
      [
        "sites/b/c/x: given nodePort 30080/TCP; allowed: ports that no other Service of cluster 'cloud-cluster' has; 'sites/a/c/x' has it. Change one of the two.",
      ],
    ],
    [
      'an object and a nodePort that lists bring, but no namespace that is the same',
      {
        sites: [{ name: 'a' }, { name: 'b' }],
        build: (scope: Construct, { name }: Site) => {
          const same = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'same', namespace: 'ns' } };
          const port = { kind: 'Service', metadata: { name, namespace: 'ns' }, spec: { ports: [{ nodePort: 30080 }] } };
          const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } };
          const items = [same, { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', ...port }, namespace] }];
          new ApiObject(chartOf(scope), 'x', { apiVersion: 'v1', kind: 'List', metadata: { name }, items });
        },
      },
      [
        "sites/b/c/x: given ConfigMap ns/same; allowed: objects that nothing else declares in cluster 'cloud-cluster'; 'sites/a/c/x' does. Rename one of the two, declare it once outside the fleet, or say that they are for different clusters: for sites with 'clusters', for charts with setCluster.",
        "sites/b/c/x: given nodePort 30080/TCP; allowed: ports that no other Service of cluster 'cloud-cluster' has; 'sites/a/c/x' has it. Change one of the two.",
      ],
    ],
    [
      'a node in two units of two sites',
      {
        sites: [{ name: 'a' }, { name: 'b' }],
        build: (scope: Construct, { name }: Site) => new NodeUnit(chartOf(scope), name, { nodes: ['n1'] }),
      },
      [
        "sites/b/c/b: given node 'n1'; allowed: nodes that are in no other unit of cluster 'cloud-cluster'; 'sites/a/c/a' has it. Remove the node from one of the two: it can run one edge cluster only.",
      ],
    ],
    [
      'a name in the certificates of two edge clusters, but no address that is in two networks',
      {
        sites: [site('a'), site('b'), site('c', { network: 'a' })],
        build: (scope: Construct, { name, nodeNames }: Site) =>
          new KinsCluster(chartOf(scope), name, {
            nodes: nodeNames,
            autonomyLevel: AutonomyLevel.L4,
            tlsSans: name === 'c' ? ['10.0.0.9'] : ['edge.example.org', '10.0.0.9'],
          }),
      },
      [
        "sites/b/c/b: given 'edge.example.org' in the certificate; allowed: names and addresses that lead to no other edge cluster; 'sites/a/c/a' has it. Remove it from one of the two.",
        "sites/c/c/c: given '10.0.0.9' in the certificate; allowed: names and addresses that lead to no other edge cluster; 'sites/a/c/a' has it. Remove it from one of the two.",
      ],
    ],
    [
      'two edge clusters of one name behind one proxy, though in two cloud clusters; proxies inside those are two',
      {
        sites: ['a', 'b'].map((name) => site(name, { clusters: { cloudCluster: `cloud-${name}` } })),
        build: (scope: Construct, { nodeNames }: Site) => {
          const common = { nodes: nodeNames, autonomyLevel: AutonomyLevel.L4 };
          const inside = 'http://tunnel-cloud.edge-system:8080';
          new KinsCluster(chartOf(scope), 'shop', { ...common, tunnelProxyUrl: 'https://tunnel.example.org' });
          new KinsCluster(new Chart(scope, 'd'), 'bar', { ...common, nodes: ['x'], tunnelProxyUrl: inside });
        },
      },
      [
        "sites/b/c/shop: given 'shop-svc-kins.kins-system' behind the tunnel's proxy; allowed: names that no other edge cluster has behind proxy tunnel.example.org; 'sites/a/c/shop' has it. Rename one of the two units, or give their cloud clusters proxies of their own.",
      ],
    ],
    [
      'wrong props of constructs in several sites, all at once and sorted',
      {
        sites: [{ name: 'b' }, { name: 'a' }, { name: 'c' }],
        build: (scope: Construct, { name }: Site) =>
          name === 'c' ? undefined : new NodeUnit(chartOf(scope), 'unit', { nodes: ['BAD'], name }),
      },
      [
        expect.stringMatching(/^sites\/a\/c\/unit nodes\[0\]: given 'BAD'/),
        expect.stringMatching(/^sites\/b\/c\/unit nodes\[0\]: given 'BAD'/),
      ] as never,
    ],
    [
      'what validations of constructs object to, and a cycle',
      {
        sites: [{ name: 'a' }, { name: 'b' }],
        build: (scope: Construct, { name }: Site) => {
          const object = thing(scope, name);
          if (name === 'a') object.node.addValidation({ validate: () => ['too small'] });
          else object.addDependency(object);
        },
      },
      [
        'sites/a/c/x: given a construct that fails a validation; allowed: constructs that pass their validations. too small',
        "sites/b/c/x dependencies: given 'sites/b/c/x'; allowed: other constructs. Remove the dependency on itself.",
      ],
    ],
    [
      'charts whose ids are no file names',
      { sites: [{ name: 'a' }], build: (scope: Construct) => new Chart(scope, 'My Chart') },
      [
        "sites/a/My Chart: given a chart with the id 'My Chart'; allowed: ids that are DNS labels: files are named after them. Rename the chart.",
      ],
    ],
  ];

  it.each(rows)('%s', (_, props, lines) => {
    const given = { sites: [], build: () => undefined, ...props } as unknown as FleetProps;
    expect(problemLines((app) => new Fleet(app, 'sites', given))).toEqual(lines);
  });

  it('two Seeds with one datacenter, wherever they stand', () => {
    const lines = problemLines((app) => {
      const seed = new Seed(new Chart(app, 'm1'), 's1', { name: 'one', country: 'DE' });
      new EdgeDatacenter(new Chart(app, 'd1'), 'same', { seed, country: 'DE', location: 'x' });
      new Fleet(app, 'sites', {
        sites: [{ name: 'a' }],
        build: (scope) => {
          const chart = new Chart(scope, 'm2');
          new EdgeDatacenter(chart, 'same', {
            seed: new Seed(chart, 's2', { name: 'two', country: 'DE' }),
            country: 'DE',
            location: 'x',
          });
        },
      });
    });
    expect(lines).toEqual([
      expect.stringContaining(
        "given datacenter 'same'; allowed: names that no other Seed of cluster 'kkp-master' has;",
      ),
    ]);
  });

  it('no object that sites for different clusters have in common', () => {
    const app = fleetApp();
    new Fleet(app, 'sites', {
      sites: ['a', 'b'].map((name) => ({ name, nodes: [{ name: 'n' }], clusters: { cloudCluster: `cloud-${name}` } })),
      build: (scope) => void thing(scope, 'same'),
    });
    expect(app.synthFiles().written).toEqual(['sites/a/c.k8s.yaml', 'sites/b/c.k8s.yaml', 'README.md']);
  });

  it('an app that cannot render one site after another', () => {
    const inStock = (): unknown => new Fleet(new App(), 'sites', { sites: [], build });
    expect(inStock).toThrow(
      'scope: given an object of class App; allowed: a FleetApp, or a construct in one. Replace new App() by new FleetApp().',
    );
    const inOneFile = (): unknown =>
      new Fleet(new FleetApp({ yamlOutputType: YamlOutputType.FILE_PER_APP }), 'sites', { sites: [], build });
    expect(inOneFile).toThrow(
      "scope: given 'an app with yamlOutputType FILE_PER_APP'; allowed: FILE_PER_CHART or FOLDER_PER_CHART_FILE_PER_RESOURCE.",
    );
    const inChart = (): unknown => new Fleet(new Chart(new FleetApp(), 'c'), 'sites', { sites: [], build });
    expect(inChart).toThrow("scope: given 'chart 'c''; allowed: an app, or a construct outside all charts.");
  });

  it('names the site when its constructs throw something else', () => {
    const app = fleetApp();
    new Fleet(app, 'sites', {
      sites: [{ name: 'a' }],
      build: () => {
        throw new TypeError('no such thing');
      },
    });
    expect(() => {
      app.synth();
    }).toThrow("Site 'a' cannot be rendered: no such thing");
  });

  it('tells what is wrong with sites and what a validation says of the tree together', () => {
    const app = fleetApp();
    new Fleet(app, 'sites', { sites: [{ name: 'a' }, { name: 'b' }], build: (scope) => void thing(scope, 'same') });
    new Chart(app, 'other').node.addValidation({ validate: () => ['not like this'] });
    expect(() => {
      app.synth();
    }).toThrow(/has 2 problems:\n  - other: given .* not like this\n  - sites\/b\/c\/x: given ConfigMap ns\/same/);
  });

  it('tells what is wrong with names and what validations say of one site together', () => {
    const lines = problemLines((app) => {
      new Fleet(app, 'sites', {
        sites: [{ name: 'a' }],
        build: (scope) => {
          new Chart(scope, 'Cloud').node.addValidation({ validate: () => ['not like this'] });
        },
      });
    });
    expect(lines).toEqual([
      "sites/a/Cloud: given a chart with the id 'Cloud'; allowed: ids that are DNS labels: files are named after them. Rename the chart.",
      'sites/a/Cloud: given a construct that fails a validation; allowed: constructs that pass their validations. not like this',
    ]);
  });

  it('tells what is wrong with sites and with charts of the tree together', () => {
    const twoSites = { sites: [{ name: 'a' }, { name: 'b' }], build: (scope: Construct) => void thing(scope, 'same') };
    const oneFile = (app: FleetApp): void => {
      const chart = new Chart(new Chart(app, 'a'), 'b');
      new Chart(chart, 'Default');
    };
    const clash = "id: given 'a/b'; allowed: a file of its own; 'a/b/Default' is written to";
    const both = problemLines((app) => {
      new Fleet(app, 'sites', twoSites);
      oneFile(app);
    });
    expect(both).toEqual([
      expect.stringContaining(`a/b ${clash}`),
      expect.stringContaining('sites/b/c/x: given ConfigMap ns/same;'),
    ]);
    expect(problemLines(oneFile)).toEqual([expect.stringContaining(clash)]);
  });

  it('compares addresses by what they are, however they are spelt', () => {
    const told = (a: string, b: string): boolean =>
      problemLines((app) => {
        const sites = [a, b].map((address, i) => ({
          name: `s${i}`,
          network: 'wan',
          nodes: [{ name: `n${i}`, address }],
        }));
        new Fleet(app, 'sites', { sites, build });
      }).some((line) => line.includes('addresses that no other node'));
    expect(told('fd00::1', 'FD00:0:0::1')).toBe(true);
    expect(told('10.0.0.1', '::ffff:10.0.0.1')).toBe(true);
    expect(told('fd00::1', 'fd00::2')).toBe(false);
  });
});
