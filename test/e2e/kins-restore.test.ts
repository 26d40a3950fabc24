import { AutonomyLevel, KinsUnit, PATIENCE } from './support/kins-unit';
import { Lab } from './support/lab';
import { describeOnLab } from './support/lab-suite';
import type { LabNode } from './support/node';
import { until } from './support/run';

jest.setTimeout(1_800_000);

const SERVER = '/var/lib/kins/test/server';

describeOnLab('a unit at L5 is restored as the guide says it', () => {
  let lab: Lab | undefined;
  let unit: KinsUnit;
  let identity: string;
  let snapshot: { readonly name: string; readonly content: string };
  const theLab = (): Lab => {
    if (lab === undefined) throw new Error('the lab did not start');
    return lab;
  };
  const deleteServers = async (): Promise<void> => {
    const servers = ['-l', 'edge-constructs.io/component=server'];
    await theLab().kubectl(['delete', 'pod', '-n', 'kins-system', ...servers, '--wait=false']);
  };
  const put = async (node: LabNode): Promise<void> => {
    const file = `${SERVER}/snapshots/${snapshot.name}`;
    const own = `chown 10001:10001 ${file} && chmod 600 ${file}`;
    await node.sh(`base64 -d >${file} && ${own}`, { input: snapshot.content });
    await node.sh(`echo ${snapshot.name} >${SERVER}/restore`);
  };
  const expectRestored = async (): Promise<void> => {
    const [first] = unit.nodes;
    await until(
      'the wish to be fulfilled',
      async () => (await first!.sh(`test ! -e ${SERVER}/restore && echo yes`)).stdout.includes('yes'),
      PATIENCE,
    );
    await until('three voters', async () => (await unit.voters(first!)).length === 3, PATIENCE);
    await unit.formed();
    for (const node of unit.nodes) {
      expect(await unit.identity(node)).toBe(identity);
      expect(await unit.written(node)).toEqual(['before']);
    }
    expect(await unit.publishedIdentity()).toBe(identity);
  };

  beforeAll(async () => {
    lab = await Lab.start();
    unit = new KinsUnit(lab);
    await unit.provideImages();
    await unit.apply(AutonomyLevel.L5);
    await unit.formed();
    identity = await unit.publishedIdentity();
    await unit.write(unit.nodes[0]!, 'before');
  });

  afterAll(async () => {
    await lab?.stop();
  });

  test('a snapshot is taken by hand, in the folder that no start discards', async () => {
    const [first] = unit.nodes;
    const pods = ['pods', '-n', 'kins-system', '-l', 'edge-constructs.io/component=server'];
    interface Pods {
      readonly items: readonly { readonly metadata: { readonly name: string } }[];
    }
    const onFirst = await theLab().get<Pods>(...pods, `--field-selector=spec.nodeName=${first!.name}`);
    const exec = ['exec', '-n', 'kins-system', onFirst.items[0]!.metadata.name, '--container=server', '--'];
    const save = ['k3s', 'etcd-snapshot', 'save', '--etcd-server=https://127.0.0.1:26443', `--data-dir=${SERVER}/k3s`];
    await theLab().kubectl([...exec, ...save, `--etcd-snapshot-dir=${SERVER}/snapshots`], { timeout: 120_000 });
    const name = (await first!.sh(`ls ${SERVER}/snapshots`)).stdout.trim();
    expect(name).toMatch(/^on-demand-/);
    snapshot = { name, content: (await first!.sh(`base64 -w 0 ${SERVER}/snapshots/${name}`)).stdout.trim() };
    await unit.write(first!, 'after');
  });

  test('back to it while all servers have data: two put theirs aside and join the third', async () => {
    const [first, ...others] = unit.nodes;
    for (const node of others) await node.sh(`echo elsewhere >${SERVER}/restore`);
    await put(first!);
    await deleteServers();
    await expectRestored();
  });

  test('all disks are lost: one server restores it, and the others join by themselves', async () => {
    await unit.write(unit.nodes[0]!, 'after');
    await Promise.all(unit.nodes.map((node) => node.powerCut()));
    for (const node of unit.nodes) {
      await node.wipeDisk();
      await unit.forgetNode(node);
    }
    await unit.provideImages();
    await Promise.all(unit.nodes.map((node) => node.start()));
    const [first] = unit.nodes;
    await until(
      'the folder of the server',
      async () => (await first!.sh(`test -d ${SERVER}/snapshots && echo yes`)).stdout.includes('yes'),
      PATIENCE,
    );
    await put(first!);
    await deleteServers();
    await expectRestored();
  });
});
