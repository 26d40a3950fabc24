import { setTimeout as sleep } from 'node:timers/promises';

import { AutonomyLevel, KinsUnit, PATIENCE } from './support/kins-unit';
import { Lab } from './support/lab';
import { describeOnLab } from './support/lab-suite';
import { type LabNode } from './support/node';
import { until } from './support/run';
import { webWorkload } from './support/web-workload';

jest.setTimeout(1_800_000);

/** A port that a Service of the edge cluster has on every node. */
const PORT = 30080;

interface Pods {
  readonly items: readonly {
    readonly status: {
      readonly containerStatuses?: readonly { readonly containerID?: string; readonly ready: boolean }[];
    };
  }[];
}

describeOnLab('a unit forms and grows', () => {
  let lab: Lab | undefined;
  let unit: KinsUnit;
  let first: LabNode;
  let identity: string;
  const theLab = (): Lab => {
    if (lab === undefined) throw new Error('the lab did not start');
    return lab;
  };
  const containers = async (): Promise<string[]> =>
    (await unit.get<Pods>(first, 'pods', '-n', 'default', '-l', 'app=web')).items
      .flatMap(({ status }) => status.containerStatuses ?? [])
      .filter(({ ready }) => ready)
      .map(({ containerID }) => containerID ?? '')
      .sort();

  beforeAll(async () => {
    lab = await Lab.start();
    unit = new KinsUnit(lab, { hostPorts: [PORT] });
    first = unit.nodes[0]!;
    await unit.provideImages();
  });

  afterAll(async () => {
    await lab?.stop();
  });

  test('L4: one apply, and all nodes are Ready; the kubeconfig from the ConfigMap works on each of them', async () => {
    await unit.apply(AutonomyLevel.L4);
    await unit.formed();
    const identities = await Promise.all(unit.nodes.map((node) => unit.identity(node)));
    identity = await unit.publishedIdentity();
    expect(identity).toMatch(/^[0-9a-f-]{36}$/);
    expect(identities).toEqual([identity, identity, identity]);
  });

  test('a Deployment with a Service answers from the LAN through hostPorts, on every node', async () => {
    await unit.kubectl(first, ['apply', '-f', '-'], { input: webWorkload(theLab().images.web, PORT) });
    for (const { address } of unit.nodes) {
      const answer = await until(
        `an answer of ${address}`,
        async () => (await theLab().lan.exec(['curl', '-fsS', '-m', '5', `http://${address}:${PORT}/`])).stdout,
        PATIENCE,
      );
      expect(JSON.parse(answer)).toHaveProperty('host');
    }
  });

  test('L5: the same cluster has three servers with a vote each, all data, and its workloads run on', async () => {
    await unit.write(first, 'written-at-l4');
    const running = await until(
      'both replicas',
      async () => {
        const all = await containers();
        return all.length === 2 && all;
      },
      PATIENCE,
    );
    await unit.apply(AutonomyLevel.L5);
    await until('three voters', async () => (await unit.voters(first)).length === 3, PATIENCE);
    await unit.rolledOut('server', 'agent');
    await unit.formed();
    for (const node of unit.nodes) {
      expect(await unit.identity(node)).toBe(identity);
      expect(await unit.written(node)).toEqual(['written-at-l4']);
    }
    expect(await unit.publishedIdentity()).toBe(identity);
    expect(await containers()).toEqual(running);
  });

  test('ports that a firewall keeps between nodes are named by the agents, once, and so is that they are open again', async () => {
    for (const node of unit.nodes) expect([node.name, await unit.saidOfPorts(node)]).toEqual([node.name, []]);
    const [one, two, three] = unit.nodes;
    const filter = async (operation: '-I' | '-D'): Promise<void> => {
      const drop = (to: LabNode, from: LabNode, ...ofPort: string[]): Promise<unknown> =>
        to.exec(['iptables', '-w', operation, 'INPUT', '-s', from.address, ...ofPort, '-j', 'DROP']);
      await drop(two!, one!, '-p', 'udp', '--dport', '26446');
      await drop(two!, three!, '-p', 'tcp', '--dport', '26443');
    };
    const named = (node: LabNode): string => `${node.name} (${node.address})`;
    const blocked = (from: LabNode, to: LabNode, what: string): string =>
      `agent: blocked: ${named(from)} gets no answer from ${named(to)} by ${what}, though ${to.name} is up: open `;
    const open = (from: LabNode, to: LabNode, port: string): string =>
      `agent: open again: ${named(from)} gets answers from ${named(to)} by ${port}`;
    const pods = 'UDP 26446, for traffic between pods';
    const openPods = 'UDP 26446 between the nodes of the site, in both directions';
    const api = 'TCP 26443, for the API of the edge cluster';
    const lines = new Map([
      [one!, [blocked(one!, two!, pods) + openPods, open(one!, two!, 'UDP 26446')]],
      [two!, [blocked(two!, one!, pods) + openPods, open(two!, one!, 'UDP 26446')]],
      [
        three!,
        [
          `${blocked(three!, two!, api)}TCP 26443 from all nodes of the site to its servers`,
          open(three!, two!, 'TCP 26443'),
        ],
      ],
    ]);
    const expectLines = async (count: number): Promise<void> => {
      for (const [node, expected] of lines) {
        const said = `${count} lines of ${node.name} about ports`;
        await until(said, async () => (await unit.saidOfPorts(node)).length >= count, PATIENCE);
        expect(await unit.saidOfPorts(node)).toEqual(expected.slice(0, count));
      }
    };
    await filter('-I');
    await expectLines(1);
    await filter('-D');
    await expectLines(2);
  });

  test('L5 back to L4 is refused by the cloud cluster, and the unit stays as it is', async () => {
    await expect(unit.apply(AutonomyLevel.L4)).rejects.toThrow(/NodeUnit test is at L5 and can't be set to L4/);
    await sleep(5000);
    expect(await unit.voters(first)).toHaveLength(3);
    expect(await unit.written(first)).toEqual(['written-at-l4']);
  });

  test('one server of three is away: the others go on, and it catches up when it returns', async () => {
    const [one, two, three] = unit.nodes;
    const others = [one!, two!];
    const saidBefore = await Promise.all(others.map((node) => unit.saidOfPorts(node)));
    await three!.powerCut();
    await until(
      'a write with two servers',
      async () => {
        await unit.write(two!, 'with-two-servers');
        return true;
      },
      PATIENCE,
    );
    await three!.start();
    await unit.formed();
    expect(await unit.written(three!)).toEqual(['with-two-servers', 'written-at-l4']);
    expect(await unit.identity(one!)).toBe(identity);
    expect(await Promise.all(others.map((node) => unit.saidOfPorts(node)))).toEqual(saidBefore);
    expect(await unit.saidOfPorts(three!)).toEqual([]);
  });
});
