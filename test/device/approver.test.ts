import { identifier, integer, pem, sequence, tagged } from '../support/der';
import {
  address,
  ALTERNATIVE_NAME,
  alternativeNames,
  COMMON_NAME,
  derOf,
  dns,
  EXTENSION_REQUEST,
  extension,
  lineOf,
  look,
  ORGANIZATION,
  part,
  subjectOf,
  UTF8,
  type Cluster,
  type Parts,
  type Request,
} from './support/approver';
import { SHELLS } from './support/fake-device';

const APPROVED = 'approved csr-1 of node edge1\n';
const left = (cause: string): string => `left csr-1: ${cause}\n`;
const UNUSUAL = left('it is not written as a kubelet writes it');
const NONE = left('it is no certificate request');
const USAGES = left('its usages are not those of a serving certificate');

/** What the approver says about one request. */
const said = (request: Request, cluster: Partial<Cluster> = {}, shell: (typeof SHELLS)[number] = 'dash'): string =>
  look(shell, { ...cluster, requests: [lineOf(request)] }).said;

describe.each(SHELLS)('in %s', (shell) => {
  test('a request is approved as it was looked at, and each look asks with a time limit', () => {
    expect(look(shell, { requests: [lineOf()] })).toMatchObject({
      code: 0,
      said: APPROVED,
      approved: [
        {
          apiVersion: 'certificates.k8s.io/v1',
          kind: 'CertificateSigningRequest',
          metadata: { name: 'csr-1', uid: 'uid-1', resourceVersion: '7' },
          status: { conditions: [{ type: 'Approved', status: 'True' }] },
        },
      ],
    });
  });

  test('of several requests each is decided by itself', () => {
    const requests = [
      lineOf({ name: 'csr-1', groups: ['system:masters'] }),
      lineOf({ name: 'csr-2' }),
      lineOf({ name: 'csr-3', user: 'system:node:edge2' }),
      lineOf({ name: 'csr-4' }),
    ];
    const { code, said: text } = look(shell, { requests });
    expect({ code, text: text.split('\n') }).toEqual({
      code: 0,
      text: [
        'left csr-1: it was not made by a node',
        'approved csr-2 of node edge1',
        'left csr-3: it was made by another than it names',
        'approved csr-4 of node edge1',
        '',
      ],
    });
  });

  test.each([
    // A length of one byte, of one that says so, of two: DER has one spelling for each.
    ['a short request', { key: sequence() }],
    ['a request with a long key', { key: sequence(tagged(0x03, Buffer.alloc(526, 7))) }],
    ['parts of 127, 128, 255 and 256 bytes', { key: sequence(...[127, 128, 255, 256].map((size) => tagged(0x03, Buffer.alloc(size)))) }],
    ['a request of exactly 128 bytes', { key: tagged(0x30, Buffer.alloc(1)) }],
  ])('%s is read', (_, parts) => {
    expect(said({ der: derOf(parts) }, {}, shell)).toBe(APPROVED);
  }); // prettier-ignore
});

test('nothing is asked further when there is no request', () => {
  expect(look('dash', { requests: [] })).toMatchObject({
    code: 0,
    said: '',
    asked: [expect.stringContaining('requests')],
  });
});

test.each([
  ['requests', 'get certificatesigningrequests'],
  ['machines', 'get machinedeployments'],
  ['nodes', 'get nodes'],
  ['the address of the API server', 'get service'],
  ['the addresses behind that', 'get endpointslices'],
])('without an answer about %s nothing is decided', (_, fails) => {
  expect(look('dash', { requests: [lineOf()], fails })).toMatchObject({ code: 1, said: '', approved: [] });
});

test('an approval that is refused is a failure, and the others are made all the same', () => {
  const requests = [lineOf({ name: 'csr-1' }), lineOf({ name: 'csr-2' })];
  expect(look('dash', { requests, fails: '/csr-1/' })).toMatchObject({
    code: 1,
    said: 'failed: csr-1 of node edge1 could not be approved\napproved csr-2 of node edge1\n',
    approved: [{ metadata: { name: 'csr-2' } }],
  });
});

