import { App, Chart } from 'cdk8s';
import {
  EdgeDatacenter,
  EdgeMachine,
  Fleet,
  FleetApp,
  KinsCluster,
  NodeUnit,
  OperatingSystem,
  Seed,
  ServingCertificateApprover,
} from '../../lib';
import { parseHostAndPort } from '../../lib/core/grammars/hosts';
import { parseImage } from '../../lib/core/grammars/images';
import { parseQuantity } from '../../lib/core/grammars/quantities';
import { parseUrl } from '../../lib/core/grammars/urls';
import { provisioningSupervisor } from '../../lib/device';
import { ED25519 } from '../kkp/ssh-keys';

/** Whether a program that declares this ends well. */
function takes(declare: (chart: Chart) => unknown): boolean {
  try {
    declare(new Chart(new App(), 'c'));
    return true;
  } catch {
    return false;
  }
}

const kins = (props: object): boolean =>
  takes((chart) => new KinsCluster(chart, 'k', { nodes: ['a'], autonomyLevel: 'L4' as never, ...props }));
const datacenter = (node: object): boolean =>
  takes((chart) => new EdgeDatacenter(chart, 'd', { seed: new Seed(chart, 's'), country: 'DE', location: 'HH', node }));

describe('an image is the same to everyone who reads one', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const readers: Record<string, (image: string) => boolean> = {
    KinsCluster: (image) => kins({ image }),
    'its pause image': (pauseImage) => kins({ pauseImage }),
    NodeUnit: (k3sImage) =>
      takes(
        (chart) => new NodeUnit(chart, 'u', { nodes: ['a'], autonomyLevel: 'L4' as never, unitCluster: { k3sImage } }),
      ),
    EdgeDatacenter: (pauseImage) => datacenter({ pauseImage }),
    ServingCertificateApprover: (image) => takes((chart) => new ServingCertificateApprover(chart, 'a', { image })),
  };
  test.each(Object.keys(readers))('%s', (reader) => {
    const read = readers[reader] ?? (() => false);
    const taken = [
      ...['registry.example.com/edge/k3s:v1', 'edge/k3s:v1', 'k3s:v1', 'localhost/k3s:v1', `a.b/k3s@${digest}`],
      ...['[fd00::1]:5000/k3s:v1', '10.0.0.1:5000/k3s:v1', 'a.b:65535/x__y/z--w:V1_a', `a.b/k3s:v1@${digest}`],
    ];
    const refused = [
      ...['a.b/rancher//k3s:v1', 'a.b/rancher/:v1', 'a.b:99999/k3s:v1', 'a.b:0/k3s:v1', 'A.b/k3s:v1', 'a.b/K3s:v1'],
      ...['a.b/x._y:v1', 'a.b/x___y:v1', '10.0.0.256/k3s:v1', '[fd00::1/k3s:v1', 'fd00::1/k3s:v1', 'a..b/k3s:v1'],
      ...[
        'a.b/k3s:',
        'a.b/k3s:.v1',
        'a.b/k3s:v1@sha256:00',
        `a.b/k3s:v1@${digest}@${digest}`,
        ' a.b/k3s:v1',
        'a.b/k3s:v1\n',
      ],
      ...['https://a.b/k3s:v1', `a.b/${'x'.repeat(252)}:v1`, `a.b/k3s:${'x'.repeat(129)}`, ''],
    ];
    expect({ taken: taken.filter(read), refused: refused.filter((image) => !read(image)) }).toEqual({ taken, refused });
  });
});

describe('a registry is the same to everyone who reads one', () => {
  const mirrors = ['https://m.example.com'];
  const readers: Record<string, (registry: string) => boolean> = {
    'mirrors of a KinsCluster': (registry) => kins({ registryMirrors: { [registry]: mirrors } }),
    'the default registry of a KinsCluster': (systemDefaultRegistry) => kins({ systemDefaultRegistry }),
    'mirrors of an EdgeDatacenter': (registry) => datacenter({ registryMirrors: { [registry]: mirrors } }),
    'insecure registries': (registry) => datacenter({ insecureRegistries: [registry] }),
    'a mirror without a scheme': (registry) => datacenter({ registryMirrors: { 'a.example.com': [registry] } }),
    images: (registry) => parseImage(`${registry}/k3s`)?.registry === registry,
  };
  test.each(Object.keys(readers))('%s', (reader) => {
    const read = readers[reader] ?? (() => false);
    const taken = ['registry.example.com', 'registry.example.com:1', 'localhost:5000', '10.0.0.1:65535'];
    const refused = [
      ...['registry.example.com:0', 'registry.example.com:65536', 'registry.example.com:', 'Registry.example.com'],
      ...[
        '10.0.0.256',
        '10.0.1',
        'fd00::1',
        '[fd00::1',
        '[10.0.0.1]:5000',
        '-a.example.com',
        'a_b.example.com',
        'a b.com',
      ],
      ...['a.example.com\u0001', `${'a'.repeat(64)}.example.com`],
    ];
    // The networks of an edge cluster are IPv4, so that it could not reach such a one.
    if (reader !== 'mirrors of a KinsCluster') taken.push('[fd00::1]:5000');
    expect({ taken: taken.filter(read), refused: refused.filter((each) => !read(each)) }).toEqual({ taken, refused });
  });
});

