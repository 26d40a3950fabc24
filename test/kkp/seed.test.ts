import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import {
  ApiServerServiceType,
  AutonomyLevel,
  clusterLevelOf,
  EdgeDatacenter,
  ExposeStrategy,
  KinsCluster,
  Seed,
} from '../../lib';

interface SeedObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations: Record<string, string>;
  };
  readonly spec: { readonly datacenters: Record<string, Record<string, unknown>> };
}

const newChart = (id = 'kkp-master'): Chart => new Chart(new App(), id);
const onlyObject = (chart: Chart): SeedObject => {
  const objects = chart.toJson() as SeedObject[];
  expect(objects).toHaveLength(1);
  return objects[0]!;
};

/** The values of KKP's documentation page on the edge provider. */
function documented(chart: Chart): Seed {
  const seed = new Seed(chart, 'seed', { country: 'US' });
  new EdgeDatacenter(chart, 'edge-eu-de', { seed, country: 'US', location: 'LA' });
  return seed;
}

describe('the documented example', () => {
  test("comes out as the document's YAML", () => {
    const chart = newChart();
    documented(chart);
    expect({ spec: onlyObject(chart).spec }).toEqual({
      spec: { country: 'US', datacenters: { 'edge-eu-de': { country: 'US', location: 'LA', spec: { edge: {} } } } },
    });
  });

  test('is one Seed named kubermatic in the namespace kubermatic, whatever the namespace of the chart', () => {
    const chart = new Chart(new App(), 'kkp-master', { namespace: 'elsewhere' });
    const seed = documented(chart);
    expect([seed.namespace, seed.name]).toEqual(['kubermatic', 'kubermatic']);
    expect(onlyObject(chart)).toMatchObject({
      apiVersion: 'kubermatic.k8c.io/v1',
      kind: 'Seed',
      metadata: { name: 'kubermatic', namespace: 'kubermatic' },
    });
    expect(clusterLevelOf(chart)).toBe('kkp-master');
  });

  test('is written by synthesis, byte for byte the same each time', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'kkp-seed-'));
    try {
      const [first, second] = [1, 2].map(() => {
        const app = new App({ outdir });
        documented(new Chart(app, 'kkp-master'));
        app.synth();
        return readFileSync(join(outdir, 'kkp-master.k8s.yaml'), 'utf8');
      });
      expect(second).toBe(first);
      expect(Yaml.load(join(outdir, 'kkp-master.k8s.yaml'))).toHaveLength(1);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });
});

describe('a partial Seed', () => {
  test('is for server-side apply and never pruned', () => {
    const chart = newChart();
    documented(chart);
    expect(onlyObject(chart).metadata.annotations).toEqual({
      'argocd.argoproj.io/sync-options': 'ServerSideApply=true,Validate=false,Prune=false,Delete=false',
      'kustomize.toolkit.fluxcd.io/prune': 'disabled',
      'kustomize.toolkit.fluxcd.io/ssa': 'Merge',
    });
  });

  test('owns nothing but what is declared', () => {
    const chart = newChart();
    const seed = new Seed(chart, 'seed');
    new EdgeDatacenter(chart, 'plant7', { seed });
    expect(onlyObject(chart).spec).toEqual({ datacenters: { plant7: { spec: { edge: {} } } } });
  });

  test('with a country needs no datacenter: the last one can be removed', () => {
    const chart = newChart();
    new Seed(chart, 'seed', { country: 'DE' });
    expect(onlyObject(chart).spec).toEqual({ country: 'DE' });
  });

  test('with nothing to apply fails at synthesis', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'kkp-seed-'));
    try {
      const app = new App({ outdir });
      const chart = new Chart(app, 'kkp-master');
      new Seed(chart, 'seed');
      const message =
        "Seed 'kkp-master/seed' has 1 problem:\n  - datacenters: given []; allowed: at least one EdgeDatacenter, a country, or a kubeconfig. " +
        'Declare an EdgeDatacenter for this Seed, or remove the Seed: applying it would change nothing.';
      expect(() => {
        app.synth();
      }).toThrow(message);
      expect(() => chart.toJson() as unknown).toThrow(message);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });
});

