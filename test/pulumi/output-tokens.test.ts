import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { createHash } from 'node:crypto';
import { AutonomyLevel, EdgeCluster, KinsCluster, NodeUnit, type KinsClusterProps } from '../../lib';
import { OutputTokens } from '../../lib/pulumi';
import { refuseWrong, Substitution } from '../../lib/pulumi/substitution';
import { CA } from '../kins/ca';
import { applying } from '../../lib/core/placeholders/applying';
import { lateChecksOf } from '../../lib/core/placeholders/late-checks';
import { Engine, settled, unknown } from './mocks';

const { L4 } = AutonomyLevel;
let chart: Chart;
let tokens: OutputTokens;
beforeEach(async () => {
  await Engine.start();
  chart = new Chart(new App(), 'site');
  tokens = OutputTokens.of(chart);
});

function object(fields: Record<string, unknown>): ApiObject {
  return new ApiObject(chart, 'map', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map' }, ...fields });
}

/** The parts of a manifest that the tests look at. */
interface Resolved {
  readonly data: Record<string, string>;
  readonly spec: { readonly template: { readonly metadata: unknown } };
}

function resolved(of: ApiObject): pulumi.Output<Resolved> {
  const manifest: unknown = applying(() => of.toJson() as unknown);
  return pulumi.output(new Substitution(chart).substitute(manifest, of.node.path)) as pulumi.Output<Resolved>;
}

function kins(props: Partial<KinsClusterProps>): KinsCluster {
  return new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: L4, ...props });
}

function part(of: KinsCluster, id: string): pulumi.Output<Resolved> {
  return resolved(ApiObject.of(of.node.findChild(id)));
}

