import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { AutonomyLevel, EdgeConstructsError, OperatingSystem } from '../../lib';
import { metadataHoldOf } from '../../lib/kins/names';
import {
  EdgeCluster,
  EdgeDatacenter,
  EdgeMachine,
  KinsCluster,
  NodeGroup,
  NodeMetadata,
  NodeUnit,
  Seed,
} from '../../lib/pulumi';
import { KEYS } from './keys';
import { Engine, plain, settled, unknown, unwrapped } from './mocks';
import { changingProvider } from './support/site-stack';

const { L3, L4, L5 } = AutonomyLevel;

let engine: Engine;
let opts: pulumi.ComponentResourceOptions;
async function start(isPreview: boolean, isThere = !isPreview): Promise<void> {
  engine = await Engine.start(isPreview, isThere);
  const provider = changingProvider('cluster');
  opts = { ...engine.watched, provider };
}
beforeEach(() => start(false));
afterEach(() => engine.settle());

function machine(name: string, more: object = {}): EdgeMachine {
  return new EdgeMachine(
    name,
    { operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.5', sshPublicKeys: [KEYS.ed25519], ...more },
    opts,
  );
}

describe.each([false, true])('when preview is %s', (isPreview) => {
  beforeEach(() => start(isPreview));

  test('a program of all components registers every object, with outputs known that need no cluster', async () => {
    const seed = new Seed('seed', { country: 'DE' }, opts);
    const datacenter = new EdgeDatacenter('edge-eu', { seed, location: 'Hamburg' }, opts);
    const cluster = new EdgeCluster('shop', { datacenter: datacenter.datacenterName, version: '1.33.5' }, opts);
    const machines = ['edge1', 'edge2', 'edge3'].map((name) => machine(name, { cluster }));
    const unit = new NodeUnit('unit', { nodes: ['other1'] }, opts);
    new NodeGroup('group', { nodeUnits: [unit] }, opts);
    new NodeMetadata('label', { nodeName: 'edge1', labels: { site: 'shop' } }, opts);
    const kins = new KinsCluster('site', { nodes: machines.map(({ nodeName }) => nodeName), autonomyLevel: L5 }, opts);
    await engine.settle();

    const types = engine.registered.map(({ type, name }) => `${name} ${type}`);
    expect(types).toEqual(
      expect.arrayContaining([
        'seed/seed/seed kubernetes:kubermatic.k8c.io/v1:SeedPatch',
        'edge-eu/existing kubernetes:kubermatic.k8c.io/v1:Seed',
        'edge-eu/Seed/seed kubernetes:kubermatic.k8c.io/v1:SeedPatch',
        'shop/shop/cluster kubernetes:kubermatic.k8c.io/v1:Cluster',
        'edge1/edge1/machine kubernetes:cluster.k8s.io/v1alpha1:MachineDeployment',
        'unit/unit/Resource kubernetes:site.superedge.io/v1alpha2:NodeUnit',
        'group/group/Resource kubernetes:site.superedge.io/v1alpha2:NodeGroup',
        'label/existing kubernetes:core/v1:Node',
        'label/node kubernetes:core/v1:NodePatch',
        'site/kins-namespace kubernetes:core/v1:NamespacePatch',
        'site/site/server kubernetes:apps/v1:DaemonSet',
        'site/tokens kubernetes:core/v1:Secret',
      ]),
    );
    expect((await settled(cluster.controlPlaneNamespace)).value).toBe('cluster-shop');
    expect((await settled(machines[0]!.scriptSecret)).value).toEqual({
      name: 'edge-provider-script-edge1-kube-system',
      namespace: 'cloud-init-settings',
      key: 'fetch-bootstrap-script',
    });
    expect((await settled(kins.servers)).value).toEqual(['edge1', 'edge2', 'edge3']);
    expect((await settled(kins.deletionAdvice)).value).toMatch(/^Unit site is at L5: set autonomyLevel to L3/);
  });

  test('a value that is not known yet leaves all other resources in the preview', async () => {
    const kins = new KinsCluster('site', { nodes: ['edge1'], autonomyLevel: L4, tlsSans: [unknown<string>()] }, opts);
    await engine.settle();
    expect(engine.find('site/site/server').type).toBe('kubernetes:apps/v1:DaemonSet');
    expect(engine.find('site/site/config').inputs).toMatchObject({ kind: 'ConfigMap' });
    expect((await settled(kins.nodes)).value).toEqual(['edge1']);
  });
});

test('of a node that is read and patched nothing stands in clear in the state', async () => {
  new NodeMetadata('label', { nodeName: 'edge1', annotations: { key: pulumi.secret('geheim') } }, opts);
  await engine.settle();
  for (const name of ['label/existing', 'label/node']) {
    expect(engine.optionsOf(name).additionalSecretOutputs).toEqual(expect.arrayContaining(['metadata', 'spec', 'status'])); // prettier-ignore
  }
  const { annotations } = plain(engine.find('label/node').inputs.metadata) as { annotations: object };
  expect(annotations).toEqual({ key: 'geheim' });
  expect(JSON.stringify(engine.find('label/existing').inputs)).not.toContain('geheim');
});

test('what a node is told is held by a ConfigMap that names the node, whatever its own name is', async () => {
  new NodeMetadata('La_bel/1', { nodeName: 'edge1', labels: { key: 'value' } }, { ...opts, ...engine.watched });
  await engine.settle();
  const { inputs } = engine.find('edge-metadata-la-bel-1');
  // By this label the guard of a unit on that node finds it.
  const labels = { 'edge-constructs.io/metadata-of': metadataHoldOf('edge1') };
  expect(plain(inputs)).toMatchObject({ kind: 'ConfigMap', metadata: { namespace: 'kube-system', labels }, data: { node: 'edge1' } }); // prettier-ignore
  expect((plain(inputs) as { metadata: object }).metadata).not.toHaveProperty('name');
});

describe('a preview of a unit that is there', () => {
  beforeEach(() => start(true, true));
  // Nobody listens there: asking would fail the preview, not knowing whom to ask would keep it from ending.
  const nobody = JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
  });

  test.each<[string, pulumi.Input<string>, pulumi.Input<string>, AutonomyLevel]>([
    ['a node', unknown<string>(), nobody, L4],
    ['a node, at L3', unknown<string>(), nobody, L3],
    ['the kubeconfig', 'edge1', unknown<string>(), L4],
    ['the kubeconfig, at L3', 'edge1', unknown<string>(), L3],
  ])('ends without knowing %s, and does not know what comes of it', async (_, node, cloudKubeconfig, autonomyLevel) => {
    const kins = new KinsCluster('site', { nodes: [node], autonomyLevel, cloudKubeconfig }, opts);
    await engine.settle();
    expect(engine.find('site/site/server').type).toBe('kubernetes:apps/v1:DaemonSet');
    for (const output of [kins.tunnelKubeconfig, kins.directKubeconfig]) {
      expect(await settled(output)).toMatchObject({ isKnown: false, isSecret: true });
    }
  });
});