describe('a whole Seed', () => {
  test('has what belongs to the seed, is still never pruned, and is validated', () => {
    const chart = newChart();
    new Seed(chart, 'seed', {
      name: 'hamburg',
      namespace: 'kkp',
      country: 'DE',
      location: 'Hamburg',
      kubeconfig: { name: 'kubeconfig-hamburg' },
      exposeStrategy: ExposeStrategy.TUNNELING,
      seedDnsOverwrite: 'hh',
      proxySettings: { httpProxy: 'http://proxy.example.com:3128', noProxy: ['.example.com', '10.0.0.0/8'] },
    });
    const { metadata, spec } = onlyObject(chart);
    expect(metadata).toEqual({
      name: 'hamburg',
      namespace: 'kkp',
      annotations: {
        'argocd.argoproj.io/sync-options': 'ServerSideApply=true,Prune=false,Delete=false',
        'kustomize.toolkit.fluxcd.io/prune': 'disabled',
        'kustomize.toolkit.fluxcd.io/ssa': 'Merge',
      },
    });
    expect(spec).toEqual({
      country: 'DE',
      location: 'Hamburg',
      kubeconfig: { name: 'kubeconfig-hamburg', namespace: 'kkp' },
      exposeStrategy: 'Tunneling',
      seedDNSOverwrite: 'hh',
      proxySettings: { httpProxy: 'http://proxy.example.com:3128', noProxy: '.example.com,10.0.0.0/8' },
    });
  });

  test('refers to the kubeconfig exactly as given', () => {
    const chart = newChart();
    new Seed(chart, 'seed', { kubeconfig: { name: 'access', namespace: 'secrets', fieldPath: 'config' } });
    expect(onlyObject(chart).spec).toEqual({
      kubeconfig: { name: 'access', namespace: 'secrets', fieldPath: 'config' },
    });
  });
});