describe('the subject', () => {
  const ORG = part(ORGANIZATION, 'system:nodes');
  const NAME = part(COMMON_NAME, 'system:node:edge1');
  test.each<[string, readonly Buffer[], string]>([
    ['the other way round, and in UTF-8', [part(COMMON_NAME, 'system:node:edge1', UTF8), part(ORGANIZATION, 'system:nodes', UTF8)], APPROVED],
    ['of another organization', [part(ORGANIZATION, 'system:masters'), NAME], left('its organization is not system:nodes')],
    ['without an organization', [NAME], UNUSUAL],
    ['without a name', [ORG], UNUSUAL],
    ['with nothing in it', [], UNUSUAL],
    ['with two organizations', [ORG, ORG, NAME], UNUSUAL],
    ['with two names', [ORG, NAME, NAME], UNUSUAL],
    ['with a further part', [ORG, NAME, part('550406', 'DE')], UNUSUAL],
    ['with a string of another kind', [ORG, part(COMMON_NAME, 'system:node:edge1', 0x16)], UNUSUAL],
    ['with a list in the place of a set', [ORG, tagged(0x30, ...[NAME].map((each) => each.subarray(2)))], UNUSUAL],
    ['with two parts in one set', [tagged(0x31, ORG.subarray(2), NAME.subarray(2))], UNUSUAL],
    ['with a set in the place of a pair', [ORG, tagged(0x31, tagged(0x31, NAME.subarray(4)))], UNUSUAL],
    ['whose kind is no identifier', [ORG, tagged(0x31, sequence(tagged(0x04, Buffer.from(COMMON_NAME, 'hex')), tagged(0x13, Buffer.from('system:node:edge1'))))], UNUSUAL],
    ['with something behind a value', [ORG, tagged(0x31, sequence(identifier(COMMON_NAME), tagged(0x13, Buffer.from('system:node:edge1')), integer(0)))], UNUSUAL],
    ['with a kind and no value', [ORG, tagged(0x31, sequence(identifier(COMMON_NAME)))], UNUSUAL],
    ['with a blank in the name', [ORG, part(COMMON_NAME, 'system:node:edge1 ')], left('it was made by another than it names')],
    ['with a line break in the organization', [part(ORGANIZATION, 'system:nodes\n'), NAME], left('its organization is not system:nodes')],
    ['of somebody who is no node', [ORG, part(COMMON_NAME, 'system:admin')], left('it was made by another than it names')],
  ])('%s', (_, subject, outcome) => {
    expect(said({ der: derOf({ subject }) })).toBe(outcome);
  }); // prettier-ignore

  test('of somebody who is no node, by that somebody', () => {
    const der = derOf({ subject: [ORG, part(COMMON_NAME, 'system:admin')] });
    expect(said({ der, user: 'system:admin' })).toBe(left('it was made by another than it names'));
  });
});