describe('a Seed', () => {
  test('of which nothing is owned registers no object, and is in the way of no other component', async () => {
    const seed = new Seed('seed', {}, {});
    await engine.settle();
    expect(engine.registered.filter(({ type }) => type.includes('k8c.io'))).toEqual([]);
    new EdgeDatacenter('edge-eu', { seed }, opts);
    new EdgeCluster('shop', { datacenter: 'edge-eu', version: '1.33.5' }, opts);
    await engine.settle();
    expect(engine.find('shop/shop/cluster').type).toBe('kubernetes:kubermatic.k8c.io/v1:Cluster');
  });

  test('that is owned is not read before it is made', async () => {
    const seed = new Seed('seed', { kubeconfig: { name: 'seed-kubeconfig' } }, opts);
    new EdgeDatacenter('edge-eu', { seed }, opts);
    await engine.settle();
    expect(engine.registered.map(({ name }) => name)).not.toContain('edge-eu/existing');
    expect(engine.find('seed/seed/seed').type).toBe('kubernetes:kubermatic.k8c.io/v1:Seed');
  });

  test('gets from each datacenter its own entry alone', async () => {
    const seed = new Seed('seed', {}, opts);
    new EdgeDatacenter('a', { seed, country: 'DE' }, opts);
    new EdgeDatacenter('b', { seed, country: 'US' }, opts);
    await engine.settle();
    expect(plain(engine.find('a/Seed/seed').inputs.spec)).toEqual({
      datacenters: { a: { country: 'DE', spec: { edge: {} } } },
    });
    expect(plain(engine.find('b/Seed/seed').inputs.spec)).toEqual({
      datacenters: { b: { country: 'US', spec: { edge: {} } } },
    });
  });
});