describe('a URL is the same to everyone who reads one', () => {
  const readers: Record<string, (url: string) => boolean> = {
    'mirrors of a KinsCluster': (url) => kins({ registryMirrors: { 'a.example.com': [url] } }),
    'the proxy to a tunnel': (tunnelProxyUrl) => kins({ tunnelProxyUrl }),
    'mirrors of an EdgeDatacenter': (url) => datacenter({ registryMirrors: { 'a.example.com': [url] } }),
    'the proxy of an EdgeDatacenter': (httpProxy) => datacenter({ httpProxy }),
    'the proxy of a supervisor': (httpProxy) => takes(() => provisioningSupervisor({ name: 'a', httpProxy })),
    'sources of packages': (url) => takes(() => provisioningSupervisor({ name: 'a', packageUrls: [url] })),
  };
  test.each(Object.keys(readers))('%s', (reader) => {
    const read = readers[reader] ?? (() => false);
    const taken = [
      'https://a.example.com',
      'https://a.example.com:8443/',
      'https://10.0.0.1',
      'https://[fd00::1]:5000',
    ];
    const refused = [
      ...[
        'https://a.example.com:0',
        'https://a.example.com:99999',
        'https://10.0.0.256',
        'https://',
        'https:a.example.com',
      ],
      ...['https://a.example.com\u0001', 'https://a example.com', 'https://a.example.com/\n', 'HTTPS://a.example.com'],
      ...['https://user@a.example.com', 'https://user:pass@a.example.com', 'ftp://a.example.com', '//a.example.com'],
      ...[
        'https://fd00::1',
        'https://a.example.com#b',
        "https://a.example.com/'",
        'https://a.example.com/%2',
        'https://a_b.c',
      ],
      ...['https://a.example.com/b/../c', 'https://a.example.com\\b', ''],
    ];
    expect({ taken: taken.filter(read), refused: refused.filter((each) => !read(each)) }).toEqual({ taken, refused });
  });

  test('a repository for Argo CD, whose URL goes to Git: no password, and no token in the place of a user', () => {
    const read = (repoUrl: string): boolean =>
      takes((chart) => {
        const sites = [{ name: 'berlin' }];
        return new Fleet(new FleetApp(), chart.node.id, { sites, argoCd: { repoUrl }, build: () => undefined });
      });
    const taken = [
      ...[
        'https://git.example.com/edge.git',
        'ssh://git@git.example.com:22/edge.git',
        'git@git.example.com:team/edge.git',
      ],
      'https://git.example.com/my%20team/_git/edge',
    ];
    const refused = [
      ...[
        'https://token@git.example.com/edge.git',
        'https://me:secret@git.example.com/edge.git',
        'http://git.example.com/e',
      ],
      ...[
        'ssh://git:secret@git.example.com/e',
        'git@a b:e',
        'git@10.0.0.256:e',
        'https://git.example.com/e?token=secret',
      ],
      ...['https://git.example.com:99999/e', 'git.example.com/e', 'https://git.example.com/../e'],
    ];
    expect({ taken: taken.filter(read), refused: refused.filter((each) => !read(each)) }).toEqual({ taken, refused });
  });

  test('a URL is taken apart as it was written', () => {
    expect(parseUrl('https://a:b@Host.example.com:443/x/y?z=%20')).toEqual({
      scheme: 'https',
      credentials: 'a:b',
      host: 'Host.example.com',
      port: 443,
      path: '/x/y',
      query: '?z=%20',
    });
    expect(parseHostAndPort('[fd00::1]:5000')).toEqual({ host: '[fd00::1]', port: 5000 });
  });
});

describe('a quantity is the same to everyone who reads one', () => {
  test('its number', () => {
    const texts = ['250m', '0.5', '.5', '1.5Gi', '1e3', '1E3', '1E', '12e-1', '1Ki', '2k', '7u', '1Pi'];
    expect(texts.map(parseQuantity)).toEqual([
      ...[0.25, 0.5, 0.5, 1.5 * 2 ** 30, 1000, 1000, 1e18, 1.2, 1024, 2000, 7 * 1e-6, 2 ** 50],
    ]);
    expect(
      ['', 'Gi', '1GB', '1K', '-1', '1 Gi', '1.2.3', '1e', '1ee3', '0x10', 'Infinity', 1].map(parseQuantity),
    ).toEqual(Array(12).fill(undefined));
  });

  const readers: Record<string, (quantity: string) => boolean> = {
    'memory of a KinsCluster': (memoryLimit) => kins({ resources: { agent: { memoryLimit } } }),
    'what a kubelet keeps': (memory) => takes((chart) => machine(chart, { kubeReserved: { memory } })),
    'what makes a kubelet evict': (quantity) =>
      takes((chart) => machine(chart, { evictionHard: { 'memory.available': quantity } })),
    'the size of logs': (containerLogMaxSize) => takes((chart) => machine(chart, { containerLogMaxSize })),
  };
  const machine = (chart: Chart, kubelet: object): EdgeMachine =>
    new EdgeMachine(chart, 'm', {
      operatingSystem: OperatingSystem.UBUNTU_22_04,
      kubeletVersion: '1.33.4',
      sshPublicKeys: [ED25519],
      kubelet,
    });
  test.each(Object.keys(readers))('%s', (reader) => {
    const read = readers[reader] ?? (() => false);
    const taken = ['512Mi', '1.5Gi', '1e9', '1000000000', '.5Ti', '2G', '1Pi'];
    const refused = ['512m', '1GB', '1g', '-1Gi', '', '1 Gi', '0.1', '1,5Gi'];
    expect({ taken: taken.filter(read), refused: refused.filter((each) => !read(each)) }).toEqual({ taken, refused });
  });
});
