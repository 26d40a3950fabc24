import type { k8s } from 'cdk8s-plus-27';
import { AutonomyLevel, type KinsClusterProps } from '../../lib';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';
import { CA } from './ca';

const { L3, L4, L5 } = AutonomyLevel;
const FOLDER = '/run/kins/test/registries';
const files = (props: Partial<KinsClusterProps>, level = L4): Record<string, string> => {
  const { data } = find(kinsObjects('test', level, props), 'ConfigMap', 'test-config-kins');
  const all = Object.entries((data ?? {}) as Record<string, string>);
  return Object.fromEntries(all.filter(([key]) => key.startsWith('registr')));
};
const agent = (props: Partial<KinsClusterProps>, level = L4): k8s.PodSpec =>
  (find(kinsObjects('test', level, props), 'DaemonSet', 'test-agent-kins').spec as k8s.DaemonSetSpec).template.spec!;
const lines = (...text: readonly string[]): string => `${text.join('\n')}\n`;
const PULL = 'capabilities = ["pull", "resolve"]';

describe('mirrors', () => {
  test('are tried in order, each registry by a file whose name depends on no other registry', () => {
    const registryMirrors = {
      'ghcr.io:443': ['https://m.example.com/ghcr'],
      'docker.io': ['https://a.example.com', 'https://b.example.com:5000/hub'],
      '*': ['https://c.example.com'],
    };
    expect(files({ registryMirrors })).toEqual({
      'registry.docker.io.toml': lines(
        '[host."https://a.example.com"]',
        `  ${PULL}`,
        '',
        '[host."https://b.example.com:5000/hub"]',
        `  ${PULL}`,
        '  override_path = true',
      ),
      'registry.ghcr.io_443_.toml': lines('[host."https://m.example.com/ghcr"]', `  ${PULL}`, '  override_path = true'),
      'registry._default.toml': lines('[host."https://c.example.com"]', `  ${PULL}`),
    });
  });

  test.each([
    ['https://m.example.com', 'https://m.example.com', false],
    // containerd would ask for //v2/.
    ['https://m.example.com/', 'https://m.example.com', false],
    ['https://m.example.com:5000/v2/', 'https://m.example.com:5000/v2', false],
    ['https://harbor.example.com/v2/hub', 'https://harbor.example.com/v2/hub', true],
    ['https://harbor.example.com/v2/hub//', 'https://harbor.example.com/v2/hub', true],
    ['https://artifactory.example.com/api/docker/hub/v2', 'https://artifactory.example.com/api/docker/hub/v2', true],
  ])('%s is asked at its own path, if it has one, as K3s does', (given, url, isOwn) => {
    const text = files({ registryMirrors: { 'docker.io': [given] } })['registry.docker.io.toml'] ?? '';
    expect(text.split('\n')[0]).toBe(`[host."${url}"]`);
    expect(text.includes('override_path = true')).toBe(isOwn);
  });

  test('know images by other names, the registry itself by its own', () => {
    const mirror = { endpoints: ['https://m.example.com'], rewrites: { '^rancher/(.*)\\.x': 'mirrors/$1' } };
    expect(files({ registryMirrors: { 'docker.io': mirror } })['registry.docker.io.toml']).toBe(
      lines(
        '[host."https://m.example.com"]',
        `  ${PULL}`,
        '  [host."https://m.example.com".rewrite]',
        '    "^rancher/(.*)\\\\.x" = "mirrors/$1"',
      ),
    );
  });

  test.each([
    ['where it is wished', { endpoints: ['https://a.example.com', 'https://b.example.com/hub'], fallback: false }, 'b'],
    ['where the last is the registry itself', { endpoints: ['https://a.example.com', 'https://r.example.com'] }, 'r'],
  ])('the last mirror takes the place of the registry %s, and is asked by rewritten names', (_, mirror, last) => {
    const registryMirrors = { 'r.example.com': { ...mirror, rewrites: { '^a/': 'b/' } } };
    expect(files({ registryMirrors })['registry.r.example.com.toml']).toBe(
      lines(
        last === 'b' ? 'server = "https://b.example.com/hub"' : 'server = "https://r.example.com"',
        PULL,
        ...(last === 'b' ? ['override_path = true'] : []),
        '[rewrite]',
        '  "^a/" = "b/"',
        '',
        '[host."https://a.example.com"]',
        `  ${PULL}`,
        '  [host."https://a.example.com".rewrite]',
        '    "^a/" = "b/"',
      ),
    );
  });
});

describe('a registry without a mirror, or with one that is not trusted in any way of its own', () => {
  test('is asked itself, whatever is said of others', () => {
    const registryMirrors = { 'docker.io': { endpoints: ['https://m.example.com'], fallback: true } };
    const registries = { 'r.example.com': { caSecret: { secretName: 'r' } } };
    expect(files({ registryMirrors, registries })).toMatchObject({
      'registry.docker.io.toml': lines('[host."https://m.example.com"]', `  ${PULL}`),
      'registry.r.example.com.toml': lines(
        'server = "https://r.example.com"',
        PULL,
        `ca = ["${FOLDER}/tls/r.example.com/ca.crt"]`,
      ),
    });
  });
});

