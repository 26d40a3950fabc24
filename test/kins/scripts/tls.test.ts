import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { AutonomyLevel } from '../../../lib';
import { Authority, type Certificate } from '../../support/certificates';
import { find } from '../../support/render';
import { discovery, kubeconfigFor, programAt, serveTls, type TlsApi } from '../../support/tls-api';
import { kinsObjects } from '../../support/units';
import { NODE, paths } from './support/node';
import { World, type Shell } from './support/world';

/** Which program calls is what matters, not which shell calls it. */
const SHELL: Shell = { name: 'dash', command: ['dash'], stride: 1 };

const KUBECTL = programAt('kubectl', 'version', '--client');

const TRUSTED = new Authority('the CA of the cluster');
const YESTERDAY = new Date(Date.now() - 86_400_000);

const ANSWERS = {
  ...discovery(
    [
      ['namespaces', 'Namespace', false],
      ['nodes', 'Node', false],
    ],
    ['get'],
  ),
  '/api/v1/namespaces/kube-system': {
    kind: 'Namespace',
    apiVersion: 'v1',
    metadata: { name: 'kube-system', uid: 'uid-1' },
  },
  '/readyz': 'ok',
  '/ping': 'ok',
};

const serve = (certificate: Certificate): Promise<TlsApi> => serveTls(certificate, ANSWERS);
const credentials = ({ asked }: TlsApi): string[] => asked.map(({ authorization = '' }) => authorization);
const kubeconfig = (url: string, token: string): string => kubeconfigFor(url, TRUSTED.certificate, { token });

/** A script that calls a server: what is there first, and what it is told. */
interface Client {
  readonly script: string;
  readonly prepare: (world: World, url: string, sound: string) => void;
  readonly env: (world: World, url: string) => Readonly<Record<string, string>>;
}

const cloud = (world: World, url: string): Readonly<Record<string, string>> => ({
  NAMESPACE: 'kins-system',
  SECRET: 'test-sec-kins',
  KUBERNETES_SERVICE_HOST: new URL(url).hostname,
  KUBERNETES_SERVICE_PORT: new URL(url).port,
  SERVICE_ACCOUNT: world.at('account'),
});

const publish = (world: World, url: string): Readonly<Record<string, string>> => ({
  ...paths(world),
  ...cloud(world, url),
  UNIT: 'test',
  NODE_NAME: 'edge1',
  FIRST_SERVER: 'edge1',
  STATE_CONFIGMAP: 'test-state-kins',
  DIRECT_URL: url,
  SERVICE_URL: url,
  LOCAL_URL: url,
});

const server = (world: World, url: string): Readonly<Record<string, string>> => ({
  ...paths(world),
  UNIT: 'test',
  NODE_NAME: 'edge2',
  NODE_IP: '192.0.2.2',
  FIRST_SERVER: 'edge1',
  SERVER_COUNT: '3',
  JOIN_URL: url,
  SERVER_URLS: `edge1=${url}`,
  STATE_CONFIGMAP: 'test-state-kins',
});

const serves = (world: World, edge: string): void => {
  world.write('lib/server/k3s/server/tls/server-ca.crt', TRUSTED.certificate);
  world.write('lib/server/kubeconfig.yaml', kubeconfig(edge, 'the administrator'));
};

const CLIENTS: Readonly<Record<string, Client>> = {
  'a server that has no tokens yet, to the cloud': {
    script: 'tokens.sh',
    prepare: (world) => {
      world.remove('secrets/server-token');
    },
    env: (world, url) => ({ ...paths(world), ...cloud(world, url), UNIT: 'test' }),
  },
  'a server that tells its state, to the cloud': {
    script: 'publish.sh',
    prepare: (world, _, sound) => {
      serves(world, sound);
    },
    env: publish,
  },
  'a server that looks whether it serves, to itself': {
    script: 'publish.sh',
    prepare: (world, url) => {
      serves(world, url);
    },
    env: (world) => publish(world, 'https://127.0.0.1:1'),
  },
  'a server that joins, to another': { script: 'server.sh', prepare: () => undefined, env: server },
  'a server that is to be the only member, to another': {
    script: 'server.sh',
    prepare: (world) => {
      world.folder('lib/server/k3s/server/db/etcd/member');
      world.write('lib/server/k3s/cluster-id', 'uid-1\n');
      world.write('lib/server/k3s/ca-hash', `${'c'.repeat(64)}\n`);
      world.write('lib/server/k3s/server/tls/server-ca.crt', TRUSTED.certificate);
      world.write('lib/server/reset', '');
    },
    env: server,
  },
  'who lets a node in, to a server': {
    script: 'access.sh',
    prepare: (world, url) => {
      world.write('admission/url', `${url}\n`);
      world.write('admission/ca.crt', TRUSTED.certificate);
      world.write('admission/ask', '');
    },
    env: (world) => ({ ...paths(world), ...NODE }),
  },
  'an agent that tells its address, to a server': {
    script: 'agent.sh',
    prepare: (world) => {
      world.write('lib/agent/agent/kubelet.kubeconfig', kubeconfig('https://127.0.0.1:1', 'the node'));
    },
    env: (world, url) => ({ ...paths(world), ...NODE, JOIN_URL: url, CGROUP: 'kins-test' }),
  },
};

const LIES: Readonly<Record<string, () => Certificate>> = {
  'the certificate is of another CA': () => new Authority('the CA of the cluster').issue({ names: ['127.0.0.1'] }),
  'the certificate is for another name': () => TRUSTED.issue({ names: ['192.0.2.1', 'edge1.example.com'] }),
  'the certificate has expired': () => TRUSTED.issue({ names: ['127.0.0.1'], notAfter: YESTERDAY }),
};

