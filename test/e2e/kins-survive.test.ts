import { AutonomyLevel, KinsUnit, PATIENCE } from './support/kins-unit';
import { Lab } from './support/lab';
import { describeOnLab } from './support/lab-suite';
import { type LabNode } from './support/node';
import { until } from './support/run';

jest.setTimeout(1_800_000);

interface PodNames {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly uid: string } }[];
}

/**
 * Processes of a unit, by their command line on a node. K3s hides its arguments, and the node's own K3s looks the same as
 * the unit's: both are killed.
 */
const PROCESSES = [
  ['the server', '^k3s server'],
  ['its publisher', '^/bin/sh [^ ]*/publish.sh$'],
  ['the agent', '^k3s agent'],
  ['the keeper of the credential', '^/bin/sh [^ ]*/access.sh$'],
  ['containerd', '^containerd *$'],
] as const;

describeOnLab('a unit at L5 survives', () => {
  let lab: Lab | undefined;
  let unit: KinsUnit;
  let identity: string;
  const written: string[] = [];
  const theLab = (): Lab => {
    if (lab === undefined) throw new Error('the lab did not start');
    return lab;
  };
  const write = async (node: LabNode, name: string): Promise<void> => {
    await until(
      `write ${name}`,
      async () => {
        if (!(await unit.written(node)).includes(name)) await unit.write(node, name);
        return true;
      },
      PATIENCE,
    );
    written.push(name);
  };
  const expectWhole = async (): Promise<void> => {
    await unit.formed();
    await until('three voters', async () => (await unit.voters(unit.nodes[0]!)).length === 3, PATIENCE);
    await unit.rolledOut('cri', 'server', 'agent');
    for (const node of unit.nodes) {
      expect(await unit.identity(node)).toBe(identity);
      expect(await unit.written(node)).toEqual([...written].sort());
      // Whatever was off or had to start again: no firewall was in the way.
      expect(await unit.saidOfPorts(node)).toEqual([]);
    }
    expect(await unit.publishedIdentity()).toBe(identity);
  };
  const pods = async (): Promise<PodNames['items']> =>
    (
      await theLab().get<PodNames>(
        'pods',
        '-n',
        'kins-system',
        '-l',
        'edge-constructs.io/component in (server,agent,cri)',
      )
    ).items;

  beforeAll(async () => {
    lab = await Lab.start();
    unit = new KinsUnit(lab);
    await unit.provideImages();
    await unit.apply(AutonomyLevel.L5);
    await unit.formed();
    identity = await unit.publishedIdentity();
    await write(unit.nodes[0]!, 'from-the-beginning');
  });

  afterAll(async () => {
    await lab?.stop();
  });

  test('forms with three servers', async () => {
    await expectWhole();
  });

  test.each([
    ['a server that joined', 1],
    ['the server that founded the cluster', 0],
  ])('%s loses its disk, and is a server again without a hand in the edge cluster', async (_, index) => {
    const lost = unit.nodes[index]!;
    const other = unit.nodes[2]!;
    await lost.powerCut();
    await lost.wipeDisk();
    await write(other, `while-server-${index}-was-away`);
    // The cloud cluster of the lab is K3s too, and asks for this at every new computer under an old name.
    await unit.forgetNode(lost);
    await unit.provideImages([lost]);
    await lost.start();
    await expectWhole();
  });

  test('a server that the others have removed from etcd joins again', async () => {
    const [asked, removed] = unit.nodes;
    interface Members {
      readonly members: readonly { readonly ID: string; readonly name: string }[];
    }
    /** By etcd's own API: K3s removes a server that stalls for five minutes while it joins. */
    const etcd = async (call: string, body: object): Promise<Members> => {
      const folder = '/var/lib/kins/test/server/k3s/server/tls/etcd';
      const identity = ['--cacert', `${folder}/server-ca.crt`, '--cert', `${folder}/client.crt`];
      const key = ['--key', `${folder}/client.key`, '--data', JSON.stringify(body)];
      const url = `https://127.0.0.1:2382/v3/cluster/member/${call}`;
      return JSON.parse((await asked!.exec(['curl', '-sSf', ...identity, ...key, url])).stdout) as Members;
    };
    const memberOf = async (node: LabNode): Promise<string | undefined> =>
      (await etcd('list', {})).members.find(({ name }) => name.startsWith(`${node.name}-`))?.ID;
    const before = await memberOf(removed!);
    await etcd('remove', { ID: before });
    await write(asked!, 'while-a-server-was-no-member');
    const after = await until('the server to be a member again', () => memberOf(removed!), PATIENCE);
    expect(after).not.toBe(before);
    await expectWhole();
  });

  test('a node whose kube-proxy lost its first round reaches the servers all the same', async () => {
    const node = unit.nodes[2]!;
    const since = new Date().toISOString();
    // As K3s' network policy controller does it, which seldom hits the moment: the table as it was before kube-proxy came.
    const empty = '*filter\\n:INPUT ACCEPT\\n:FORWARD ACCEPT\\n:OUTPUT ACCEPT\\nCOMMIT\\n';
    await node.sh(`
      rm -f /tmp/lost
      while [ ! -e /tmp/lost ]; do printf '${empty}' | nsenter --net=/run/kins/test/net iptables-restore; done >/dev/null 2>&1 &`);
    const podsOfNode = ['pods', '-n', 'kins-system', `--field-selector=spec.nodeName=${node.name}`];
    const nameOf = async (part: string): Promise<string> =>
      (await theLab().get<PodNames>(...podsOfNode, '-l', `edge-constructs.io/component=${part}`)).items[0]!.metadata
        .name;
    await theLab().kubectl(['delete', 'pod', '-n', 'kins-system', await nameOf('agent')], { timeout: 400_000 });
    try {
      await until(
        'kube-proxy to lose its first round',
        async () => {
          const agent = await nameOf('agent');
          const said = ['logs', '-n', 'kins-system', agent, '--container=agent', `--since-time=${since}`];
          return (await theLab().kubectl(said)).stdout.includes('"Sync failed"');
        },
        PATIENCE,
      );
    } finally {
      await node.sh('touch /tmp/lost');
    }
    await write(node, 'after-the-first-round-was-lost');
    await expectWhole();
  });

  test.each(PROCESSES)('%s is killed on every node, and is back', async (_, pattern) => {
    for (const node of unit.nodes) await node.exec(['pkill', '-KILL', '-f', pattern]);
    await write(unit.nodes[0]!, `written-${written.length}`);
    await expectWhole();
  });

  test('every pod of the unit is deleted, one after the other, and is back', async () => {
    for (const { metadata } of await pods()) {
      await theLab().kubectl(['delete', 'pod', '-n', 'kins-system', metadata.name], { timeout: 400_000 });
      await until(
        `all in place after ${metadata.name}`,
        async () => {
          const now = await pods();
          return now.length === 9 && now.every(({ metadata: { uid } }) => uid !== metadata.uid);
        },
        PATIENCE,
      );
      await unit.rolledOut('cri', 'server', 'agent');
      await unit.formed();
    }
    await expectWhole();
  });

  test('two of three disks are lost: the documented recovery brings the unit back with the data of the third', async () => {
    const [kept, ...lost] = unit.nodes;
    await Promise.all(lost.map((node) => node.powerCut()));
    for (const node of lost) {
      await node.wipeDisk();
      await unit.forgetNode(node);
    }
    await unit.provideImages(lost);
    await kept!.sh('touch /var/lib/kins/test/server/reset');
    await theLab().kubectl([
      'delete',
      'pod',
      '-n',
      'kins-system',
      '-l',
      'edge-constructs.io/component=server',
      '--wait=false',
    ]);
    await until('an answer of the server that is left', () => unit.identity(kept!), PATIENCE);
    await Promise.all(lost.map((node) => node.start()));
    await expectWhole();
  });
});
