import { setTimeout as sleep } from 'node:timers/promises';
import { type HostState } from './support/host-state';
import { AutonomyLevel, KinsUnit, PATIENCE, UNIT } from './support/kins-unit';
import { Lab } from './support/lab';
import { describeOnLab } from './support/lab-suite';
import { type LabNode } from './support/node';
import { requests } from './support/requests';
import { until } from './support/run';

jest.setTimeout(1_800_000);

const PORT = 30080;
const STEADY_PORT = 30081;
const NAMESPACE = 'kins-system';
const WITNESS = `/var/lib/kins/${UNIT}/log/witness`;

/** What the container runtime and the kubelet of the cloud keep for themselves, and addresses that nobody chose. */
const OF_THE_CLOUD =
  /^address: \S+ fe80::|^cgroup: \/sys\/fs\/cgroup\/([a-z_,]+\/)?kubepods(\/|$)|^file: \/(var\/lib\/(rancher|kubelet|cni)|var\/log|var\/tmp|run\/(k3s|containerd|flannel|lab))(\/|$)/;

const OF_FIRST_PORT = /CNI-HOSTPORT|CNI portfwd/;

/** Once a pod with a port of the node was there, the cloud's network has all the chains that it keeps. */
const warmUp = (image: string): string => `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: warm-up}
spec:
  selector: {matchLabels: {app: warm-up}}
  template:
    metadata: {labels: {app: warm-up}}
    spec:
      containers: [{name: web, image: '${image}', ports: [{containerPort: 8080, hostPort: 9090}]}]
`;

const soon = (key: string): string =>
  `{key: node.kubernetes.io/${key}, operator: Exists, effect: NoExecute, tolerationSeconds: 5}`;

const deployment = (name: string, image: string, replicas: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: default}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      tolerations: [${soon('not-ready')}, ${soon('unreachable')}]
      containers:
      - {name: web, image: '${image}', readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 2}}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec: {type: NodePort, selector: {app: ${name}}, ports: [{port: 80, targetPort: 8080, nodePort: ${PORT}}]}
`;

/** Ends by itself 8 seconds after it was asked to, and leaves word of it. */
const slow = (image: string): string => `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: slow, namespace: default}
spec:
  selector: {matchLabels: {app: slow}}
  template:
    metadata: {labels: {app: slow}}
    spec:
      terminationGracePeriodSeconds: 60
      containers:
      - name: web
        image: '${image}'
        env: [{name: WEB_GRACE, value: 8s}, {name: WEB_FAREWELL, value: /data/farewell}]
        volumeMounts: [{name: data, mountPath: /data}]
      volumes: [{name: data, hostPath: {path: ${WITNESS}}}]