describe('a KinsCluster', () => {
  test('has random tokens, secret, in a Secret that is there before the pods; and no Job', async () => {
    new KinsCluster('site', { nodes: ['edge1'], autonomyLevel: L4 }, opts);
    await engine.settle();
    const { inputs } = engine.find('site/tokens');
    expect(unwrapped(inputs.stringData)).toEqual({
      isSecret: true,
      value: expect.objectContaining({ 'server-token': 'password of site/server-token' }) as unknown,
    });
    expect(inputs.metadata).toMatchObject({ name: 'site-tokens-kins', namespace: 'kins-system' });
    expect(engine.registered.filter(({ type }) => type === 'kubernetes:batch/v1:Job')).toEqual([]);
    const before = engine.optionsOf('site/site/server').dependsOn as unknown as { __name: string }[];
    expect(before.map(({ __name }) => __name)).toContain('site/tokens');
    expect(JSON.stringify(engine.find('site/site/server').inputs)).toContain('site-tokens-kins');
  });

  test('says in its guard, which is made first, whose it is and which nodes it has', async () => {
    new KinsCluster('site', { nodes: ['edge1', pulumi.output('edge2')], autonomyLevel: L4 }, opts);
    await engine.settle();
    expect(plain(engine.find('site/site/guard').inputs)).toMatchObject({
      metadata: {
        annotations: { 'edge-constructs.io/stack': 'project/stack', 'edge-constructs.io/nodes': 'edge1,edge2' },
      },
    });
  });

  test('takes the tokens of a Secret that is given', async () => {
    new KinsCluster('site', { nodes: ['edge1'], autonomyLevel: L4, tokenSecret: 'mine' }, opts);
    await engine.settle();
    expect(engine.registered.filter(({ type }) => type.startsWith('random:'))).toEqual([]);
    expect(JSON.stringify(engine.find('site/site/server').inputs)).toContain('"secretName":"mine"');
  });

  test('renders the NodeUnit it is given at L3, with the true level', async () => {
    const kins = new KinsCluster('site', { nodeUnit: { nodes: ['edge1'], autonomyLevel: L4 } }, opts);
    await engine.settle();
    expect(plain(engine.find('site/site-unit/Resource').inputs)).toMatchObject({
      metadata: { name: 'site', annotations: { 'edge-constructs.io/autonomy-level': 'L4' } },
      spec: { autonomyLevel: 'L3', nodes: ['edge1'] },
    });
    expect((await settled(kins.unitName)).value).toBe('site');
  });

  test('keeps its kubeconfigs secret', async () => {
    const kins = new KinsCluster('site', { nodes: ['edge1'], autonomyLevel: L4 }, opts);
    const { value, isSecret } = await settled(kins.nodeKubeconfig);
    expect({ isSecret, names: /tokenFile: (.*)/.exec(value!)?.[1] }).toEqual({
      isSecret: true,
      names: '/var/lib/kins/site/access/token',
    });
    expect((await settled(kins.tunnelKubeconfig)).isSecret).toBe(true);
    expect((await settled(kins.directKubeconfig)).isSecret).toBe(true);
  });

  test('at L3 has neither tokens nor kubeconfigs, and can be deleted', async () => {
    const kins = new KinsCluster('site', { nodes: ['edge1'], autonomyLevel: L3 }, opts);
    await engine.settle();
    expect(engine.registered.filter(({ type }) => type.startsWith('random:'))).toEqual([]);
    expect((await settled(kins.nodeKubeconfig)).value).toBeUndefined();
    expect((await settled(kins.deletionAdvice)).value).toBe('Unit site is at L3 and can be deleted.');
  });
});