describe('the names', () => {
  const nodes = {
    edge1: ['192.0.2.1', 'fd00::1', '127.0.0.1', '::1', '192.0.2.99', '10.96.0.1', '10.0.0.6', 'edge1'],
    edge2: ['192.0.2.2', '192.0.2.99'],
  };
  const endpoints = ['10.0.0.5', '10.0.0.6'];
  const names = (all: readonly Buffer[]): string => said({ der: derOf({ names: all }) }, { nodes, endpoints });
  test.each<[string, readonly Buffer[], string]>([
    ['of the node, with its addresses', [dns('edge1'), address('c0000201'), address('fd000000000000000000000000000001')], APPROVED],
    ['of an address alone', [address('c0000201')], APPROVED],
    ['of another node', [dns('edge1'), dns('edge2')], left('it is for another name than edge1')],
    ['of another node first', [dns('edge2'), dns('edge1')], left('it is for another name than edge1')],
    ['with the end of a line in it', [dns('edge1\n')], left('it is for another name than edge1')],
    ['of an address that the node does not have', [address('c0000203')], left('it is for an address that node edge1 does not have')],
    ['of a part of an address', [address('c00002')], left('it is for an address that node edge1 does not have')],
    ['of no bytes', [address('')], left('it is for an address that node edge1 does not have')],
    ['of an address that another node has, too', [address('c0000263')], left('it is for an address that node edge2 has, too')],
    ['of the API server, for pods', [address('0a600001')], left('it is for an address of the API server')],
    ['of the API server itself', [address('0a000006')], left('it is for an address of the API server')],
    ['of loopback', [dns('edge1'), address('7f000001')], left('it is for an address that other hosts have, too')],
    ['of loopback in IPv6', [address(`${'0'.repeat(31)}1`)], left('it is for an address that other hosts have, too')],
    ['with a mail address', [dns('edge1'), tagged(0x81, Buffer.from('edge1'))], UNUSUAL],
    ['with a name of a directory', [tagged(0xa4, Buffer.from('edge1'))], UNUSUAL],
    ['that are none', [], UNUSUAL],
  ])('%s', (_, all, outcome) => {
    expect(names(all)).toBe(outcome);
  }); // prettier-ignore

  const ALL_KINDS: readonly (readonly [string, string, string])[] = [
    ['0.0.0.0', '00000000', 'this host'],
    ['169.254.1.1', 'a9fe0101', 'a link'],
    ['224.0.0.1', 'e0000001', 'many'],
    ['240.0.0.1', 'f0000001', 'nobody'],
    ['fe80::1', 'fe800000000000000000000000000001', 'a link'],
    ['febf::1', 'febf0000000000000000000000000001', 'a link'],
    ['ff02::1', 'ff020000000000000000000000000001', 'many'],
    ['::ffff:c000:201', '00000000000000000000ffffc0000201', 'IPv4 in IPv6'],
    ['::c000:201', '000000000000000000000000c0000201', 'IPv4 in IPv6'],
  ];
  test.each(ALL_KINDS)('an address %s that the node tells (%s) is of %s, and not approved', (plain, hex) => {
    expect(said({ der: derOf({ names: [address(hex)] }) }, { nodes: { edge1: [plain] } })).toBe(
      left('it is for an address that other hosts have, too'),
    );
  });

  test.each([
    ['192.0.2.1', 'c0000201'],
    ['255.255.255.255', undefined],
    ['1.2.3.255', '010203ff'],
    ['1.2.3.256', undefined],
    ['fd00:1:2:3:4:5:6:7', 'fd000001000200030004000500060007'],
    ['FD00::A', 'fd00000000000000000000000000000a'],
    ['fd00::1:0:0:2', 'fd000000000000000001000000000002'],
    ['fd00:0:0:1::', 'fd000000000000010000000000000000'],
    ['2001:db8:1:2:3:4:5::', '20010db8000100020003000400050000'],
    ['fd00::1::2', undefined],
    ['fd00:1:2', undefined],
    ['fd00:1:2:3:4:5:6:7:8', undefined],
    ['fd00::12345', undefined],
    ['edge1:1', undefined],
    ['', undefined],
  ])('of address %s as a node tells it are %s', (plain, hex) => {
    // What is no address is none that a certificate could have.
    const der = derOf({ names: [address(hex ?? '00000000000000000000000000000000')] });
    const outcome = hex === undefined ? left('it is for an address that node edge1 does not have') : APPROVED;
    expect(said({ der }, { nodes: { edge1: plain === '' ? [] : [plain] } })).toBe(outcome);
  });

  test('are the declared ones where some are declared, whatever the node tells', () => {
    const machines = ['edge1 auto 192.0.2.40_fd00-0-0-0-0-0-0-40'];
    const cluster = { machines, nodes: { edge1: ['192.0.2.41'] } };
    const der = (hex: string): Buffer => derOf({ names: [address(hex)] });
    expect(said({ der: der('c0000228') }, cluster)).toBe(APPROVED);
    expect(said({ der: der('fd000000000000000000000000000040') }, cluster)).toBe(APPROVED);
    expect(said({ der: der('c0000229') }, cluster)).toBe(left('it is for an address that node edge1 does not have'));
  });
});

test.each<[string, Partial<Cluster>, string]>([
  ['without a node', { nodes: { edge2: [] } }, 'node edge1 does not exist'],
  ['of a node that is no machine', { machines: ['edge2 auto'] }, 'node edge1 is no machine'],
  ['of a machine whose owner wants to look', { machines: ['edge1 manual'] }, 'machine edge1 wants its certificates approved by hand'],
])('a request %s is left', (_, cluster, cause) => {
  expect(said({}, cluster)).toBe(left(cause));
}); // prettier-ignore

describe('who asks', () => {
  test.each([
    ['another node', { user: 'system:node:edge2' }, 'it was made by another than it names'],
    ['a node in no group', { groups: [] as string[] }, 'it lacks usages or groups'],
    ['somebody outside the group of nodes', { groups: ['system:authenticated'] }, 'it was not made by a node'],
    ['somebody in a group with a longer name', { groups: ['system:nodes2', 'a-system:nodes'] }, 'it was not made by a node'],
  ])('%s', (_, request, cause) => {
    expect(said(request)).toBe(left(cause));
  }); // prettier-ignore
});