describe('registries', () => {
  const registries = {
    'docker.io': { auth: { secretName: 'hub' } },
    'm.example.com:5000': {
      auth: { secretName: 'm', usernameKey: 'u', passwordKey: 'p' },
      caSecret: { secretName: 'm-ca' },
      clientCertificate: { secretName: 'm-tls', privateKeyKey: 'key' },
    },
    'plain.example.com': { plainHttp: true },
    't.example.com:443': { auth: { secretName: 't', identityTokenKey: 'refresh' }, ca: `\n${CA}` },
  };

  test('are named with what they are talked to by, as mirrors of others too', () => {
    const registryMirrors = { 'docker.io': ['https://m.example.com:5000/v2/hub', 'http://plain.example.com'] };
    const trust = [
      `ca = ["${FOLDER}/tls/m.example.com_5000_/ca.crt"]`,
      `client = [["${FOLDER}/tls/m.example.com_5000_/tls.crt", "${FOLDER}/tls/m.example.com_5000_/tls.key"]]`,
    ];
    expect(files({ registryMirrors, registries })).toEqual({
      'registry.docker.io.toml': lines(
        'server = "https://registry-1.docker.io"',
        PULL,
        '',
        '[host."https://m.example.com:5000/v2/hub"]',
        `  ${PULL}`,
        '  override_path = true',
        ...trust.map((line) => `  ${line}`),
        '',
        '[host."http://plain.example.com"]',
        `  ${PULL}`,
      ),
      'registry.m.example.com_5000_.toml': lines('server = "https://m.example.com:5000"', PULL, ...trust),
      'registry.plain.example.com.toml': lines('server = "http://plain.example.com"', PULL),
      'registry.t.example.com_443_.toml': lines(
        'server = "https://t.example.com:443"',
        PULL,
        `ca = ["${FOLDER}/tls/t.example.com_443_/ca.crt"]`,
      ),
      'registry.t.example.com_443_.crt': CA,
      registries: lines(
        'basic docker.io kins-system/hub username password docker.io registry-1.docker.io',
        'basic m.example.com_5000_ kins-system/m u p m.example.com:5000',
        'ca m.example.com_5000_ kins-system/m-ca ca.crt - m.example.com:5000',
        'client m.example.com_5000_ kins-system/m-tls tls.crt key m.example.com:5000',
        'token t.example.com_443_ kins-system/t refresh - t.example.com:443 t.example.com',
      ),
    });
  });

  test.each([L4, L5])('at %s every node gets the named keys of the Secrets, and starts without them', (level) => {
    const spec = agent({ registries }, level);
    const volume = spec.volumes?.find(({ name }) => name === 'registries');
    const sources = volume?.projected?.sources?.map(({ secret }) => secret);
    expect(volume?.projected?.defaultMode).toBe(0o400);
    expect(sources?.every((secret) => secret?.optional)).toBe(true);
    expect(sources?.flatMap((s) => s?.items?.map(({ key, path }) => `${s.name ?? ''} ${key} ${path}`))).toEqual([
      'hub username docker.io/username',
      'hub password docker.io/password',
      'm u m.example.com_5000_/username',
      'm p m.example.com_5000_/password',
      'm-ca ca.crt m.example.com_5000_/ca.crt',
      'm-tls tls.crt m.example.com_5000_/tls.crt',
      'm-tls key m.example.com_5000_/tls.key',
      't refresh t.example.com_443_/token',
    ]);
    const mounts = spec.containers.map(({ name, volumeMounts }) => [
      name,
      volumeMounts?.find((mount) => mount.name === 'registries')?.mountPath,
    ]);
    expect(mounts).toEqual([
      ['agent', '/etc/kins/registries'],
      ['access', undefined],
    ]);
  });

  test('the order in which they are given changes no byte', () => {
    const turned = <T extends object>(map: T): T => Object.fromEntries(Object.entries(map).reverse()) as T;
    const endpoints = ['https://m.example.com:5000'];
    const registryMirrors = { 'docker.io': { endpoints, rewrites: { a: 'b', b: 'c' } }, '*': { endpoints } };
    const turnedMirrors = { '*': { endpoints }, 'docker.io': { endpoints, rewrites: { b: 'c', a: 'b' } } };
    const objects = (props: Partial<KinsClusterProps>): string => JSON.stringify(kinsObjects('test', L5, props));
    expect(objects({ registryMirrors: turnedMirrors, registries: turned(registries) })).toBe(
      objects({ registryMirrors, registries }),
    );
  });

  test('that need no Secret mount none, and nothing of any is left at L3', () => {
    expect(agent({ registries: { 'r.example.com': { ca: CA } } }).volumes?.map(({ name }) => name)).not.toContain(
      'registries',
    );
    expect(files({ registries }, L3)).toEqual({});
    expect(JSON.stringify(kinsObjects('test', L3, { registries }))).not.toContain('m-tls');
  });

  test('reach agents that run already: they have the whole configuration, not the files of the day they started', () => {
    const config = agent({}).volumes?.find(({ name }) => name === 'config');
    expect(config).toEqual({ name: 'config', configMap: { name: 'test-config-kins' } });
  });
});