test('what may be in a cluster once may be in each: a provider stands for a cluster', async () => {
  const other = { provider: new kubernetes.Provider('other', { kubeconfig: pulumi.secret('{}'), enableConfigMapMutable: true, enableSecretMutable: true }) }; // prettier-ignore
  const of = { nodes: ['edge1'], autonomyLevel: L3 };
  for (const [name, each] of [
    ['a', opts],
    ['b', other],
  ] as const) {
    // prettier-ignore
    new NodeUnit(`pool-${name}`, { ...of, name: 'pool' }, each);
    const seed = new Seed(`seed-${name}`, { country: 'DE' }, each);
    new EdgeDatacenter(`datacenter-${name}`, { seed, name: 'edge-eu' }, each);
    new EdgeCluster(`cluster-${name}`, { datacenter: 'edge-eu', version: '1.33.5', name: 'shop' }, each);
    new EdgeMachine(`machine-${name}`, { operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.5', sshPublicKeys: [KEYS.ed25519], name: 'edge1' }, each); // prettier-ignore
  }
  await engine.settle();
  expect(() => new NodeUnit('again', { ...of, name: 'again' }, other)).toThrow(
    "'NodeUnit:pool-b/pool-b' has it already",
  );
  expect(() => new EdgeDatacenter('c', { seed: new Seed('seed-c', {}, other), name: 'edge-eu' }, other)).toThrow("'datacenter-b' has this one"); // prettier-ignore
});

test('what is there twice is told in words of Pulumi: its providers, not setCluster', () => {
  const sshPublicKeys = [KEYS.ed25519];
  const device = { operatingSystem: OperatingSystem.UBUNTU_22_04, kubeletVersion: '1.33.5', sshPublicKeys };
  const twice: Record<string, () => unknown> = {
    'a node': () => ['a', 'b'].map((name) => new NodeUnit(name, { nodes: ['edge1'], autonomyLevel: L3 }, opts)),
    'the node of a K3s cluster': () =>
      ['c', 'd'].map((name) => new KinsCluster(name, { nodes: ['edge2'], autonomyLevel: L4 }, opts)),
    'a unit': () =>
      ['e', 'f'].map((name) => new NodeUnit(name, { nodes: [name], name: 'unit', autonomyLevel: L3 }, opts)),
    'a group': () => ['a', 'b'].map((name) => new NodeGroup(name, { name: 'unit', nodeUnitNames: ['e'] }, opts)),
    'a Seed': () => ['a', 'b'].map((name) => new Seed(name, { country: 'DE' }, opts)),
    'a datacenter': () =>
      ['a', 'b'].map((name) => new EdgeDatacenter(name, { seed: new Seed(`of-${name}`, {}, opts), name: 'dc' }, opts)),
    'a cluster': () =>
      ['a', 'b'].map((name) => new EdgeCluster(name, { datacenter: 'dc', version: '1.33.5', name: 'shop' }, opts)),
    'a machine': () => ['a', 'b'].map((name) => new EdgeMachine(name, { ...device, name: 'edge1' }, opts)),
  };
  const told = Object.entries(twice).map(([what, make]) => {
    try {
      make();
    } catch (error) {
      return `${what}: ${error instanceof EdgeConstructsError ? (error.problems[0]?.remedy ?? '') : String(error)}`;
    }
    return `${what}: nothing`;
  });
  const other = 'or give each the provider of its own cluster.';
  expect(told).toEqual([
    `a node: Remove it from one of the two, ${other}`,
    `the node of a K3s cluster: A node runs one unit: remove it from one of the two, ${other}`,
    `a unit: Give one of the two another name, ${other}`,
    `a group: Rename one of the two, ${other}`,
    `a Seed: Declare all its datacenters for that one, because the second to be applied would remove those of the first, ${other}`,
    `a datacenter: Rename one of the two, since clusters find their datacenter by name alone, ${other}`,
    `a cluster: Rename one of the two, ${other}`,
    `a machine: Rename one of the two, ${other}`,
  ]);
});

test('a component that was renamed finds its objects by the names that its aliases say', async () => {
  const aliasesOf = (suffix: string): unknown[] =>
    ((engine.optionsOf(suffix).aliases ?? []) as pulumi.Alias[]).map((alias) => alias.name);
  const aliases = ['urn:pulumi:stack::project::edge-constructs:index:KinsCluster::store', { name: 'kiosk' }];
  const nodeUnit = { name: 'site', nodes: ['edge1'], autonomyLevel: L4 };
  new KinsCluster('shop', { nodeUnit }, { ...opts, aliases });
  new NodeMetadata('label', { nodeName: 'edge1', labels: { a: 'b' } }, { ...opts, aliases: [{ name: 'old one' }] });
  await engine.settle();
  expect(aliasesOf('shop/shop/server')).toEqual(['store/store/server', 'kiosk/kiosk/server']);
  expect(aliasesOf('shop/shop-unit/Resource')).toEqual(['store/store-unit/Resource', 'kiosk/kiosk-unit/Resource']);
  expect(aliasesOf('shop/tokens')).toEqual(['store/tokens', 'kiosk/tokens']);
  expect(aliasesOf('edge-metadata-label')).toEqual(['edge-metadata-old-one']);
  expect(aliasesOf('shop/kins-namespace')).toEqual(['store/kins-namespace', 'kiosk/kins-namespace']);
});

describe('wrong arguments are refused as by the constructs', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a node in two components',
      () => [
        new KinsCluster('a', { nodes: ['edge1'], autonomyLevel: L4 }, opts),
        new KinsCluster('b', { nodes: ['edge1'], autonomyLevel: L4 }, opts),
      ],
      "KinsCluster 'KinsCluster:b/b' has 1 problem:\n  - nodes[0]: given 'edge1'; allowed: a node of no other unit; 'KinsCluster:a/a' has it.",
    ],
    [
      'a datacenter twice',
      () => {
        const seed = new Seed('seed', {}, opts);
        return [new EdgeDatacenter('a', { seed }, opts), new EdgeDatacenter('b', { seed, name: 'a' }, opts)];
      },
      "EdgeDatacenter 'b' has 1 problem:\n  - name: given 'a'; allowed: a name that no other datacenter of any Seed has; 'a' has this one.",
    ],
    [
      'a kubelet newer than its cluster',
      () => {
        const cluster = new EdgeCluster('shop', { datacenter: 'edge', version: '1.32.9' }, opts);
        return machine('edge1', { cluster });
      },
      "EdgeMachine 'EdgeMachine:edge1/edge1' has 1 problem:\n  - kubeletVersion: given '1.33.5'; allowed: 1.29 to 1.32, because the control plane is 1.32.9.",
    ],
    [
      'metadata that says nothing',
      () => new NodeMetadata('n', { nodeName: 'edge1' }, opts),
      "NodeMetadata 'n/n' has 1 problem:\n  - labels: given nothing; allowed: at least one label or annotation. Say what to set on the node.",
    ],
    [
      'a bad label',
      () => new NodeMetadata('n', { nodeName: 'edge1', labels: { 'a b': 'c' } }, opts),
      "NodeMetadata 'n/n' has 1 problem:\n  - labels key: given 'a b'; allowed: a name of at most 63 letters",
    ],
    [
      'metadata that is empty',
      () => new NodeMetadata('n', { nodeName: 'edge1', labels: {}, annotations: {} }, opts),
      "NodeMetadata 'n/n' has 1 problem:\n  - labels: given nothing; allowed: at least one label or annotation. Say what to set on the node.",
    ],
    ...[KinsCluster, EdgeDatacenter, EdgeMachine, NodeGroup, Seed].map((kind): [string, () => unknown, string] => [
      `no arguments for ${kind.name}`,
      () => new kind('n', undefined as never, opts),
      `${kind.name} 'n' has 1 problem:\n  - args: given nothing; allowed: an object. Give an object literal.`,
    ]),
    [
      'a datacenter without its seed',
      () => new EdgeDatacenter('a', { seed: 'kubermatic' as never }, opts),
      "EdgeDatacenter 'a' has 1 problem:\n  - seed: given 'kubermatic'; allowed: a component Seed. Pass what 'new Seed' returned.",
    ],
    [
      'a cluster that is none',
      () => machine('edge1', { cluster: {} }),
      "EdgeMachine 'edge1' has 1 problem:\n  - cluster: given {}; allowed: a component EdgeCluster. Pass what 'new EdgeCluster' returned.",
    ],
    [
      'units that are no components, and names that are no list',
      () => new NodeGroup('g', { nodeUnits: ['a'] as never, nodeUnitNames: pulumi.output(['a']) as never }, opts),
      "NodeGroup 'g' has 2 problems:\n  - nodeUnits[0]: given 'a'; allowed: a component NodeUnit. Pass what 'new NodeUnit' returned.\n" +
        '  - nodeUnitNames: given an object of class OutputImpl; allowed: a list. Put the value in [ ].',
    ],
    [
      'a kubeconfig and a time that cannot be',
      () => new KinsCluster('u', { nodes: ['e'], autonomyLevel: L4, cloudKubeconfig: ' ', timeout: 'soon' }, opts),
      "KinsCluster 'u' has 2 problems:\n" +
        "  - cloudKubeconfig: given ''; allowed: a string: the content of a kubeconfig. Pass the string itself, not a path.\n" +
        "  - timeout: given 'soon'; allowed: a duration from 1s to 24h. Write it as Kubernetes does, like 90s, 10m or 1h30m.",
    ],
    [
      'a name that no unit can have',
      () => new KinsCluster('größe', { nodes: ['e'], autonomyLevel: L4 }, opts),
      "KinsCluster 'KinsCluster:größe/größe' has 1 problem:\n  - id: given 'gr\\u{f6}\\u{df}e'; allowed: lower-case letters",
    ],
    [
      'a list that only Pulumi knows',
      () => new KinsCluster('u', { nodes: pulumi.output(['e']) as never, autonomyLevel: L4 }, opts),
      "KinsCluster 'KinsCluster:u/u' has 1 problem:\n  - nodes: given a Pulumi Output; allowed: a value that is known while the program runs",
    ],
    [
      'no provider',
      () => new NodeMetadata('n', { nodeName: 'edge1', labels: { a: 'b' } }),
      "NodeMetadata 'n' has 1 problem:\n  - provider: given nothing; allowed: a kubernetes.Provider",
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
