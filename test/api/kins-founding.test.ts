import { AutonomyLevel, type KinsClusterProps } from '../../lib';
import { kinsObjects } from '../support/units';
import { apply, applyServerSide } from './support/apply';
import { connect } from './support/connect';
import { endUnit, isShared } from './support/end-unit';
import type { KubeObject } from './support/objects';
import { eventually } from './support/poll';

const { L3, L4, L5 } = AutonomyLevel;
const unit = 'founded';
const NODES = ['edge1', 'edge2', 'edge3', 'edge4'];
const cluster = connect();
afterAll(() => {
  cluster.close();
});

const objects = (level: AutonomyLevel, props: Partial<KinsClusterProps> = {}): KubeObject[] =>
  kinsObjects(unit, level, { nodes: NODES, ...props });

/** The messages of what is refused, without applying anything. */
async function refusals(manifests: readonly KubeObject[]): Promise<string[]> {
  const results = await applyServerSide(cluster, manifests, { dryRun: true });
  return results.flatMap(({ outcome, message }) => (outcome === 'error' ? [message ?? ''] : []));
}

/** Objects that pods read, or are made from: none may come through when one is refused. */
const guarded = (manifests: readonly KubeObject[]): number =>
  manifests.filter((object) => !isShared(object) && !object.kind.startsWith('Validating')).length;

describe.each([
  [L4, ['edge1']],
  [L5, ['edge1', 'edge2', 'edge3']],
] as const)('a unit that was applied at %s', (level, servers) => {
  beforeAll(async () => {
    await apply(cluster, objects(level));
    await eventually('the guard is in force', async () => (await refusals(objects(level, OTHER_NETWORK))).length > 0);
  });
  afterAll(async () => {
    await endUnit(cluster, unit, objects(level));
  });

  const OTHER_NETWORK = { clusterCidr: '10.100.0.0/16' };

  test.each<[string, Partial<KinsClusterProps>, string]>([
    ['another network of pods', OTHER_NETWORK, 'cluster-cidr=10.100.0.0/16'],
    ['another network of Services', { serviceCidr: '10.101.0.0/16' }, 'service-cidr=10.101.0.0/16'],
    ['another domain', { serverOptions: { 'cluster-domain': ['edge.local'] } }, 'cluster-domain=edge.local'],
    ['no encryption of Secrets', { secretsEncryption: false }, 'secrets-encryption=false'],
  ])('refuses %s, on everything that pods read, and says what it has', async (_, props, given) => {
    const changed = objects(level, props);
    const messages = await refusals(changed);
    expect(messages).toHaveLength(guarded(changed));
    for (const message of messages) {
      expect(message).toContain('It has cluster-cidr=10.214.0.0/16 cluster-domain=cluster.local');
      expect(message).toContain(given);
      expect(message).toContain('set it to L3 and then to what you want');
    }
  });

  test('refuses other servers, as a node in front of the list makes them, and names the present ones', async () => {
    const changed = objects(level, { nodes: ['edge4', 'edge1', 'edge2', 'edge3'] });
    const messages = await refusals(changed);
    expect(messages).toHaveLength(guarded(changed));
    for (const message of messages) expect(message).toContain(`It has ${servers.join(',')}; given: edge4`);
    expect(await refusals(objects(level, { nodes: ['edge4', ...NODES.slice(0, 3)], servers: [...servers] }))).toEqual(
      [],
    );
  });

  test('takes another server in the place of one that is said to be gone for ever', async () => {
    const [first, ...others] = servers;
    const successors = ['edge4', ...others];
    expect(await refusals(objects(level, { servers: successors }))).not.toEqual([]);
    expect(await refusals(objects(level, { servers: successors, retiredServers: ['edge9'] }))).not.toEqual([]);
    expect(await refusals(objects(level, { servers: successors, retiredServers: [first] }))).toEqual([]);
  });

  test('takes everything else, a node more and its own output again among it', async () => {
    expect(await refusals(objects(level))).toEqual([]);
    expect(
      await refusals(objects(level, { nodes: [...NODES, 'edge5'], hostPorts: [443], version: 'v1.35.2+k3s1' })),
    ).toEqual([]);
  });
});

test('a unit takes releases one minor at a time, and a release back that it was not able to take', async () => {
  const formed = objects(L4, { version: 'v1.34.4+k3s1' });
  const [skips, next] = [objects(L4, { version: 'v1.36.1+k3s1' }), objects(L4, { version: 'v1.35.1+k3s1' })];
  await apply(cluster, formed);
  await eventually('the guard is in force', async () => (await refusals(skips)).length > 0);
  const messages = await refusals(skips);
  expect(messages).toHaveLength(guarded(skips));
  for (const message of messages) {
    expect(message).toContain(`NodeUnit ${unit} takes releases of K3s one minor at a time`);
    expect(message).toContain('It was given v1.34.4+k3s1; now: v1.36.1+k3s1. Set a release of the minor next to');
  }
  expect(await refusals(next)).toEqual([]);
  expect(await refusals(objects(L4, { image: 'registry.example.com/k3s:ours' }))).toEqual([]);
  await apply(cluster, next);
  await eventually('the next minor is there', async () => (await refusals(skips)).length === 0);
  expect(await refusals(formed)).toEqual([]);
  await apply(cluster, skips);
  await eventually('two minors down are too far', async () => (await refusals(formed)).length > 0);
  expect(await refusals(formed)).toHaveLength(guarded(formed));
  expect(await refusals(next)).toEqual([]);
  await endUnit(cluster, unit, skips);
});

test('the first server stays first, others may change places', async () => {
  await apply(cluster, objects(L5));
  await eventually('the guard is in force', async () => {
    return (await refusals(objects(L5, { servers: ['edge2', 'edge1', 'edge3'] }))).length > 0;
  });
  expect(await refusals(objects(L5, { servers: ['edge1', 'edge3', 'edge2'] }))).toEqual([]);
  await endUnit(cluster, unit, objects(L5));
});

test('a unit grows from L4 to L5 with its server first, and no other way', async () => {
  await apply(cluster, objects(L4));
  await eventually('the guard is in force', async () => {
    return (await refusals(objects(L5, { servers: ['edge2', 'edge1', 'edge3'] }))).length > 0;
  });
  expect(await refusals(objects(L5))).toEqual([]);
  await endUnit(cluster, unit, objects(L4));
});

test('after L3 a unit is founded with whatever it is given', async () => {
  await apply(cluster, objects(L4));
  await apply(cluster, objects(L3));
  const anew = objects(L4, { clusterCidr: '10.100.0.0/16', servers: ['edge3'] });
  await eventually('the guard learns of L3', async () => (await refusals(anew)).length === 0);
  await apply(cluster, anew);
  await endUnit(cluster, unit, anew);
});
