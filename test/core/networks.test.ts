import fc from 'fast-check';
import {
  addressAt,
  cidr,
  ipAddress,
  networkContains,
  networksOverlap,
  parseAddress,
  parseNetwork,
  type Network,
} from '../../lib/core/grammars/networks';

const four = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
/** An IPv4 network as numbers, to compute with instead of with the library under test. */
const ipv4 = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
  .map(([bits, prefix]) => {
    const size = 2 ** (32 - prefix);
    const first = bits - (bits % size);
    return { first, last: first + size - 1, prefix, text: `${four(first)}/${prefix}` };
  });

function network(text: string): Network {
  const parsed = parseNetwork(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

describe('networks', () => {
  test.each(['10.0.0.0/8', '0.0.0.0/0', '192.168.1.1/32', 'fd00::/108', '::/0', 'fe80::/10'])('%s is one', (text) => {
    expect(parseNetwork(text)).toBeDefined();
  });

  test.each([
    ['host bits', '10.0.0.1/8'],
    ['host bits of IPv6', 'fd00::1/64'],
    ['no prefix', '10.0.0.0'],
    ['a prefix too long', '10.0.0.0/33'],
    ['a prefix with a leading zero', '10.0.0.0/08'],
    ['a prefix with a sign', '10.0.0.0/+8'],
    ['a part that looks octal', '010.0.0.0/8'],
    ['a hexadecimal part', '0x0a.0.0.0/8'],
    ['missing parts', '10.0/16'],
    ['one number', '167772160/8'],
    ['a zone', 'fe80::%eth0/10'],
    ['a mask', '10.0.0.0/255.0.0.0'],
    ['spaces', ' 10.0.0.0/8'],
    ['a line break', '10.0.0.0/8\n'],
    ['two of them', '10.0.0.0/8,fd00::/64'],
    ['a number', 10],
    ['nothing', undefined],
  ])('%s is none', (_, text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });

  test('exactly those texts are taken whose address is the first of the network', () => {
    fc.assert(
      fc.property(ipv4, fc.nat(), ({ first, last, prefix, text }, offset) => {
        expect(parseNetwork(text)).toMatchObject({ prefixLength: prefix });
        const other = first + (offset % (last - first + 1));
        expect(parseNetwork(`${four(other)}/${prefix}`) !== undefined).toBe(other === first);
      }),
    );
  });

  test('overlap is symmetric, and means that both have an address', () => {
    fc.assert(
      fc.property(ipv4, ipv4, (a, b) => {
        const expected = a.first <= b.last && b.first <= a.last;
        expect(networksOverlap(network(a.text), network(b.text))).toBe(expected);
        expect(networksOverlap(network(b.text), network(a.text))).toBe(expected);
        expect(networksOverlap(network(a.text), network(a.text))).toBe(true);
      }),
    );
  });

  test('networks of different families have nothing in common', () => {
    expect(networksOverlap(network('0.0.0.0/0'), network('::/0'))).toBe(false);
  });

  test('an address lies in a network when it is between its first and its last', () => {
    const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(ipv4, address, fc.nat(), ({ first, last, text }, outside, inside) => {
        const contains = (value: number): boolean => {
          const parsed = parseAddress(four(value));
          return parsed !== undefined && networkContains(network(text), parsed);
        };
        expect(contains(outside)).toBe(outside >= first && outside <= last);
        expect(contains(first + (inside % (last - first + 1)))).toBe(true);
      }),
    );
  });

  test('addresses are counted from the network on, over all carries', () => {
    fc.assert(
      fc.property(ipv4, fc.nat({ max: 2 ** 30 }), ({ first, last, text }, offset) => {
        fc.pre(first + offset <= last);
        expect(addressAt(network(text), offset)).toBe(four(first + offset));
      }),
    );
    expect(addressAt(network('10.215.0.0/16'), 10)).toBe('10.215.0.10');
    expect(addressAt(network('fd00::/108'), 65_536)).toBe('fd00::1:0');
  });
});

describe('addresses', () => {
  test.each(['192.0.2.1', '0.0.0.0', 'fd00::1', '::ffff:192.0.2.1'])('%s is one', (text) => {
    expect(parseAddress(text)).toBeDefined();
  });

  test.each([
    '192.0.2.010',
    '0x7f.0.0.1',
    '127.1',
    '2130706433',
    '192.0.2.1/32',
    'fe80::1%eth0',
    '192.0.2.256',
    'a.b',
    '',
    '192.0.2.1\n',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test.each(['127.0.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'ff02::1', 'edge1'])(
    'no node is reached at %s',
    (text) => {
      expect(ipAddress()(text, 'address')).toEqual([
        {
          field: 'address',
          given: `'${text}'`,
          allowed: 'an IP address that other hosts can reach',
          remedy: 'Write it like 192.168.1.10.',
        },
      ]);
    },
  );

  test.each(['192.0.2.1', '10.0.0.1', '100.64.0.1', '169.254.1.1', 'fd00::1'])('a node can be at %s', (text) => {
    expect(ipAddress()(text, 'address')).toEqual([]);
  });
});

describe('the rule for networks', () => {
  const rule = cidr({ minPrefix: 12, maxPrefix: 24 });

  test.each([
    ['10.1.2.3/16', 'The network is 10.1.0.0/16.'],
    ['10.0.0.0', 'Write it like 10.40.0.0/16.'],
    ['010.1.0.0/16', 'Write it like 10.40.0.0/16.'],
    ['10.1/16', 'Write it like 10.40.0.0/16.'],
    ['10.0.0.0/8', 'Choose a network of this size.'],
    ['10.0.0.0/25', 'Choose a network of this size.'],
    ['fd00::/20', 'Choose a network of this size.'],
  ])('of %s says: %s', (text, remedy) => {
    expect(rule(text, 'cidr')).toEqual([
      {
        field: 'cidr',
        given: `'${text}'`,
        allowed: 'an IPv4 network in CIDR notation with a prefix from /12 to /24',
        remedy,
      },
    ]);
  });

  test('takes exactly the sizes within its bounds', () => {
    fc.assert(
      fc.property(ipv4, ({ text, prefix }) => {
        expect(rule(text, 'cidr').length === 0).toBe(prefix >= 12 && prefix <= 24);
      }),
    );
  });
});