`;

interface Workload {
  readonly status: { readonly readyReplicas?: number; readonly numberReady?: number };
}

describeOnLab('a unit without its cloud, and its end', () => {
  let lab: Lab | undefined;
  let unit: KinsUnit;
  let first: LabNode;
  let second: LabNode;
  const before = new Map<string, HostState>();
  const theLab = (): Lab => {
    if (lab === undefined) throw new Error('the lab did not start');
    return lab;
  };
  const apply = (manifests: string): Promise<unknown> =>
    until('an apply in the unit', () => unit.kubectl(first, ['apply', '-f', '-'], { input: manifests }), PATIENCE);
  const ready = (name: string, replicas: number): Promise<unknown> =>
    until(
      `${replicas} ready replicas of ${name}`,
      async () =>
        (await unit.get<Workload>(first, `deployment/${name}`, '-n', 'default')).status.readyReplicas === replicas,
      PATIENCE,
    );
  const answers = (node: LabNode): Promise<unknown> =>
    until(
      `an answer of ${node.name} to the LAN`,
      () => theLab().lan.exec(['curl', '-fsS', '-m', '5', `http://${node.address}:${PORT}/`]),
      PATIENCE,
    );
  /** Containers of the cloud cluster that run on a node. */
  const containers = async (node: LabNode): Promise<string[]> =>
    (await node.sh('crictl ps --quiet 2>/dev/null')).stdout.trim().split('\n').sort();
  /** Kills processes of the unit, known by how their command line starts and the variable that all of them have. */
  const kill = (node: LabNode, command: string): Promise<unknown> =>
    node.sh(
      `killed=; for process in /proc/[0-9]*; do case $(tr '\\0' ' ' <"$process/cmdline" 2>/dev/null) in '${command} '*) ` +
        `if tr '\\0' '\\n' <"$process/environ" | grep -qx KINS_UNIT=${UNIT}; then kill -KILL "\${process#/proc/}"; killed=1; fi ;; ` +
        'esac; done; [ -n "$killed" ]',
    );
  /** Numbers of the processes of the unit's containerd, which belongs to no pod. */
  const edgeContainerd = async (node: LabNode): Promise<string[]> => {
    const { stdout } = await node.sh(
      `for file in /sys/fs/cgroup/kins-${UNIT}/runtime/cgroup.procs /sys/fs/cgroup/*/kins-${UNIT}/runtime/cgroup.procs; do ` +
        '[ ! -e "$file" ] || for process in $(cat "$file"); do [ "$(cat "/proc/$process/comm")" != containerd ] || echo "$process"; done; done',
    );
    return [...new Set(stdout.trim().split('\n'))];
  };

  beforeAll(async () => {
    lab = await Lab.start({ agents: ['edge1', 'edge2'] });
    [first, second] = [lab.node('edge1'), lab.node('edge2')];
    await lab.apply(warmUp(lab.images.web));
    await lab.kubectl(['rollout', 'status', 'daemonset/warm-up', '--timeout=300s'], { timeout: 310_000 });
    await lab.kubectl(['delete', 'daemonset', 'warm-up', '--cascade=foreground']);
    for (const node of lab.agents) {
      await until('end of the first pods', async () => (await containers(node)).join('') === '');
      before.set(node.name, await node.state());
    }
    unit = new KinsUnit(lab, { hostPorts: [PORT, STEADY_PORT] });
    await unit.provideImages();
    await unit.apply(AutonomyLevel.L4);
    await unit.formed();
  });

  afterAll(async () => {
    await lab?.stop();
  });

  test('no request fails while pods are deleted ten times, and no workload is started again', async () => {
    await apply(deployment('steady', theLab().images.web, 2).replace(String(PORT), String(STEADY_PORT)));
    await ready('steady', 2);
    await until(
      'an answer',
      () => theLab().lan.exec(['curl', '-fsS', `http://${first.address}:${STEADY_PORT}/`]),
      PATIENCE,
    );
    const seconds = 330;
    const asked = requests(theLab().lan, first.address, STEADY_PORT, seconds);
    const containerd = await edgeContainerd(first);
    for (let round = 0; round < 10; round++) {
      for (const part of ['cri', 'agent', 'server']) {
        const pods = ['pods', '-n', NAMESPACE, '-l', `edge-constructs.io/component=${part}`];
        await theLab().kubectl(['delete', ...pods, '--wait=false']);
        await sleep(10_000);
      }
    }
    const { answered, failed, started } = await asked;
    expect({ failed, processes: started.length }).toEqual({ failed: [], processes: 2 });
    expect(answered).toBeGreaterThan(seconds * 10);
    expect(await edgeContainerd(first)).toEqual(containerd);
    await unit.formed();
    await unit.kubectl(first, ['delete', 'deployment,service', 'steady', '-n', 'default']);
  });

  describe('without the cloud', () => {
    let atReturn: string[];

    test('new workloads start, scale, and answer the LAN', async () => {
      await theLab().stopControlPlane();
      await apply(deployment('web', theLab().images.web, 1));
      await ready('web', 1);
      await unit.kubectl(first, ['scale', 'deployment/web', '--replicas=4', '-n', 'default']);
      await ready('web', 4);
      await answers(first);
      await answers(second);
    });

    test('a server and an agent that are killed come back, and no workload notices', async () => {
      const running = await unit.containers(first);
      await kill(first, 'k3s server');
      await kill(first, 'k3s agent');
      await unit.formed();
      expect(await unit.containers(first)).toEqual(running);
    });

    test('a container runtime that is killed comes back, and no workload notices', async () => {
      const running = await unit.containers(first);
      for (const process of await edgeContainerd(first)) await first.exec(['kill', '-KILL', process]);
      await until(
        'the container runtime',
        async () => (await unit.containers(first)).join() === running.join(),
        PATIENCE,
      );
      await ready('web', 4);
      await answers(first);
    });

    test('the workloads of a node that is cut off are taken over by the other', async () => {
      await second.cable(false);
      interface Pods {
        readonly items: readonly {
          readonly spec: { readonly nodeName?: string };
          readonly status: { readonly phase: string };
        }[];
      }
      await until(
        'four replicas on the first node',
        async () => {
          const { items } = await unit.get<Pods>(first, 'pods', '-n', 'default', '-l', 'app=web');
          const there = items.filter(({ spec, status }) => spec.nodeName === 'edge1' && status.phase === 'Running');
          return there.length === 4;
        },
        PATIENCE,
      );
      await second.cable(true);
      await unit.formed();
    });

    test('nothing restarts when the cloud returns', async () => {
      atReturn = [...(await containers(first)), ...(await containers(second))];
      const workloads = await unit.containers(first);
      await theLab().startControlPlane();
      await theLab().ready();
      await unit.rolledOut('server', 'agent', 'cri');
      expect([...(await containers(first)), ...(await containers(second))]).toEqual(atReturn);
      expect(await unit.containers(first)).toEqual(workloads);
    });
  });

  describe('the end', () => {
    interface Pods {
      readonly items: readonly {
        readonly spec: { readonly nodeName: string };
        readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
      }[];
    }
    const recycled = async (): Promise<string[]> => {
      const { items } = await theLab().get<Pods>('pods', '-n', NAMESPACE, '-l', 'edge-constructs.io/component=recycle');
      return items
        .filter(({ status }) => status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
        .map(({ spec }) => spec.nodeName)
        .sort();
    };

    test('is refused while the unit is at L4', async () => {
      const kubectl = (...args: string[]): Promise<unknown> => theLab().kubectl(args);
      const refusal = 'NodeUnit test is at L4: downgrade it to L3 before deleting';
      await expect(kubectl('delete', 'daemonset', '-n', NAMESPACE, `${UNIT}-cri-kins`)).rejects.toThrow(refusal);
      await expect(kubectl('delete', 'namespace', NAMESPACE)).rejects.toThrow(
        `'${UNIT}-namespace-kins' denied request`,
      );
    });

    test('with L3 and the rest pruned, as by GitOps, containers end in their time, and the nodes that are on are recycled', async () => {
      await first.sh(`mkdir -p /var/lib/mine ${WITNESS}; mount --bind /var/lib/mine ${WITNESS}`);
      await apply(slow(theLab().images.web));
      await until(
        'the slow workload',
        async () => (await unit.get<Workload>(first, 'daemonset/slow', '-n', 'default')).status.numberReady === 2,
        PATIENCE,
      );
      await second.powerCut();
      await unit.apply(AutonomyLevel.L3);
      await unit.prune(AutonomyLevel.L4, AutonomyLevel.L3);
      await until('the first node', async () => (await recycled()).join() === 'edge1', PATIENCE);
      // It was asked to end, was given its 8 seconds, and what lies on somebody's mount is nobody's to remove.
      expect((await first.sh('cat /var/lib/mine/farewell')).stdout).toBe('ended by itself\n');
      // The mount stays, and the folders that it is in; they go when it does.
      await first.sh(`umount ${WITNESS}; rm -r /var/lib/mine`);
      const isGone = async (): Promise<boolean> =>
        (await first.sh(`ls /var/lib/kins`)).stdout.split('\n').every((name) => name !== UNIT);
      await until('the folders of the unit', isGone, PATIENCE);
    });

    test('a node that was off is recycled when it returns', async () => {
      await second.start();
      await until('both nodes', async () => (await recycled()).join() === 'edge1,edge2', PATIENCE);
    });

    test('then the rest can be deleted, and the nodes are as they were', async () => {
      const kinds = 'daemonsets,configmaps,secrets,services,serviceaccounts,roles,rolebindings,networkpolicies';
      await theLab().kubectl(['delete', kinds, '-n', NAMESPACE, '-l', `edge-constructs.io/unit=${UNIT}`]);
      const policies = 'validatingadmissionpolicies,validatingadmissionpolicybindings';
      await theLab().kubectl(['delete', policies, '-l', `edge-constructs.io/unit=${UNIT}`]);
      await theLab().kubectl(['delete', 'namespace', NAMESPACE, '--timeout=300s'], { timeout: 310_000 });
      for (const node of theLab().agents) {
        // The image archives are the user's, who put them there.
        await node.sh('rm -r /var/lib/kins/images; rmdir /var/lib/kins || { find /var/lib/kins >&2; exit 1; }');
        const changes = async (): Promise<ReturnType<HostState['changesSince']>> => {
          const { added, gone } = (await node.state()).changesSince(before.get(node.name)!, OF_THE_CLOUD);
          // The power cut took the chains that the cloud's network makes with the first pod that has a port of the node.
          return { added, gone: node === second ? gone.filter((line) => !OF_FIRST_PORT.test(line)) : gone };
        };
        const isAsItWas = async (): Promise<boolean> => {
          const { added, gone } = await changes();
          return added.length + gone.length === 0;
        };
        await until(`${node.name} as it was`, isAsItWas).catch(() => undefined);
        expect(await changes()).toEqual({ added: [], gone: [] });
      }
    });
  });
});