/** Has a script call an API server; tells what that was asked, and how the script ended. */
async function call(client: Client, certificate: Certificate): Promise<{ asked: string[]; log: string[] }> {
  const world = new World();
  const containerd = createSocket();
  const [api, sound] = [await serve(certificate), await serve(TRUSTED.issue({ names: ['127.0.0.1'] }))];
  try {
    for (const folder of ['work', 'waiting', 'admission', 'cgroup/memory', 'lib/access', 'lib/server'])
      world.folder(folder);
    for (const token of ['server', 'agent', 'admin']) world.write(`secrets/${token}-token`, `${token}-secret`);
    for (const file of ['agent.yaml', 'server.yaml']) world.write(`config/${file}`, '');
    world.write('account/ca.crt', TRUSTED.certificate);
    world.write('account/token', 'the account of the pod');
    world.write('state/cluster-id', 'uid-1');
    world.write('state/ca-hash', 'c'.repeat(64));
    world.write('state/ca.crt', TRUSTED.certificate);
    world.write('lib/node/password', 'of this disk');
    world.write('lib/node/machine-id', 'abc');
    world.write('run/net', '');
    world.write('run/address', '192.0.2.20\n');
    world.write('run/resolv.conf', 'nameserver 192.0.2.53\n');
    await new Promise<void>((done) => containerd.listen(world.at('run/containerd.sock'), done));
    world.write('mounts', '/sys/fs/cgroup\n/sys/fs/cgroup/memory\n');
    world.remove('bin/kubectl');
    symlinkSync(KUBECTL ?? '', world.at('bin/kubectl'));
    client.prepare(world, api.url, sound.url);
    await world.run(SHELL, client.script, { env: { HOME: world.root, ...client.env(world, api.url) }, stopAtSleep: 1 });
    return { asked: credentials(api), log: world.log() };
  } finally {
    for (const each of [api.server, sound.server, containerd]) each.close();
    world.dispose();
  }
}

if (KUBECTL === undefined) {
  test.skip('TLS of the scripts: not tested, because kubectl is not installed', () => undefined);
} else {
  describe.each(Object.entries(CLIENTS))('%s', (_, client) => {
    test('asks a server that the CA vouches for, with its credential', async () => {
      const { asked } = await call(client, TRUSTED.issue({ names: ['127.0.0.1'] }));
      expect(asked.length).toBeGreaterThan(0);
      for (const credential of asked) expect(credential).toMatch(/^Bearer \S/);
    });

    test.each(Object.entries(LIES))('asks nothing, and shows no credential, where %s', async (__, lie) => {
      const { asked, log } = await call(client, lie());
      expect(asked).toEqual([]);
      expect(log.filter((line) => line.startsWith('k3s'))).toEqual([]);
    });
  });

  describe('the kubeconfigs', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    /** Those that publish.sh writes, and the one for the nodes, whose files are put elsewhere. */
    async function kubeconfigs(url: string): Promise<string[]> {
      const world = new World();
      try {
        world.folder('work');
        world.write('secrets/admin-token', 'admin-secret');
        world.write('edge-id', 'uid-1');
        for (const object of ['configmap-test-state-kins', 'configmap-test-cm-kins', 'secret-test-sec-kins']) {
          world.write(`cloud/${object}/.version`, '1\n');
        }
        serves(world, url);
        const env = { ...publish(world, url), CREDENTIALS_CONFIGMAP: 'test-cm-kins' };
        await world.run(SHELL, 'publish.sh', { env, stopAtSleep: 1 });
        writeFileSync(join(folder, 'ca.crt'), TRUSTED.certificate);
        writeFileSync(join(folder, 'token'), 'admin-secret');
        const data = find(kinsObjects('test', AutonomyLevel.L4), 'ConfigMap', 'test-cm-kins').data as Record<
          string,
          string
        >;
        const ofNode = data['kubeconfig.conf']?.replaceAll('/var/lib/kins/test/access', folder);
        const local = parse(ofNode ?? '') as { clusters: [{ cluster: { server: string } }] };
        local.clusters[0].cluster.server = url;
        return [world.read('work/direct'), world.read('work/tunnel'), world.read('work/local'), stringify(local)];
      } finally {
        world.dispose();
      }
    }

    async function answers(certificate: Certificate): Promise<{ codes: (number | null)[]; asked: string[] }> {
      const api = await serve(certificate);
      try {
        const codes: (number | null)[] = [];
        for (const text of await kubeconfigs(api.url)) {
          const file = join(folder, 'config');
          writeFileSync(file, text);
          const child = spawn(String(KUBECTL), ['--kubeconfig', file, 'get', '--raw', '/readyz'], {
            env: { HOME: folder },
            stdio: 'ignore',
          });
          codes.push(await new Promise((done) => child.on('close', done)));
        }
        return { codes, asked: credentials(api) };
      } finally {
        api.server.close();
      }
    }

    test('lead to a server that the CA vouches for', async () => {
      const { codes, asked } = await answers(TRUSTED.issue({ names: ['127.0.0.1'] }));
      expect(codes).toEqual([0, 0, 0, 0]);
      expect(new Set(asked)).toEqual(new Set(['Bearer admin-secret']));
    });

    test.each(Object.entries(LIES))('lead nowhere where %s', async (__, lie) => {
      const { codes, asked } = await answers(lie());
      expect(codes).not.toContain(0);
      expect(asked).toEqual([]);
    });
  });
}