describe('an Output gets to where its token is', () => {
  test.each([
    ['text', () => tokens.asString(pulumi.output('a')), 'a'],
    [
      'a text in a text',
      () => `<${tokens.asString(pulumi.output('a'))}|${tokens.asString(pulumi.output('b'))}>`,
      '<a|b>',
    ],
    ['a promise', () => tokens.asString(Promise.resolve('a')), 'a'],
    ['a plain text', () => tokens.asString('a'), 'a'],
    ['a number', () => tokens.asNumber(pulumi.output(7)), 7],
    ['a number in a text', () => `:${tokens.asNumber(pulumi.output(7))}`, ':7'],
    ['a boolean', () => tokens.asAny(pulumi.output(false)), false],
    ['a list', () => tokens.asAny(pulumi.output([1, 2])), [1, 2]],
    ['an object', () => tokens.asAny(pulumi.output({ a: 1 })), { a: 1 }],
    ['an Output as it is', () => pulumi.output('a'), 'a'],
    ['items of a list', () => ['x', pulumi.output('a')], ['x', 'a']],
    ['a key', () => ({ [tokens.asString(pulumi.output('k'))]: 'v' }), { k: 'v' }],
  ])('%s', async (_, value, expected) => {
    expect((await settled(resolved(object({ given: value() })))).value).toMatchObject({ given: expected });
  });

  test('through a construct of cdk8s-plus', async () => {
    new kplus.Deployment(chart, 'web', {
      replicas: tokens.asNumber(pulumi.output(3)),
      containers: [{ image: `${tokens.asString(pulumi.output('registry.example.com'))}/web:1` }],
    });
    const deployment = ApiObject.of(chart.node.findChild('web'));
    expect((await settled(resolved(deployment))).value).toMatchObject({
      spec: { replicas: 3, template: { spec: { containers: [{ image: 'registry.example.com/web:1' }] } } },
    });
  });

  test('through files that a construct makes of it, quoted as the value needs it', async () => {
    const cluster = kins({ tlsSans: [tokens.asString(pulumi.output('2026.11'))] });
    const { value } = await settled(part(cluster, 'config'));
    expect(value?.data['server.yaml']).toMatch(/tls-san:[^]*- "2026\.11"/);
  });

  test('the same value gives the same bytes whether it is an Output or not, hashes of files included', async () => {
    const props = (text: (value: string) => string): Partial<KinsClusterProps> => ({
      name: text('tills'),
      nodes: [text('edge1'), text('edge2')],
      image: text('registry.example.com/k3s:v1'),
      clusterCidr: text('10.8.0.0/16'),
      serviceCidr: text('10.9.0.0/16'),
      nodeCidr: text('10.7.0.0/16'),
      serverOptions: { 'flannel-backend': [text('none')] },
      tlsSans: [text('shop.example.com')],
      registryMirrors: { 'docker.io': [text('https://mirror.example.com')] },
      registries: {
        'mirror.example.com': { auth: { secretName: text('pull'), passwordKey: text('p') }, ca: text(CA) },
      },
      nodeAddresses: { [text('edge1')]: text('192.0.2.1') },
    });
    const manifests = async (text: (value: string) => string): Promise<unknown> => {
      chart = new Chart(new App(), 'site');
      tokens = OutputTokens.of(chart);
      const cluster = kins(props(text));
      const objects = cluster.node.children.filter((each): each is ApiObject => ApiObject.isApiObject(each));
      return Promise.all(objects.map(async (each) => (await settled(resolved(each))).value));
    };
    const known = await manifests((value) => value);
    const outputs = new Map<string, pulumi.Output<string>>();
    const output = (value: string): pulumi.Output<string> => {
      const made = outputs.get(value) ?? pulumi.output(value);
      outputs.set(value, made);
      return made;
    };
    expect(await manifests((value) => tokens.asString(output(value)))).toEqual(known);
    expect(JSON.stringify(known)).not.toMatch(/pulumi-/);
  });

  test('a token does not depend on what other tokens there are, once it is part of a hash', async () => {
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    const annotations = async (): Promise<unknown> => {
      chart = new Chart(new App(), 'site');
      tokens = OutputTokens.of(chart);
      tokens.asString(pulumi.output(hash(String(Math.random()))));
      const { value } = await settled(part(kins({ tlsSans: [tokens.asString(pulumi.output('a.example'))] }), 'server'));
      return value?.spec.template.metadata;
    };
    expect(await annotations()).toEqual(await annotations());
  });
});

describe('secret stays secret', () => {
  test.each([
    ['by itself', () => tokens.asString(pulumi.secret('geheim'))],
    ['in a text', () => `password=${tokens.asString(pulumi.secret('geheim'))}`],
    ['as a number', () => tokens.asNumber(pulumi.secret(7))],
    ['as an object', () => tokens.asAny(pulumi.secret({ a: 1 }))],
    ['as it is', () => pulumi.secret('geheim')],
    ['as a key', () => ({ [tokens.asString(pulumi.secret('geheim'))]: 'v' })],
  ])('%s, in a ConfigMap', async (_, value) => {
    expect((await settled(resolved(object({ data: value() })))).isSecret).toBe(true);
  });

  test('in a file made of it', async () => {
    const cluster = kins({ tlsSans: [tokens.asString(pulumi.secret('geheim.example.com'))] });
    expect((await settled(part(cluster, 'config'))).isSecret).toBe(true);
    expect((await settled(part(cluster, 'state'))).isSecret).toBe(false);
  });
});