describe('usages', () => {
  const [D, K, S] = ['digital signature', 'key encipherment', 'server auth'];
  test.each([[D, S], [S, D], [D, K, S], [D, S, K], [K, D, S], [K, S, D], [S, D, K], [S, K, D]].map((all) => [all]))(
    '%j are of a serving certificate',
    (usages) => {
      expect(said({ usages })).toBe(APPROVED);
    },
  ); // prettier-ignore
  test.each([[S], [D], [D, K], [D, S, 'client auth'], ['client auth', D, S], [D, S, S], [D, D, S]].map((all) => [all]))(
    '%j are not',
    (usages) => {
      expect(said({ usages })).toBe(USAGES);
    },
  ); // prettier-ignore
});

describe('what a kubelet does not write is not looked at further', () => {
  const DNS = [dns('edge1')];
  test.each<[string, Parts]>([
    ['another version', { version: integer(1) }],
    ['a version of another kind', { version: tagged(0x01, Buffer.from([0])) }],
    ['no key', { key: Buffer.alloc(0) }],
    ['a key of another kind', { key: tagged(0x31) }],
    ['no attributes', { attributes: [] }],
    ['two attributes', { attributes: [alternativeNames(DNS), alternativeNames(DNS)] }],
    ['another attribute', { attributes: [sequence(identifier('2a864886f70d010907'), tagged(0x31, sequence(sequence(identifier(ALTERNATIVE_NAME), tagged(0x04, sequence(...DNS))))))] }],
    ['an attribute of another kind', { attributes: [tagged(0x31, alternativeNames(DNS).subarray(2))] }],
    ['an attribute without an identifier', { attributes: [sequence(tagged(0x04, Buffer.from(EXTENSION_REQUEST, 'hex')), tagged(0x31, sequence(sequence(identifier(ALTERNATIVE_NAME), tagged(0x04, sequence(...DNS))))))] }],
    ['values that are no set', { attributes: [sequence(identifier(EXTENSION_REQUEST), sequence(sequence(sequence(identifier(ALTERNATIVE_NAME), tagged(0x04, sequence(...DNS))))))] }],
    ['two values of an attribute', { attributes: [sequence(identifier(EXTENSION_REQUEST), tagged(0x31, sequence(sequence(identifier(ALTERNATIVE_NAME), tagged(0x04, sequence(...DNS)))), sequence()))] }],
    ['two extensions', { attributes: [sequence(identifier(EXTENSION_REQUEST), tagged(0x31, sequence(sequence(identifier(ALTERNATIVE_NAME), tagged(0x04, sequence(...DNS))), sequence(identifier('551d13'), tagged(0x04, sequence())))))] }],
    ['another extension', { attributes: [extension(identifier('551d13'), tagged(0x04, sequence(...DNS)))] }],
    ['an extension without an identifier', { attributes: [extension(tagged(0x04, Buffer.from(ALTERNATIVE_NAME, 'hex')), tagged(0x04, sequence(...DNS)))] }],
    ['an extension without a value', { attributes: [extension(identifier(ALTERNATIVE_NAME))] }],
    ['a value of another kind', { attributes: [extension(identifier(ALTERNATIVE_NAME), tagged(0x03, sequence(...DNS)))] }],
    ['names that are no list', { attributes: [extension(identifier(ALTERNATIVE_NAME), tagged(0x04, tagged(0x31, ...DNS)))] }],
    ['something behind the names', { attributes: [extension(identifier(ALTERNATIVE_NAME), tagged(0x04, sequence(...DNS), integer(0)))] }],
    ['something behind the extension', { attributes: [extension(identifier(ALTERNATIVE_NAME), tagged(0x04, sequence(...DNS)), integer(0))] }],
    ['an extension that is critical twice', { attributes: [extension(identifier(ALTERNATIVE_NAME), ...[1, 2].map(() => tagged(0x01, Buffer.from([255]))), tagged(0x04, sequence(...DNS)))] }],
  ])('%s', (_, parts) => {
    expect(said({ der: derOf(parts) })).toBe(UNUSUAL);
  }); // prettier-ignore

  test('an extension that is critical may be', () => {
    const attributes = [extension(identifier(ALTERNATIVE_NAME), tagged(0x01, Buffer.from([255])), tagged(0x04, sequence(...DNS)))];
    expect(said({ der: derOf({ attributes }) })).toBe(APPROVED);
  }); // prettier-ignore

  const whole = derOf();
  const content = whole.subarray(3);
  const framed = (...start: readonly number[]): Buffer => Buffer.concat([Buffer.from([0x30, ...start]), content]);
  test.each([
    ['a length in more bytes than it takes', framed(0x82, 0, content.length)],
    ['a length without an end', framed(0x80)],
    ['a length in three bytes', framed(0x83, 0, 0, content.length)],
    ['a length that leaves something over', framed(0x81, content.length - 1)],
    ['a length that goes beyond the end', framed(0x81, content.length + 1)],
    ['something behind the request', Buffer.concat([whole, integer(0)])],
    ['a request that is no list', Buffer.concat([Buffer.from([0x31]), whole.subarray(1)])],
    ['a request that is cut off', whole.subarray(0, 1)],
    ['a request whose length is cut off', Buffer.from([0x30, 0x81])],
    ['a request without content', sequence(tagged(0x31))],
  ])('%s', (_, der) => {
    expect(said({ der })).toBe(UNUSUAL);
  });

  /** A name whose length is written in another way, in frames that have room for it. */
  const spelled = (...length: readonly number[]): Buffer => {
    const name = Buffer.concat([Buffer.from([0x82, ...length]), Buffer.from('edge1')]);
    return derOf({ names: [name] });
  };
  test('lengths have one spelling, in whatever place', () => {
    expect(said({ der: spelled(5) })).toBe(APPROVED);
    for (const length of [[0x81, 5], [0x82, 0, 5], [0x84, 0, 0, 0, 5], [0x80]]) {
      expect(said({ der: spelled(...length) })).toBe(UNUSUAL);
    } // prettier-ignore
  });

  test('a length that fits into a byte takes no two', () => {
    const long = Buffer.from('a'.repeat(200));
    const two = Buffer.concat([Buffer.from([0x03, 0x82, 0, 200]), long]);
    const one = Buffer.concat([Buffer.from([0x03, 0x81, 200]), long]);
    const subject = (bits: Buffer): Buffer[] => [...subjectOf('edge1'), tagged(0x31, bits)];
    // Neither is right there, but the first element that is not is the one that is told.
    expect(said({ der: derOf({ names: [tagged(0x82, long)] }) })).toBe(left('it is for another name than edge1'));
    expect(said({ der: derOf({ subject: subject(one) }) })).toBe(UNUSUAL);
    expect(said({ der: derOf({ names: [Buffer.concat([Buffer.from([0x82, 0x82, 0, 200]), long])] }) })).toBe(UNUSUAL);
    expect(said({ der: derOf({ subject: subject(two) }) })).toBe(UNUSUAL);
  });
});

