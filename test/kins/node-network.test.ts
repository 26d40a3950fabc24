import { kinsObjects } from '../support/units';
import { find } from '../support/render';
import { nodeAddressTable, nodeNetwork, overlayPort, roomIn } from '../../lib/kins/node-network';
import { networkContains, parseAddress, parseNetwork } from '../../lib/core/grammars/networks';
import { AutonomyLevel } from '../../lib';

const addressesOf = (nodes: readonly string[], nodeCidr = '10.216.0.0/16'): ReadonlyMap<string, string> =>
  new Map(
    nodeAddressTable({ nodes, nodeCidr })
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
const named = (count: number): string[] => Array.from({ length: count }, (_, index) => `edge${index + 1}`);

describe('addresses of nodes', () => {
  test('follow from the names, in whatever order these are given', () => {
    const nodes = named(200);
    const table = nodeAddressTable({ nodes, nodeCidr: '10.0.0.0/24' });
    expect(nodeAddressTable({ nodes: [...nodes].reverse(), nodeCidr: '10.0.0.0/24' })).toBe(table);
    expect([...addressesOf(nodes).keys()].sort()).toEqual([...nodes].sort());
  });

  test('stay as they are when a node comes or goes', () => {
    const before = addressesOf(named(10));
    const after = addressesOf(['another', ...named(10)]);
    expect(new Map([...after].filter(([name]) => name !== 'another'))).toEqual(before);
  });

  test.each([
    ['10.216.0.0/24', 254],
    ['192.168.4.0/23', 400],
    ['10.0.0.0/8', 1000],
  ])('are in %s, each once, and neither that of the network nor that of all in it', (nodeCidr, count) => {
    const network = parseNetwork(nodeCidr)!;
    const addresses = [...addressesOf(named(count), nodeCidr).values()];
    expect(new Set(addresses).size).toBe(count);
    expect(addresses.filter((each) => !networkContains(network, parseAddress(each)!))).toEqual([]);
    const ends = { '10.216.0.0/24': '10.216.0.255', '192.168.4.0/23': '192.168.5.255', '10.0.0.0/8': '10.255.255.255' };
    expect(addresses).not.toContain(nodeCidr.replace(/\/.*/, ''));
    expect(addresses).not.toContain(ends[nodeCidr as keyof typeof ends]);
  });

  test('differ for two names that would have the same one', () => {
    const nodes = named(40);
    const alone = nodes.map((name) => addressesOf([name], '10.0.0.0/24').get(name));
    // Or this test would show nothing.
    expect(new Set(alone).size).toBeLessThan(40);
    expect(new Set(addressesOf(nodes, '10.0.0.0/24').values()).size).toBe(40);
  });

  test('are refused, not sought for ever, where a network that has just become known is too small', () => {
    expect(roomIn(parseNetwork('10.0.0.0/24')!)).toBe(254);
    expect(() => nodeAddressTable({ nodes: named(255), nodeCidr: '10.0.0.0/24' })).toThrow(
      'nodeCidr: 10.0.0.0/24 has no room for 255 nodes',
    );
  });
});

describe('the network of a unit on a node', () => {
  const UNITS = ['a', 'u'.repeat(35), ...named(5000)];

  test('has names that Linux takes for interfaces, and flannel for its own', () => {
    for (const unit of UNITS) {
      const { link, vni } = nodeNetwork(unit);
      for (const name of [link, `${link}.x`, `flannel.${vni}`]) expect(name).toMatch(/^[a-z0-9.-]{1,15}$/);
      expect(Number(vni)).toBeGreaterThan(1);
    }
    // The longest that there can be: 2 + 0x7f_ff_ef.
    expect(`flannel.${2 + 0x7f_ff_ef}`).toHaveLength(15);
  });

  test('has two link-local addresses of one network of four', () => {
    for (const unit of UNITS) {
      const [here, there] = nodeNetwork(unit).linkAddresses.map((each) => parseAddress(each)!.toByteArray());
      expect(here!.slice(0, 2)).toEqual([169, 254]);
      expect(here![3]! % 4).toBe(1);
      expect(there).toEqual([...here!.slice(0, 3), here![3]! + 1]);
    }
  });

  test('is another one for another unit', () => {
    const [one, other] = [nodeNetwork('berlin'), nodeNetwork('ulm')];
    expect(one.link).not.toBe(other.link);
    expect(one.vni).not.toBe(other.vni);
    expect(one.linkAddresses).not.toEqual(other.linkAddresses);
  });

  test('wraps packets with the same number and port for flannel as for the interface on the node', () => {
    const objects = kinsObjects('test', AutonomyLevel.L4, { apiPort: 7443, clusterCidr: '10.100.0.0/16' });
    const { data } = find(objects, 'ConfigMap', 'test-config-kins') as unknown as { data: Record<string, string> };
    expect(JSON.parse(data['flannel.json'] ?? '')).toEqual({
      Network: '10.100.0.0/16',
      EnableIPv4: true,
      EnableIPv6: false,
      Backend: { Type: 'vxlan', VNI: Number(nodeNetwork('test').vni), Port: overlayPort({ apiPort: 7443 }) },
    });
    expect(JSON.stringify(find(objects, 'DaemonSet', 'test-cri-kins'))).toContain(
      `{"name":"VNI","value":"${nodeNetwork('test').vni}"}`,
    );
    expect(overlayPort({ apiPort: 7443 })).toBe(7446);
  });
});
