import * as pulumi from '@pulumi/pulumi';
import { AutonomyLevel, type KinsClusterProps } from '../../lib';
import { refuseLoss } from '../../lib/pulumi/unit-protection';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';

const { L3, L4, L5 } = AutonomyLevel;
const NODES = ['edge1', 'edge2', 'edge3', 'edge4'];

type Inputs = Record<string, unknown>;

function guard(level: AutonomyLevel, props: Partial<KinsClusterProps> = {}): Inputs {
  const objects = kinsObjects('shop', level, { nodes: NODES, ...props });
  return find(objects, 'ConfigMap', 'shop-guard-kins');
}

/** What an update of the guard is answered, in a preview as well. */
function change(oldInputs: Inputs, newInputs: Inputs): string | undefined {
  try {
    refuseLoss({ oldInputs, newInputs } as unknown as pulumi.ResourceHookArgs);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const KEEPS_SERVERS = 'NodeUnit shop keeps its servers: they have its data. It has ';

test.each<[string, Inputs, Inputs, string]>([
  ['another only server', guard(L4), guard(L4, { nodes: ['edge2', 'edge1'] }), `${KEEPS_SERVERS}edge1; given: edge2. Name the current ones in the prop servers`], // prettier-ignore
  ['another order of servers', guard(L5), guard(L5, { servers: ['edge2', 'edge1', 'edge3'] }), `${KEEPS_SERVERS}edge1,edge2,edge3; given: edge2,edge1,edge3.`], // prettier-ignore
  ['a server that is replaced by another', guard(L5), guard(L5, { servers: ['edge1', 'edge2', 'edge4'] }), `${KEEPS_SERVERS}edge1,edge2,edge3; given: edge1,edge2,edge4.`], // prettier-ignore
  ['growth that forgets the present server', guard(L4), guard(L5, { servers: ['edge2', 'edge3', 'edge4'] }), KEEPS_SERVERS], // prettier-ignore
  ['another network', guard(L4), guard(L4, { clusterCidr: '10.99.0.0/16' }), 'NodeUnit shop keeps the settings that its cluster was founded with: K3s exits with others. It has cluster-cidr=10.214.0.0/16'], // prettier-ignore
  ['a minor that is skipped', guard(L4, { version: 'v1.33.9+k3s1' }), guard(L4), 'NodeUnit shop takes releases of K3s one minor at a time. It was given v1.33.9+k3s1; now: v1.35.1+k3s1. Set a release of the minor next to the one it was given'], // prettier-ignore
  [
    'two minors down',
    guard(L5),
    guard(L5, { version: 'v1.33.9+k3s1' }),
    'It was given v1.35.1+k3s1; now: v1.33.9+k3s1.',
  ],
  ['one server instead of three', guard(L5), guard(L4), "A unit at L5 can't be set to L4"],
])('%s is refused before anything is changed', (_, before, after, message) => {
  expect(change(before, after)).toContain(message);
});

test.each<[string, Inputs, Inputs]>([
  ['no change', guard(L4), guard(L4)],
  ['the next minor', guard(L4), guard(L4, { version: 'v1.36.1+k3s1' })],
  ['an upgrade that is taken back', guard(L4, { version: 'v1.36.1+k3s1' }), guard(L4)],
  ['a release that nobody knows', guard(L4, { image: 'k3s:ours' }), guard(L4, { version: 'v1.33.9+k3s1' })],
  ['a new beginning with another release', guard(L3, { version: 'v1.33.9+k3s1' }), guard(L4)],
  ['growth', guard(L4), guard(L5)],
  ['another agent', guard(L4), guard(L4, { nodes: ['edge1', 'other'] })],
  ['the end', guard(L5), guard(L3)],
  ['a new beginning with other servers', guard(L3), guard(L4, { nodes: ['edge2'] })],
  ['a server that is gone for ever', guard(L5), guard(L5, { nodes: ['edge1', 'edge2', 'edge4'], retiredServers: ['edge3'] })], // prettier-ignore
  ['the first server, gone for ever', guard(L5), guard(L5, { servers: ['edge2', 'edge3', 'edge4'], retiredServers: ['edge1'] })], // prettier-ignore
])('%s is allowed', (_, before, after) => {
  expect(change(before, after)).toBeUndefined();
});

test('what is not known yet is not refused', () => {
  const known = guard(L4);
  const { annotations } = known.metadata as { annotations: Record<string, string> };
  for (const unknown of [pulumi.runtime.unknownValue, {}, undefined]) {
    const hidden = Object.fromEntries(Object.keys(annotations).map((key) => [key, unknown]));
    const after = { ...known, metadata: { ...(known.metadata as object), annotations: hidden } };
    expect(change(known, after)).toBeUndefined();
  }
});
