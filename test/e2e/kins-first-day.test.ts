import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AutonomyLevel, KinsUnit, PATIENCE, UNIT } from './support/kins-unit';
import { Lab } from './support/lab';
import { describeOnLab } from './support/lab-suite';
import { ended } from './support/lan';
import { type LabNode } from './support/node';
import { until } from './support/run';

jest.setTimeout(1_800_000);

const PROXY_PORT = 8899;
const SERVICE = `${UNIT}-svc-kins`;

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly status: {
      readonly initContainerStatuses?: readonly {
        readonly name: string;
        readonly state: { readonly terminated?: { readonly message?: string } };
        readonly lastState: { readonly terminated?: { readonly message?: string } };
      }[];
    };
  }[];
}

describeOnLab('the first day of a unit', () => {
  let lab: Lab | undefined;
  let unit: KinsUnit;
  let node: LabNode;
  const theLab = (): Lab => {
    if (lab === undefined) throw new Error('the lab did not start');
    return lab;
  };
  const kins = async (...args: string[]): Promise<string> =>
    (await theLab().kubectl(['-n', 'kins-system', ...args])).stdout;
  const secret = async (key: string): Promise<string> => {
    const path = `jsonpath={.data.${key.replace('.', '\\.')}}`;
    return Buffer.from(await kins('get', 'secret', `${UNIT}-sec-kins`, '-o', path), 'base64').toString();
  };
  const tokens = (): Promise<string[]> => Promise.all(['server-token', 'agent-token', 'admin-token'].map(secret));

  beforeAll(async () => {
    lab = await Lab.start({ agents: ['edge1'] });
    node = lab.node('edge1');
    unit = new KinsUnit(lab, { hostPorts: [8080], tunnelProxyUrl: `http://${lab.server.address}:${PROXY_PORT}` });
  });

  afterAll(async () => {
    await lab?.stop();
  });

  /** What the check in the newest pod of a part said last. */
  const said = async (part: string): Promise<string> => {
    const { items } = await theLab().get<Pods>(
      'pods',
      '-n',
      'kins-system',
      '-l',
      `edge-constructs.io/component=${part}`,
    );
    const check = items[0]?.status.initContainerStatuses?.find(({ name }) => name === 'check');
    return check?.state.terminated?.message ?? check?.lastState.terminated?.message ?? '';
  };

  test('says in the status of its pods all that would not work on the node, each with its remedy', async () => {
    await node.sh(
      'ip route add 10.214.7.0/24 dev lo; mkdir -p /var/lib/kins; ' +
        'mount -t tmpfs -o size=60m,nr_inodes=500 tmpfs /var/lib/kins; ' +
        'for port in 8080 2379 10259; do busybox nc -l -p $port </dev/zero >/dev/null 2>&1 & echo $! >>/run/listeners; done',
    );
    await unit.apply(AutonomyLevel.L4);
    const ofNode = await until('a message of the cri pod', async () => (await said('cri')) || undefined, PATIENCE);
    expect(ofNode.replace(/\d+( MiB| free|%|\))/g, 'N$1').split('\n')).toEqual([
      'Unit test cannot start on node edge1; it keeps trying until it can:',
      '- the disk of /var/lib/kins/test has N MiB free (N%): free at least N MiB and N% of it, or use a larger disk',
      '- the disk of /var/lib/kins/test has N free inodes (N%): remove files you do not need: at least 20000 inodes and ' +
        'N% of all must be free',
      '- clusterCidr 10.214.0.0/16 overlaps the route to 10.214.7.0/24 by lo: set clusterCidr to a network that the ' +
        'site does not use',
      '- port 8080 (hostPorts) of the node is taken by busybox (process N): its traffic now goes to the edge cluster, ' +
        'not to that program: have it listen on another port, or choose another one for the unit',
      '',
    ]);
    const ofServer = await until('a message of the server', async () => (await said('server')) || undefined, PATIENCE);
    expect(ofServer.split('\n')).toEqual([
      'Unit test cannot start on node edge1; it keeps trying until it can:',
      ...[
        [2379, 'etcd'],
        [10259, 'scheduler'],
      ].map(
        ([port, use]) =>
          `- port ${port} (${use}) of the node is taken by a process of user 0: stop that program or have it listen ` +
          'elsewhere; apiPort can be changed',
      ),
      '',
    ]);
  });

  test('forms by itself once all is remedied', async () => {
    await node.sh(
      'kill $(cat /run/listeners); rm /run/listeners; umount -l /var/lib/kins; ip route delete 10.214.7.0/24',
    );
    // The pods have the disk that was there when they came.
    await kins('delete', 'pods', '-l', `edge-constructs.io/unit=${UNIT}`, '--wait=false');
    await unit.formed();
    expect(await said('cri')).toBe('');
    expect(await said('server')).toBe('');
  });

  test('a server that runs is not kept from running again by its own ports', async () => {
    await kins('delete', 'pods', '-l', 'edge-constructs.io/component=server', '--force', '--grace-period=0');
    await unit.rolledOut('server');
    await unit.formed();
  });

  test('the direct kubeconfig works from the LAN', async () => {
    const file = join(theLab().path, 'direct');
    writeFileSync(file, await secret('kubeconfig.conf'), { mode: 0o600 });
    const { stdout } = await theLab().lan.exec([
      join(theLab().path, 'bin/kubectl'),
      `--kubeconfig=${file}`,
      'get',
      'nodes',
    ]);
    expect(stdout).toContain('edge1');
  });

  describe('the kubeconfig for the tunnel', () => {
    const proxied = async (target: string, args: readonly string[]): Promise<string> => {
      const program = readFileSync(join(__dirname, 'support/connect-proxy.js'), 'utf8');
      const command = [process.execPath, '-e', program, '--', String(PROXY_PORT), `${SERVICE}.kins-system=${target}`];
      const [file, ...rest] = theLab().server.enter(command);
      const proxy: ChildProcess = spawn(file!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
      try {
        await new Promise((listening) => proxy.stdout!.once('data', listening));
        const config = join(theLab().path, 'tunnel');
        writeFileSync(config, await secret('kubeconfig-tunnel.conf'), { mode: 0o600 });
        const kubectl = [join(theLab().path, 'bin/kubectl'), `--kubeconfig=${config}`, '--request-timeout=20s'];
        return (await theLab().lan.exec([...kubectl, ...args])).stdout;
      } finally {
        proxy.stdin!.end();
        await ended(proxy);
      }
    };

    test('leads through the proxy to the Service', async () => {
      const address = await kins('get', 'service', SERVICE, '-o', 'jsonpath={.spec.clusterIP}');
      expect(await proxied(address, ['get', 'nodes', '-o', 'name'])).toBe('node/edge1\n');
    });

    test('trusts nobody but the unit: the API of the cloud in its place is refused', async () => {
      const cloud = (
        await theLab().kubectl(['get', 'service', 'kubernetes', '-n', 'default', '-o', 'jsonpath={.spec.clusterIP}'])
      ).stdout;
      await expect(proxied(cloud, ['get', 'nodes'])).rejects.toThrow(/x509|certificate/);
    });
  });

  test('no token is in an argument, an environment, a log or a ConfigMap', async () => {
    const secrets = (await tokens()).flatMap((token) => [token, Buffer.from(token).toString('base64')]);
    expect(secrets.every((token) => token.length >= 64)).toBe(true);
    const seek = (places: string): Promise<string> =>
      node
        .sh(`cat >/run/patterns; find ${places} -type f 2>/dev/null | xargs grep -alFf /run/patterns || true`, {
          input: `${secrets.join('\n')}\n`,
        })
        .then(({ stdout }) => stdout);
    // That they are found where they are shows that the search finds them.
    expect(await seek(`/var/lib/kins/${UNIT}/access`)).toBe(`/var/lib/kins/${UNIT}/access/token\n`);
    expect(await seek('/proc/[0-9]*/cmdline /proc/[0-9]*/environ')).toBe('');
    expect(await seek('/var/log /var/lib/kins/*/log /var/lib/kins/*/agent/*.log')).toBe('');
    const configMaps = (await theLab().kubectl(['get', 'configmaps', '-A', '-o', 'yaml'])).stdout;
    // The last that the control plane makes by itself.
    const ofEdge = await until('the ConfigMaps of the edge cluster', async () => {
      const { stdout } = await unit.kubectl(node, ['get', 'configmaps', '-A', '-o', 'yaml']);
      return stdout.includes('kube-root-ca.crt') && stdout;
    });
    expect(configMaps).toContain(`${UNIT}-cm-kins`);
    expect(secrets.filter((token) => configMaps.includes(token) || ofEdge.includes(token))).toEqual([]);
  });

  test('the three tokens differ, and the agent has only its own', async () => {
    expect(new Set(await tokens()).size).toBe(3);
    const pod = await kins('get', 'pods', '-l', 'edge-constructs.io/component=agent', '-o', 'name');
    expect(await kins('exec', pod.trim(), '-c', 'agent', '--', 'ls', '/etc/kins/secrets')).toBe('agent-token\n');
    const [serverToken] = await tokens();
    const found = await node.sh(
      `cat >/run/patterns; grep -rlFf /run/patterns /var/lib/kins/${UNIT}/agent /run/kins/${UNIT} 2>/dev/null || true`,
      { input: `${serverToken!}\n` },
    );
    expect(found.stdout).toBe('');
  });

  test('the control plane runs without any privilege', async () => {
    const { stdout } = await node.sh(
      'for process in /proc/[0-9]*; do case $(tr "\\0" " " <"$process/cmdline" 2>/dev/null) in ' +
        '"k3s server "*) cat "$process/status" ;; esac; done',
    );
    const lines = [...stdout.matchAll(/^(\w+):\s*(.*)$/gm)];
    const status: Record<string, string> = Object.fromEntries(lines.map(([, key, value]) => [key!, value!]));
    expect(status).toMatchObject({
      Uid: '10001\t10001\t10001\t10001',
      Gid: '10001\t10001\t10001\t10001',
      CapInh: '0000000000000000',
      CapPrm: '0000000000000000',
      CapEff: '0000000000000000',
      CapBnd: '0000000000000000',
      CapAmb: '0000000000000000',
      NoNewPrivs: '1',
      Seccomp: '2',
    });
  });
});