describe('what is around a request in PEM', () => {
  const text = pem('CERTIFICATE REQUEST', derOf());
  const lines = text.trimEnd().split('\n');
  const body = lines.slice(1, -1);
  test.each([0, 1, 2])('nothing but it, of any length (%i more)', (more) => {
    expect(said({ der: derOf({ key: sequence(tagged(0x03, Buffer.alloc(66 + more))) }) })).toBe(APPROVED);
  });
  test.each([
    ['the end of a line or more behind it', `${text}\n\n`, APPROVED],
    ['no end of the last line', text.trimEnd(), APPROVED],
    ['something before it', `# mine\n${text}`, NONE],
    ['something behind it', `${text}# mine\n`, NONE],
    ['another label', pem('CERTIFICATE', derOf()), NONE],
    ['carriage returns', pem('CERTIFICATE REQUEST', derOf()).replaceAll('\n', '\r\n'), NONE],
    ['another label at its end', text.replace('END CERTIFICATE REQUEST', 'END CERTIFICATE'), NONE],
    ['no frame', body.join('\n'), NONE],
    ['a header', [lines[0], 'Proc-Type: 4,ENCRYPTED', ...lines.slice(1)].join('\n'), NONE],
    ['a blank in it', [lines[0], ` ${body.join('')}`, lines.at(-1)].join('\n'), NONE],
    ['a character too few', [lines[0], body.join('').replace(/=*$/, '').slice(1), lines.at(-1)].join('\n'), NONE],
    ['too much padding', [lines[0], `${body.join('').replace(/=*$/, '').slice(0, -1)}===`, lines.at(-1)].join('\n'), NONE],
    ['nothing in it', `${lines[0]!}\n${lines.at(-1)!}\n`, NONE],
    ['a tabulator behind it', `${text.trimEnd()}\t\n`, NONE],
  ])('%s', (_, given, outcome) => {
    expect(said({ pem: given })).toBe(outcome);
  }); // prettier-ignore
});