describe('datacenters', () => {
  test('declared anywhere in the app land in the one Seed, in the order of their names', () => {
    const app = new App();
    const master = new Chart(app, 'kkp-master');
    const elsewhere = new Chart(app, 'kkp-seed');
    const seed = new Seed(master, 'seed');
    new EdgeDatacenter(elsewhere, 'zulu', { seed });
    new EdgeDatacenter(master, 'mike', { seed, name: 'alpha' });
    expect(Object.keys(onlyObject(master).spec.datacenters)).toEqual(['alpha', 'zulu']);
    expect(elsewhere.toJson()).toEqual([]);
    expect(clusterLevelOf(elsewhere)).toBeUndefined();
  });

  test('of two Seeds stay apart', () => {
    const app = new App();
    const chart = new Chart(app, 'kkp-master');
    const one = new Seed(chart, 'one', { name: 'one' });
    const two = new Seed(chart, 'two', { name: 'two' });
    new EdgeDatacenter(chart, 'a', { seed: one });
    new EdgeDatacenter(chart, 'b', { seed: two });
    const objects = chart.toJson() as SeedObject[];
    expect(objects.map(({ metadata, spec }) => [metadata.name, Object.keys(spec.datacenters)])).toEqual([
      ['one', ['a']],
      ['two', ['b']],
    ]);
  });

  test.each([
    ['mirror.example.com:5000', 'mirror.example.com:5000'],
    ['https://mirror.example.com/', 'https://mirror.example.com'],
    ['https://mirror.example.com/v2', 'https://mirror.example.com/v2'],
    ['https://harbor.example.com/v2/hub/', 'https://harbor.example.com/v2/hub?kubermatic=override_path%3Dtrue'],
    [
      'http://nexus.local:8081/repository/hub',
      'http://nexus.local:8081/repository/hub?kubermatic=override_path%3Dtrue',
    ],
    [
      'https://harbor.example.com/v2/hub?kubermatic=override_path%3Dtrue',
      'https://harbor.example.com/v2/hub?kubermatic=override_path%3Dtrue',
    ],
  ])('tell KKP to take the path of mirror %s as it is, if it has one', (given, rendered) => {
    const chart = newChart();
    const seed = new Seed(chart, 'seed');
    new EdgeDatacenter(chart, 'dc', {
      seed,
      node: { registryMirrors: { 'docker.io': [given], 'ghcr.io': [given] } },
    });
    expect(onlyObject(chart).spec.datacenters).toMatchObject({
      dc: {
        node: {
          registryMirrors: [rendered],
          containerdRegistryMirrors: { registries: { 'ghcr.io': { mirrors: [rendered] } } },
        },
      },
    });
  });

  test('take the mirrors that a KinsCluster takes, as lists and with what they are called', () => {
    const registryMirrors = {
      'docker.io': { endpoints: ['https://hub.example.com/v2/hub'] },
      'ghcr.io': { endpoints: ['https://a.example.com', 'https://b.example.com'] },
      'registry.k8s.io': ['https://a.example.com'],
    };
    const chart = newChart();
    new EdgeDatacenter(chart, 'dc', { seed: new Seed(chart, 'seed'), node: { registryMirrors } });
    new KinsCluster(newChart(), 'unit', { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4, registryMirrors });
    expect(onlyObject(chart).spec.datacenters).toMatchObject({
      dc: {
        node: {
          registryMirrors: ['https://hub.example.com/v2/hub?kubermatic=override_path%3Dtrue'],
          containerdRegistryMirrors: {
            registries: {
              'ghcr.io': { mirrors: ['https://a.example.com', 'https://b.example.com'] },
              'registry.k8s.io': { mirrors: ['https://a.example.com'] },
            },
          },
        },
      },
    });
  });

  test('take all settings that reach edge nodes', () => {
    const chart = newChart();
    const seed = new Seed(chart, 'seed');
    const all = new EdgeDatacenter(chart, 'all', {
      seed,
      country: 'GB',
      location: 'Plant 7, hall 2',
      node: {
        httpProxy: 'https://proxy.example.com:3129/',
        noProxy: ['localhost', '.svc', '*.plant7.local', '192.168.0.0/16', '10.0.0.1', 'fd00::/8', 'files.local:8080'],
        insecureRegistries: ['registry.plant7.local:65535', '192.168.1.10:5000', '[fd00::5]:5000'],
        registryMirrors: {
          'docker.io': ['mirror.example.com', 'http://192.168.1.10:5000', 'https://mirror.example.com/v2/hub'],
          'registry.k8s.io': ['https://b.example.com', 'https://a.example.com'],
        },
        pauseImage: 'registry.plant7.local:5000/pause:3.10',
        enableNonRootDeviceOwnership: true,
      },
      requiredEmails: ['example.com', 'plant7.example.com'],
      enforceAuditLogging: true,
      enforcedAuditWebhookSettings: {
        auditWebhookConfig: { name: 'audit', namespace: 'kubermatic' },
        auditWebhookInitialBackoff: '1m30s',
      },
      authenticationConfiguration: { secretName: 'authentication', secretKey: 'config.yaml' },
      operatingSystemProfiles: { ubuntu: 'osp-plant7' },
      apiServerServiceType: ApiServerServiceType.CLUSTER_IP,
    });
    expect(all.name).toBe('all');
    expect(onlyObject(chart).spec.datacenters).toEqual({
      all: {
        country: 'GB',
        location: 'Plant 7, hall 2',
        node: {
          httpProxy: 'https://proxy.example.com:3129/',
          noProxy: 'localhost,.svc,*.plant7.local,192.168.0.0/16,10.0.0.1,fd00::/8,files.local:8080',
          insecureRegistries: ['registry.plant7.local:65535', '192.168.1.10:5000', '[fd00::5]:5000'],
          registryMirrors: [
            'mirror.example.com',
            'http://192.168.1.10:5000',
            // KKP's sign for a path that is to be taken as it is.
            'https://mirror.example.com/v2/hub?kubermatic=override_path%3Dtrue',
          ],
          containerdRegistryMirrors: {
            registries: {
              'registry.k8s.io': { mirrors: ['https://b.example.com', 'https://a.example.com'] },
            },
          },
          pauseImage: 'registry.plant7.local:5000/pause:3.10',
          enableNonRootDeviceOwnership: true,
        },
        spec: {
          edge: {},
          requiredEmails: ['example.com', 'plant7.example.com'],
          enforceAuditLogging: true,
          enforcedAuditWebhookSettings: {
            auditWebhookConfig: { name: 'audit', namespace: 'kubermatic' },
            auditWebhookInitialBackoff: '1m30s',
          },
          authenticationConfiguration: { secretName: 'authentication', secretKey: 'config.yaml' },
          operatingSystemProfiles: { ubuntu: 'osp-plant7' },
          apiServerServiceType: 'ClusterIP',
        },
      },
    });
  });

  test.each([
    ['pause:3.10'],
    ['registry.k8s.io/pause:3.10'],
    ['localhost/pause:3.10'],
    ['a/b/c_d.e-f:1'],
    [`registry.k8s.io/pause@sha256:${'0'.repeat(64)}`],
    [`[fd00::5]:5000/pause:3.10@sha256:${'0'.repeat(64)}`],
  ])('take the pause image %s', (pauseImage) => {
    const chart = newChart();
    new EdgeDatacenter(chart, 'all', { seed: new Seed(chart, 'seed'), node: { pauseImage } });
    expect(onlyObject(chart).spec.datacenters['all']).toMatchObject({ node: { pauseImage } });
  });
});