describe('what is not known yet', () => {
  // An Output that fails ends the process that runs the program, so the check is asked here without one.
  function refuse(known: string, isSecret: boolean): void {
    const [late] = lateChecksOf(chart.node.root);
    const [check] = late!.checks;
    refuseWrong({ ...check!, path: late!.path, subject: late!.subject }, known, isSecret);
  }

  test('leaves all other fields known', async () => {
    const manifest = object({ data: { a: tokens.asString(unknown<string>()), b: 'plain' } });
    const inputs = new Substitution(chart).substitute(
      applying(() => manifest.toJson() as unknown),
      'map',
    ) as {
      data: { a: pulumi.Output<string>; b: string };
    };
    expect(inputs.data.b).toBe('plain');
    expect((await settled(inputs.data.a)).isKnown).toBe(false);
  });

  test('is checked when it is known, with the message of the prop', () => {
    new NodeUnit(chart, 'unit', { nodes: [tokens.asString(unknown<string>())] });
    expect(() => {
      refuse('Edge_1', false);
    }).toThrow("NodeUnit 'site/unit' has 1 problem:\n  - nodes[0]: given 'Edge_1'; allowed: lower-case letters");
    refuse('edge1', false);
  });

  test('is checked without showing a secret', () => {
    new NodeUnit(chart, 'unit', { nodes: [tokens.asString(unknown<string>())] });
    expect(() => {
      refuse('Geheim_1', true);
    }).toThrow(/nodes\[0\]: given \(a secret, not shown\); allowed: (?!.*Geheim)/);
  });
});

describe('what cannot work is refused', () => {
  const cluster = (props: object): EdgeCluster =>
    new EdgeCluster(chart, 'shop', { datacenter: 'edge', version: '1.33.5', ...props });
  const NEEDS_VALUE =
    'given a Pulumi Output; allowed: a value that is known while the program runs, because it decides what is declared. ' +
    'Give a plain value, for instance from the stack configuration.';

  test.each<[string, () => unknown, string]>([
    [
      'a member of an enum',
      () => kins({ autonomyLevel: tokens.asString(pulumi.output('L4')) as never }),
      'autonomyLevel',
    ],
    ['a number that is computed with', () => kins({ apiPort: tokens.asNumber(pulumi.output(26443)) }), 'apiPort'],
    ['a list', () => kins({ nodes: tokens.asString(pulumi.output('edge1')) as unknown as string[] }), 'nodes'],
    [
      'networks that tell the IP versions',
      () => cluster({ clusterNetwork: { pods: [tokens.asString(pulumi.output('10.0.0.0/16'))] } }),
      'clusterNetwork.pods[0]',
    ],
  ])('%s', (_, make, field) => {
    expect(make).toThrow(`  - ${field}: ${NEEDS_VALUE}`);
  });

  test('a token that was spelt otherwise', () => {
    const manifest = object({ data: { a: tokens.asString(pulumi.output('x')).toUpperCase() } });
    expect(() => resolved(manifest)).toThrow(
      "ChartResources 'site/map' has 1 problem:\n  - data.a: given a token that was truncated, altered or used in a computation;",
    );
  });

  test('a token from another app', () => {
    const other = OutputTokens.of(new App());
    const manifest = object({ data: { a: other.asString(pulumi.output('x')) } });
    expect(() => resolved(manifest)).toThrow('data.a: given a token from another app;');
  });

  test('an Output that was put into a text without a token', () => {
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions, @typescript-eslint/no-base-to-string
    const manifest = object({ data: { a: `${pulumi.output('x')}` } });
    expect(() => resolved(manifest)).toThrow('data.a: given a Pulumi Output within a string;');
  });
});

describe('synthesis to files', () => {
  test.each<[string, () => unknown]>([
    [
      'a construct of this library',
      () => kins({ image: tokens.asString(pulumi.output('registry.example.com/k3s:1')) }),
    ],
    ['any other', () => object({ data: { a: tokens.asString(pulumi.output('x')) } })],
    ['an Output as it is', () => object({ data: { a: pulumi.output('x') } })],
  ])('fails when a token is left in %s', (_, make) => {
    make();
    expect(() => App.of(chart).synthYaml()).toThrow(
      /has a Pulumi Output in .*, whose value only Pulumi knows\. Apply this chart with 'pulumi up'/,
    );
  });

  test('goes on as ever without tokens', () => {
    object({ data: { a: 'x' } });
    expect(App.of(chart).synthYaml()).toContain('a: x');
  });
});
