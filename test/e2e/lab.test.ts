import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { HostState } from './support/host-state';
import { Lab } from './support/lab';
import { LabFolder } from './support/lab-folder';
import { describeOnLab } from './support/lab-suite';
import { type LabNode } from './support/node';
import { until } from './support/run';

jest.setTimeout(900_000);

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly nodeName: string };
    readonly status: {
      readonly podIP: string;
      readonly containerStatuses: readonly { readonly restartCount: number; readonly containerID: string }[];
    };
  }[];
}

/** Folders in which a cluster could leave something on the machine that runs the lab. */
const FOLDERS = [
  '/etc/cni',
  '/etc/rancher',
  '/opt/cni',
  '/run/netns',
  '/var/lib/cni',
  '/var/lib/kubelet',
  '/var/lib/rancher',
];

const workload = (image: string): string => `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: ${image}
        env:
        - {name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: WEB_DATA, value: /data/written}
        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
        volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, hostPath: {path: /var/lib/web, type: DirectoryOrCreate}}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  clusterIP: 10.43.0.99
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
`;

describeOnLab('the lab', () => {
  let before: HostState;
  let neighbours: number;
  let lab: Lab | undefined;
  const theLab = (): Lab => {
    if (lab === undefined) throw new Error('the lab did not start');
    return lab;
  };
  const pods = async (): Promise<PodList['items']> => (await theLab().get<PodList>('pods', '-l', 'app=web')).items;
  const podOn = async (node: LabNode): Promise<PodList['items'][number]> =>
    (await pods()).find(({ spec }) => spec.nodeName === node.name)!;
  const rolledOut = async (): Promise<void> => {
    await theLab().kubectl(['rollout', 'status', 'daemonset/web', '--timeout=300s'], { timeout: 310_000 });
  };

  /** Asks again for a while: a command that someone runs in another lab meanwhile is no trace of this one. */
  const expectMachineAsBefore = async (): Promise<void> => {
    // Kernel settings are put back by the last lab to leave, which is another one if there are others.
    const alone = neighbours + LabFolder.others().length === 0;
    for (let again = 20; ; again -= 1) {
      const changes = (await HostState.ofMachine(FOLDERS)).changesSince(before, alone ? undefined : /^setting: /);
      if (again === 0 || changes.added.length + changes.gone.length === 0) {
        expect(changes).toEqual({ added: [], gone: [] });
        return;
      }
      await sleep(1000);
    }
  };

  beforeAll(async () => {
    await LabFolder.removeStale();
    neighbours = LabFolder.others().length;
    before = await HostState.ofMachine(FOLDERS);
    lab = await Lab.start();
  });

  afterAll(async () => {
    await lab?.stop();
  });

  test('forms a cluster of one server and three agents, each Ready', async () => {
    expect(await theLab().readyNodes()).toEqual(['cloud', 'edge1', 'edge2', 'edge3']);
  });

  test('pods answer each other across nodes, directly and through a Service', async () => {
    await theLab().apply(workload(theLab().images.web));
    await rolledOut();
    const targets = (await pods()).map(({ status }) => `http://${status.podIP}:8080/`);
    expect(targets).toHaveLength(4);
    const from = (await podOn(theLab().node('edge1'))).metadata.name;
    for (const target of [...targets, 'http://10.43.0.99/']) {
      const { stdout } = await theLab().kubectl(['exec', from, '--', '/web', 'probe', target]);
      expect(JSON.parse(stdout)).toEqual({ ok: 1, failed: 0, errors: [] });
    }
  });

  test('nodes see only themselves', async () => {
    const [first, second] = theLab().agents;
    // Some folder in the node's cgroup tree, whatever version and hierarchies this machine has.
    const cgroup = '"$(find /sys/fs/cgroup -name cgroup.procs | head -n 1 | xargs dirname)"/mine';
    await first!.sh(`echo mine >/etc/mine; ip link add mine type bridge; mkdir ${cgroup}`);
    expect((await first!.state(['/etc'])).lines.filter((line) => /[ /]mine$/.test(line))).toEqual([
      expect.stringMatching(/^cgroup: .*\/mine$/),
      'file: /etc/mine',
      'interface: mine',
    ]);
    const { lines } = await second!.state(['/etc']);
    expect(lines).toContain('interface: eth0');
    expect(lines.filter((line) => /[ /]mine$/.test(line))).toEqual([]);
    expect(existsSync('/etc/mine')).toBe(false);
    await first!.sh(`rm /etc/mine; ip link delete mine; rmdir ${cgroup}`);
  });

  test('workloads go on while the cloud control plane is away, and nothing restarts when it returns', async () => {
    const containers = async (): Promise<string[]> =>
      (await pods()).flatMap(({ status }) =>
        status.containerStatuses.map(({ containerID, restartCount }) => `${containerID} ${restartCount}`),
      );
    const running = await containers();
    await theLab().stopControlPlane();
    await expect(theLab().kubectl(['get', '--raw', '/readyz', '--request-timeout=3s'])).rejects.toThrow('refused');
    const { stdout } = await theLab().node('edge2').exec(['/opt/lab/bin/web', 'probe', 'http://10.43.0.99/']);
    expect(JSON.parse(stdout)).toMatchObject({ ok: 1, failed: 0 });
    await theLab().startControlPlane();
    await theLab().ready();
    expect(await containers()).toEqual(running);
  });

  test('a power cut kills all of a node at once; acknowledged data is there when it returns', async () => {
    const node = theLab().node('edge3');
    const { status } = await podOn(node);
    const put = ['curl', '-fsS', '-X', 'PUT', '--data-binary', 'acknowledged', `http://${status.podIP}:8080/data`];
    await node.exec(put);
    await node.powerCut();
    await expect(node.exec(['true'])).rejects.toThrow('edge3 is off');
    await until('cloud cluster noticing', async () => !(await theLab().readyNodes()).includes('edge3'));
    await node.start();
    await theLab().ready();
    await rolledOut();
    const again = await podOn(node);
    const read = await node.exec(['curl', '-fsS', `http://${again.status.podIP}:8080/data`]);
    expect(read.stdout).toBe('acknowledged');
  });

  test('a node that lost its disk starts from nothing', async () => {
    const node = theLab().node('edge3');
    const containerOn = async (): Promise<string> => (await podOn(node)).status.containerStatuses[0]!.containerID;
    const lost = await containerOn();
    await node.powerCut();
    await node.wipeDisk();
    // A new computer under an old name: K3s refuses it until the old one's password is gone, as in real life.
    await theLab().kubectl(['delete', 'node', 'edge3']);
    await node.start();
    // The pod may be the old one by name: its object outlives the computer.
    await until('a new container on edge3', async () => {
      const pod = await podOn(node);
      if ((await containerOn()) === lost) return false;
      return node.exec(['curl', '-fsS', `http://${pod.status.podIP}:8080/`]);
    });
    expect((await node.sh('ls /var/lib/web')).stdout).toBe('');
  });

  test('leaves this machine as it was', async () => {
    const { path } = theLab();
    await theLab().stop();
    lab = undefined;
    expect(existsSync(path)).toBe(false);
    await expectMachineAsBefore();
  });

  test('a killed test run leaves no process, and the next run removes the rest', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'support/abandoned.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = await new Promise<string>((resolve) =>
      child.stdout.once('data', (data: Buffer) => {
        resolve(data.toString());
      }),
    );
    const abandoned = JSON.parse(said) as { path: string; name: string; holder: number };
    expect(existsSync(`/proc/${abandoned.holder}`)).toBe(true);
    child.kill('SIGKILL');
    await until('end of the abandoned lab', () => Promise.resolve(!existsSync(`/proc/${abandoned.holder}`)));
    expect(existsSync(abandoned.path)).toBe(true);
    const next = await LabFolder.create();
    expect(readdirSync(tmpdir())).not.toContain(abandoned.name);
    await next.remove();
    await expectMachineAsBefore();
  });
});
