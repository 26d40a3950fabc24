import { type HostState } from '../e2e/support/host-state';
import { AutonomyLevel, UNIT } from '../e2e/support/kins-unit';
import { until } from '../e2e/support/run';
import { PATIENCE } from './support/machine';
import { Site } from './support/site';
import { describeOnMachine } from './support/suite';

jest.setTimeout(3_600_000);

describeOnMachine('a unit on a computer with systemd and cgroups of version 2', () => {
  let site: Site | undefined;
  const theSite = (): Site => {
    if (site === undefined) throw new Error('the site did not start');
    return site;
  };
  /** What is on the computer that has to do with the unit. */
  const traces = ({ lines }: HostState): string[] =>
    lines.filter(
      (line) => /kins/.test(line) && !/^file: \/var\/lib\/kins(\/images.*)?$|^file: \/var\/log\//.test(line),
    );

  beforeAll(async () => {
    site = await Site.start();
    await site.unit.apply(AutonomyLevel.L4);
    await site.unit.formed();
    await site.unit.write(site.machine, 'before');
    await site.startWorkload();
    await site.answer();
  });

  afterAll(async () => {
    await site?.stop();
  });

  test('has a service that systemd takes, and that has nothing to do while there are pods', async () => {
    const { machine } = theSite();
    const verified = await machine.sh(`systemd-analyze verify /etc/systemd/system/kins-${UNIT}.service 2>&1`);
    expect(verified.stdout).toBe('');
    const isKept = (): Promise<unknown> =>
      machine.sh(
        `cd /var/lib/kins/${UNIT} && [ -s standby/cri/current ] && [ -s standby/agent/current ] && [ -s server/standby/current ]`,
      );
    await until('what is kept of the pods', isKept, PATIENCE);
    expect(await theSite().service()).toMatchObject({
      LoadState: 'loaded',
      UnitFileState: 'enabled',
      ActiveState: 'inactive',
    });
  });

  test('comes back from a power cut without its cloud, with its data and its workload', async () => {
    const { lab, machine, unit } = theSite();
    await unit.write(machine, 'last');
    await lab.stopControlPlane();
    await machine.powerCycle();
    await until('the edge cluster', () => unit.kubectl(machine, ['get', '--raw', '/readyz']), PATIENCE);
    expect(await unit.written(machine)).toEqual(expect.arrayContaining(['before', 'last']));
    await theSite().answer();
    expect(await theSite().service()).toMatchObject({ ActiveState: 'active', SubState: 'running', NRestarts: '0' });
    await unit.write(machine, 'dark');
  });

  test('is handed over to its pods when the cloud returns, and the workload goes on', async () => {
    const { lab, machine, unit } = theSite();
    const answer = await theSite().answer();
    await lab.startControlPlane();
    await theSite().ready();
    const hasEnded = async (): Promise<boolean> => (await theSite().service()).ActiveState === 'inactive';
    await until('the end of the service', hasEnded, PATIENCE);
    expect(await theSite().service()).toMatchObject({ Result: 'success', NRestarts: '0' });
    await unit.rolledOut('cri', 'server', 'agent');
    expect(await theSite().answer()).toBe(answer);
    expect(await unit.written(machine)).toEqual(expect.arrayContaining(['before', 'last', 'dark']));
    expect((await machine.sh('systemctl is-system-running', { mayFail: true })).stdout.trim()).toBe('running');
  });

  test('nothing happens when somebody restarts the service while there are pods', async () => {
    const { machine, unit } = theSite();
    const answer = await theSite().answer();
    await machine.exec(['systemctl', 'restart', `kins-${UNIT}`]);
    const hasEnded = async (): Promise<boolean> => (await theSite().service()).ActiveState === 'inactive';
    await until('the end of the service', hasEnded, PATIENCE);
    expect(await theSite().service()).toMatchObject({ Result: 'success', NRestarts: '0' });
    await unit.rolledOut('cri', 'server', 'agent');
    expect(await theSite().answer()).toBe(answer);
  });

  test('leaves nothing on the computer when it has ended, and does not start again', async () => {
    const { lab, machine, unit } = theSite();
    await unit.apply(AutonomyLevel.L3);
    await unit.prune(AutonomyLevel.L4, AutonomyLevel.L3);
    await lab.kubectl(['rollout', 'status', '-n', 'kins-system', `daemonset/${UNIT}-recycle-kins`, '--timeout=30m'], {
      timeout: 1_810_000,
    });
    // What is left then is the pod that has seen to it.
    const kinds = 'daemonsets,configmaps,secrets,services,serviceaccounts,roles,rolebindings';
    await lab.kubectl(['delete', kinds, '-n', 'kins-system', '-l', `edge-constructs.io/unit=${UNIT}`], {
      timeout: 600_000,
    });
    const isGone = async (): Promise<boolean> => traces(await theSite().state()).length === 0;
    await until('the end of the unit', isGone, { ...PATIENCE, timeout: 600_000 }).catch(() => undefined);
    expect(traces(await theSite().state())).toEqual([]);
    expect(await theSite().service()).toMatchObject({ LoadState: 'not-found', ActiveState: 'inactive' });
    await machine.powerCycle();
    await machine.sh('systemctl is-system-running --wait');
    expect(traces(await theSite().state())).toEqual([]);
  });
});
