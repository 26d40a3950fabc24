import { Lab } from './support/lab';
import { describeOnLab } from './support/lab-suite';
import { type LabNode } from './support/node';
import { until } from './support/run';

jest.setTimeout(900_000);

const PODS = ['pods', '-l', 'app=web'];

const workload = (image: string): string => `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: '${image}', readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.43.0.99, selector: {app: web}, ports: [{port: 80, targetPort: 8080}], internalTrafficPolicy: Local}
`;

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly nodeName: string };
    readonly status: { readonly containerStatuses: readonly { readonly containerID: string }[] };
  }[];
}

describeOnLab(
  'the lab, with a plain kubelet for a node',
  () => {
    let lab: Lab | undefined;
    let node: LabNode;
    const theLab = (): Lab => {
      if (lab === undefined) throw new Error('the lab did not start');
      return lab;
    };
    const pod = async (): Promise<Pods['items'][number]> =>
      (await theLab().get<Pods>(...PODS)).items.find(({ spec }) => spec.nodeName === node.name)!;
    const container = async (): Promise<string> => (await pod()).status.containerStatuses[0]!.containerID;
    const answers = (): Promise<unknown> =>
      until('an answer through the Service', () => node.exec(['curl', '-fsS', '-m', '5', 'http://10.43.0.99/']));

    beforeAll(async () => {
      lab = await Lab.start({ agents: ['edge1'], kind: 'kubelet' });
      node = lab.node('edge1');
      await lab.apply(workload(lab.images.web));
      await lab.kubectl(['rollout', 'status', 'daemonset/web', '--timeout=300s'], { timeout: 310_000 });
    });

    afterAll(async () => {
      await lab?.stop();
    });

    test('its pods are reached through Services, and kubectl reaches into them', async () => {
      await answers();
      const exec = ['exec', (await pod()).metadata.name, '--', '/web', 'probe', 'http://127.0.0.1:8080/'];
      expect(JSON.parse((await theLab().kubectl(exec)).stdout)).toMatchObject({ ok: 1, failed: 0 });
      expect((await theLab().kubectl(['logs', '-n', 'kube-system', 'daemonset/kube-proxy'])).stdout).toContain(
        'Using iptables',
      );
    });

    test('a kubelet that is started again leaves containers alone', async () => {
      const before = await container();
      await node.stopKubernetes();
      await until('the cloud to notice', async () => !(await theLab().readyNodes()).includes(node.name));
      await node.startKubernetes();
      await theLab().ready();
      // The Service leads to the pod again once the kubelet has looked at it.
      await answers();
      expect(await container()).toBe(before);
    });

    test('it comes back from a power cut, and from the loss of its disk', async () => {
      for (const lose of [(): Promise<void> => Promise.resolve(), (): Promise<void> => node.wipeDisk()]) {
        const before = await container();
        await node.powerCut();
        await lose();
        await node.start();
        await until('a new container', async () => (await container()) !== before);
        await theLab().ready();
        await answers();
      }
    });
  },
  'kubelet',
);
