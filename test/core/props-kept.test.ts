import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  AutonomyLevel,
  CniPluginType,
  EdgeCluster,
  EdgeDatacenter,
  EdgeMachine,
  Fleet,
  FleetApp,
  KinsCluster,
  NodeGroup,
  NodeGroupWorkloadType,
  NodeUnit,
  OperatingSystem,
  Seed,
  SelectorOperator,
  ServingCertificateApprover,
  TaintEffect,
} from '../../lib';
import { CONSTRUCTS } from '../support/constructs';
import { filesIn, removeTempFolders, tempFolder } from '../fleet/support';

afterEach(removeTempFolders);

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ops';

/** Changes everything that can be changed in what was given, as a program that goes on to use its lists might. */
function spoil(value: unknown): void {
  if (Array.isArray(value)) {
    value.forEach(spoil);
    value.push('$(touch /tmp/spoiled)');
    value[0] = '$(touch /tmp/spoiled)';
  } else if (isMap(value)) {
    for (const [key, each] of Object.entries(value)) {
      spoil(each);
      if (typeof each !== 'object' && typeof each !== 'function') value[key] = '$(touch /tmp/spoiled)';
    }
    value.added = '$(touch /tmp/spoiled)';
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return [null, Object.prototype].includes(Object.getPrototypeOf(value) as null);
}

type Make = (scope: Chart, props: object) => unknown;

const ROWS: [string, () => object, Make][] = [
  [
    'Seed',
    () => ({
      name: 'hamburg',
      country: 'DE',
      kubeconfig: { name: 'kubeconfig', namespace: 'kubermatic' },
      proxySettings: { httpProxy: 'http://proxy.example.com:3128', noProxy: ['10.0.0.0/8'] },
    }),
    (chart, props) => new Seed(chart, 'x', props),
  ],
  [
    'EdgeDatacenter',
    () => ({
      country: 'DE',
      node: {
        noProxy: ['localhost'],
        insecureRegistries: ['r.example.com'],
        registryMirrors: { 'docker.io': ['m.example.com'], 'ghcr.io': { endpoints: ['https://m.example.com'] } },
      },
      requiredEmails: ['example.com'],
      enforceAuditLogging: true,
      enforcedAuditWebhookSettings: { auditWebhookConfig: { name: 'audit', namespace: 'kubermatic' } },
      authenticationConfiguration: { secretName: 'a', secretKey: 'b' },
      operatingSystemProfiles: { ubuntu: 'osp' },
    }),
    (chart, props) => {
      const given = Object.assign(props, { seed: new Seed(chart, 'seed', { country: 'DE' }) });
      return new EdgeDatacenter(chart, 'x', given);
    },
  ],
  [
    'EdgeCluster',
    () => ({
      datacenter: 'dc',
      version: '1.33.5',
      exposeStrategy: 'LoadBalancer',
      apiServerAllowedIpRanges: ['192.0.2.0/24'],
      clusterNetwork: { pods: ['10.1.0.0/16'], services: ['10.2.0.0/20'] },
      cniPlugin: { type: CniPluginType.CANAL, version: 'v3.30' },
      labels: { a: 'b' },
    }),
    (chart, props) => new EdgeCluster(chart, 'x', props as never),
  ],
  [
    'EdgeMachine',
    () => ({
      operatingSystem: OperatingSystem.UBUNTU_22_04,
      kubeletVersion: '1.33.5',
      sshPublicKeys: [KEY],
      kubelet: { kubeReserved: { cpu: '1' }, evictionHard: { 'memory.available': '5%' } },
      addresses: ['192.0.2.1'],
      labels: { a: 'b' },
    }),
    (chart, props) => new EdgeMachine(chart, 'x', props as never),
  ],
  [
    'ServingCertificateApprover',
    () => ({ image: 'registry.example.com/k3s:v1', imagePullSecrets: ['pull'] }),
    (chart, props) => new ServingCertificateApprover(chart, 'x', props),
  ],
  [
    'NodeUnit',
    () => ({
      nodes: ['edge1'],
      selector: {
        matchLabels: { a: 'b' },
        matchExpressions: [{ key: 'c', operator: SelectorOperator.IN, values: ['d'] }],
      },
      setNode: {
        labels: { a: 'b' },
        annotations: { a: 'b' },
        taints: [{ key: 'a', value: 'b', effect: TaintEffect.NO_EXECUTE }],
      },
      labels: { a: 'b' },
      annotations: { a: 'b' },
    }),
    (chart, props) => new NodeUnit(chart, 'x', props),
  ],
  [
    'NodeUnit at L4',
    () => ({ nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4, unitCluster: { nodePortRange: '40000-41000' } }),
    (chart, props) => new NodeUnit(chart, 'x', props),
  ],
  [
    'NodeGroup',
    () => ({
      nodeUnitNames: ['a'],
      selector: { matchLabels: { a: 'b' } },
      autoFindNodeKeys: ['rack'],
      workload: [{ name: 'a', type: NodeGroupWorkloadType.POD, selector: { matchLabels: { a: 'b' } } }],
      labels: { a: 'b' },
      annotations: { a: 'b' },
    }),
    (chart, props) => new NodeGroup(chart, 'x', props),
  ],
  [
    'KinsCluster',
    () => ({
      nodes: ['edge1', 'edge2', 'edge3', 'edge4'],
      autonomyLevel: AutonomyLevel.L5,
      servers: ['edge1', 'edge2', 'edge3'],
      nodeAddresses: { edge1: '192.0.2.1', edge2: '192.0.2.2', edge3: '192.0.2.3' },
      hostPorts: [443],
      registryMirrors: { 'docker.io': ['https://m.example.com'] },
      imagePullSecrets: ['pull'],
      tlsSans: ['api.example.com'],
      serverOptions: { 'etcd-arg': ['a=b'] },
      agentOptions: { 'node-label': ['a=b'] },
      resources: { server: { cpuLimit: '2' } },
      tolerations: [{ key: 'a' }],
    }),
    (chart, props) => new KinsCluster(chart, 'x', props),
  ],
];

test('there is a row for every construct; those of fleets have tests of their own', () => {
  const constructs = CONSTRUCTS.filter((name) => !name.startsWith('Fleet'));
  expect(new Set(ROWS.map(([title]) => title.split(' ')[0]))).toEqual(new Set(constructs));
});

test.each(ROWS)('%s renders what it checked, whatever becomes of its props', (_, propsOf, make) => {
  const rendered = (after: (props: object) => void): unknown => {
    const chart = new Chart(new App(), 'chart');
    const props = propsOf();
    make(chart, props);
    after(props);
    return chart.toJson();
  };
  const spoiled = rendered(spoil);
  expect(spoiled).toEqual(rendered(() => undefined));
  expect(JSON.stringify(spoiled)).not.toContain('spoiled');
});

test('a fleet renders what it checked, and what a build does to one site reaches no other', () => {
  const seen: string[] = [];
  const outdir = `${tempFolder()}/dist`;
  const app = new FleetApp({ outdir });
  const props = {
    defaults: { labels: { tier: 'edge' }, values: { list: ['a'], map: { b: 1 } } },
    templates: { shop: { nodes: [{ name: 'till', address: '192.0.2.1' }] } },
    sites: [{ name: 'berlin', template: 'shop', clusters: { cloudCluster: 'one' } }, { name: 'ulm' }],
    flux: {
      gitRepository: 'repository',
      localCluster: 'two',
      kubeConfigSecrets: { one: 'secret', 'cloud-cluster': 's' },
    },
    build: (scope: Construct, site: object): void => {
      new Chart(scope, 'cloud');
      seen.push(JSON.stringify(site));
      for (const part of [site, ...Object.values(site as Record<string, unknown>)]) {
        if (typeof part !== 'object') continue;
        expect(() => {
          spoil(part);
        }).toThrow(TypeError);
      }
    },
  };
  const { build } = props;
  const fleet = new Fleet(app, 'sites', props);
  const before = fleet.sites.map((site) => JSON.stringify(site));
  spoil(props);
  props.build = build;
  app.synth();
  expect(seen).toEqual(before);
  expect(JSON.stringify(filesIn(outdir))).not.toContain('spoiled');
});
