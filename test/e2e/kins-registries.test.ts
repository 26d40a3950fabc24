import { join } from 'node:path';

import { AutonomyLevel, KinsUnit, PATIENCE, UNIT } from './support/kins-unit';
import { Lab } from './support/lab';
import { describeOnLab } from './support/lab-suite';
import { type LabNode } from './support/node';
import { HOSTS, IDENTITY_TOKEN, missingForRegistries, PULLER, Registries } from './support/registry';
import { until } from './support/run';

jest.setTimeout(1_800_000);

const missing = missingForRegistries();
if (missing !== undefined) process.stderr.write(`e2e: registries: not run: ${missing}\n`);
const describeWithRegistries = missing === undefined ? describeOnLab : describe.skip;

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly containerID?: string;
      readonly restartCount: number;
      readonly state: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
}

describeWithRegistries('private registries of a unit', () => {
  let lab: Lab | undefined;
  let registries: Registries | undefined;
  let unit: KinsUnit;
  let node: LabNode;
  const theLab = (): Lab => {
    if (lab === undefined) throw new Error('the lab did not start');
    return lab;
  };
  const theRegistries = (): Registries => {
    if (registries === undefined) throw new Error('the registries did not start');
    return registries;
  };
  const kins = async (...args: string[]): Promise<string> =>
    (await theLab().kubectl(['-n', 'kins-system', ...args])).stdout;

  /** Makes or changes a Secret of the cloud cluster. */
  const secret = async (name: string, stringData: Readonly<Record<string, string>>): Promise<void> => {
    const metadata = { name, namespace: 'kins-system' };
    await theLab().apply(JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata, stringData }));
  };

  const pull = async (name: string, image: string): Promise<void> => {
    const args = ['run', name, `--image=${image}`, '--image-pull-policy=Always', '--restart=Never'];
    await until(`pod ${name} to be taken`, () => unit.kubectl(node, args), PATIENCE);
  };
  const statusOf = async (name: string): Promise<NonNullable<Pod['status']['containerStatuses']>[number] | undefined> =>
    (await unit.get<Pod>(node, 'pod', name)).status.containerStatuses?.[0];
  const runs = async (name: string): Promise<void> => {
    await until(
      `pod ${name} to run`,
      async () => (await unit.get<Pod>(node, 'pod', name)).status.phase === 'Running',
      PATIENCE,
    );
  };
  /** What the edge cluster tells of a pull that does not succeed. */
  const refusal = (name: string): Promise<string> =>
    until(
      `a refusal of the image of ${name}`,
      async () => {
        const { stdout } = await unit.kubectl(node, [
          'get',
          'events',
          '--field-selector',
          `involvedObject.name=${name}`,
        ]);
        return stdout.split('\n').find((line) => line.includes('Failed to pull image'));
      },
      PATIENCE,
    );
  /** What the cloud cluster tells of the unit's pods. */
  const toldInCloud = (): Promise<string> =>
    kins('get', 'events', '-o', 'jsonpath={range .items[*]}{.message}{"\\n"}{end}');
  const criReady = async (): Promise<string> =>
    kins('get', 'daemonset', `${UNIT}-cri-kins`, '-o', 'jsonpath={.status.numberReady}');

  beforeAll(async () => {
    lab = await Lab.start({ agents: ['edge1'] });
    node = lab.node('edge1');
    registries = await Registries.start(lab.lan, join(lab.path, 'registries'));
    const push = (name: string): string =>
      `ctr -a /run/k3s/containerd/containerd.sock -n k8s.io images push --plain-http ${HOSTS.plain}/${name} ${theLab().images.web}`;
    await node.sh(`${push('apps/web:1')}; ${push('mirrors/shop/web:1')}`);
    unit = new KinsUnit(lab, {
      registryMirrors: {
        '*': {
          endpoints: [`http://${HOSTS.plain}`],
          rewrites: { '^shop/(.*)': 'mirrors/shop/$1' },
          fallback: false,
        },
      },
      registries: {
        [HOSTS.password]: { auth: { secretName: 'puller' }, ca: registries.file('ca.crt') },
        [HOSTS.clientCertificate]: {
          caSecret: { secretName: 'lab-ca' },
          clientCertificate: { secretName: 'lab-client' },
        },
        [HOSTS.plain]: { plainHttp: true },
        [HOSTS.identityToken]: {
          auth: { secretName: 'identity', identityTokenKey: 'token' },
          ca: registries.file('ca.crt'),
        },
      },
    });
    await unit.provideImages();
  });

  afterAll(async () => {
    await registries?.stop();
    await lab?.stop();
  });

  test('a unit whose Secrets are missing forms and runs what it can, and says which ones', async () => {
    await unit.apply(AutonomyLevel.L4);
    await unit.formed();
    const args = ['run', 'before', `--image=${theLab().images.web}`, '--image-pull-policy=Never'];
    await until('a pod of an image that is there', () => unit.kubectl(node, args), PATIENCE);
    await runs('before');
    const told = await until(
      'an event about the Secrets',
      async () => [await toldInCloud()].find((text) => text.includes('Readiness probe failed: Secret')),
      PATIENCE,
    );
    expect(told).toContain(
      `Secret kins-system/puller has nothing under the key 'username', or is missing: registry ${HOSTS.password} needs it`,
    );
    expect(told).toContain(`Secret kins-system/lab-client has nothing under the key 'tls.key', or is missing`);
    expect(told).toContain(
      `Secret kins-system/identity has nothing under the key 'token', or is missing: registry ${HOSTS.identityToken} needs it`,
    );
    expect(await criReady()).not.toBe('1');
  });

  test('all registries of which nothing is said: the mirror alone is asked, over HTTP, by the rewritten name', async () => {
    await pull('wildcard', 'registry.nowhere.example/shop/web:1');
    await runs('wildcard');
    await pull('elsewhere', 'registry.nowhere.example/elsewhere/web:1');
    expect(await refusal('elsewhere')).toContain('not found');
  });

  test('without the credential, and with a wrong one, the pull is refused, and that is told', async () => {
    await pull('locked', `${HOSTS.password}/apps/web:1`);
    expect(await refusal('locked')).toMatch(/401 Unauthorized|no basic auth credentials/);
    await pull('anonymous', `${HOSTS.identityToken}/apps/web:1`);
    expect(await refusal('anonymous')).toMatch(/failed to fetch anonymous token: .*401 Unauthorized/);
    await secret('puller', { username: PULLER.username, password: 'wrong' });
    await secret('identity', { token: 'wrong' });
    await secret('lab-ca', { 'ca.crt': theRegistries().file('ca.crt') });
    await secret('lab-client', {
      'tls.crt': theRegistries().file('client.crt'),
      'tls.key': theRegistries().file('client.key'),
    });
    await until('nothing to be missing', async () => (await criReady()) === '1', PATIENCE);
    await pull('wrong', `${HOSTS.password}/apps/web:1`);
    expect(await refusal('wrong')).toContain('401 Unauthorized');
    await pull('impostor', `${HOSTS.identityToken}/apps/web:1`);
    expect(await refusal('impostor')).toMatch(/failed to fetch oauth token: .*401 Unauthorized/);
  });

  test('a registry that knows its clients by their certificates', async () => {
    await pull('mutual', `${HOSTS.clientCertificate}/apps/web:1`);
    await runs('mutual');
  });

  test('the right credentials are taken while workloads run on', async () => {
    const before = await statusOf('before');
    const agents = await kins('get', 'pods', '-l', 'edge-constructs.io/component=agent', '-o', 'yaml');
    await secret('puller', PULLER);
    await secret('identity', { token: IDENTITY_TOKEN });
    for (const name of ['locked', 'wrong', 'anonymous', 'impostor']) await runs(name);
    expect(theRegistries().tokenRequests).toContain('POST refresh_token repository:apps/web:pull 200');
    const after = await statusOf('before');
    expect(after?.containerID).toBe(before?.containerID);
    expect(after?.restartCount).toBe(0);
    const counts = (yaml: string): string[] => yaml.match(/restartCount: \d+/g) ?? [];
    expect(counts(await kins('get', 'pods', '-l', 'edge-constructs.io/component=agent', '-o', 'yaml'))).toEqual(
      counts(agents),
    );
    const { stdout } = await unit.kubectl(node, ['exec', 'before', '--', '/web', '--help'], { mayFail: true });
    expect(stdout).not.toContain('container not found');
  });

  test('a change of what is said of a registry reaches a unit that runs', async () => {
    const changed = new KinsUnit(theLab(), {
      registryMirrors: {
        'registry.other.example': { endpoints: [`http://${HOSTS.plain}`], rewrites: { '^': 'apps/' } },
      },
      registries: { [HOSTS.plain]: { plainHttp: true } },
    });
    const cri = await kins('get', 'pods', '-l', 'edge-constructs.io/component=cri', '-o', 'name');
    await changed.apply(AutonomyLevel.L4);
    await pull('other', 'registry.other.example/web:1');
    await runs('other');
    expect(await kins('get', 'pods', '-l', 'edge-constructs.io/component=cri', '-o', 'name')).toBe(cri);
    expect((await statusOf('before'))?.restartCount).toBe(0);
    await unit.apply(AutonomyLevel.L4);
  });

  test('credentials are in memory alone: on no disk, in no argument, environment, log, event or ConfigMap', async () => {
    await unit.rolledOut('agent', 'cri');
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const patterns = [
      ...[PULLER.password, IDENTITY_TOKEN].flatMap((secret) => [
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret),
        new URLSearchParams({ secret }).toString().slice('secret='.length),
        base64(secret),
      ]),
      base64(`${PULLER.username}:${PULLER.password}`),
      base64(`:${IDENTITY_TOKEN}`),
    ];
    const seek = (places: string, texts = patterns): Promise<string> =>
      node
        .sh(`cat >/run/patterns; find ${places} -type f 2>/dev/null | sort | xargs grep -alFf /run/patterns || true`, {
          input: `${texts.join('\n')}\n`,
        })
        .then(({ stdout }) => stdout);
    // That each is found where it is shows that the search finds it.
    for (const secret of [PULLER.password, IDENTITY_TOKEN]) {
      const places = await seek(`/run/kins/${UNIT}`, [JSON.stringify(secret).slice(1, -1)]);
      expect(places.split('\n')).toContain(`/run/kins/${UNIT}/containerd.toml`);
    }
    expect((await node.sh(`stat -f -c %T /run/kins/${UNIT}`)).stdout).toBe('tmpfs\n');
    expect(await seek('/var/lib/kins /var/log')).toBe('');
    expect(await seek('/proc/[0-9]*/cmdline /proc/[0-9]*/environ')).toBe('');
    const get = ['get', 'configmaps,events', '-A', '-o', 'yaml'];
    for (const { stdout } of [await theLab().kubectl(get), await unit.kubectl(node, get)]) {
      expect(stdout).toContain('kind: Event');
      expect(patterns.filter((pattern) => stdout.includes(pattern))).toEqual([]);
    }
  });

  test('a reboot brings the credentials back before anything is pulled', async () => {
    await node.powerCycle();
    await unit.formed();
    await runs('before');
    await pull('again', `${HOSTS.password}/apps/web:1`);
    await runs('again');
    await pull('identified', `${HOSTS.identityToken}/apps/web:1`);
    await runs('identified');
  });
});
