import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { HostState } from '../../e2e/support/host-state';
import { buildLabImages } from '../../e2e/support/images';
import { KinsUnit, type UnitCloud } from '../../e2e/support/kins-unit';
import { Lab } from '../../e2e/support/lab';
import { placeK3s } from '../../e2e/support/programs';
import { until } from '../../e2e/support/run';
import { webWorkload } from '../../e2e/support/web-workload';
import { Machine, PATIENCE } from './machine';

/** The port of the node at which the workload answers the LAN. */
export const PORT = 30080;

/** A site of one emulated computer, whose cloud cluster is that of a lab: K3s on this machine, in namespaces. */
export class Site {
  public readonly unit: KinsUnit<Machine>;

  private constructor(
    public readonly lab: Lab,
    public readonly machine: Machine,
  ) {
    const cloud: UnitCloud<Machine> = {
      path: lab.path,
      agents: [machine],
      kubectl: async (args, options) => lab.kubectl(args, options),
      get: async (...args) => lab.get(...args),
    };
    this.unit = new KinsUnit(cloud, { hostPorts: [PORT] }, [machine], PATIENCE);
  }

  /** Starts the cloud cluster and the computer, which joins it as any agent does. */
  public static async start(): Promise<Site> {
    const lab = await Lab.start({ agents: [] });
    let machine: Machine | undefined;
    try {
      machine = await Machine.create(lab.lan, async (folder) => {
        placeK3s(join(folder, 'bin'), true);
        await buildLabImages(join(folder, 'images'), { ownComputer: true });
      });
      await machine.start();
      const site = new Site(lab, machine);
      await site.join();
      return site;
    } catch (error) {
      await machine?.remove();
      await lab.stop();
      throw error;
    }
  }

  private async join(): Promise<void> {
    const { lab, machine } = this;
    const token = (await lab.server.exec(['cat', '/etc/rancher/k3s/token'])).stdout;
    const script = readFileSync(join(__dirname, 'join.sh'), 'utf8');
    const { name, address } = machine;
    await machine.exec(['sh', '-c', script, 'join.sh', name, address, lab.server.address], { input: token });
    await this.ready();
  }

  /** Waits until the cloud cluster calls the computer Ready. */
  public async ready(): Promise<void> {
    const isReady = async (): Promise<boolean> => (await this.lab.readyNodes()).includes(this.machine.name);
    await until('the node of the cloud cluster', isReady, PATIENCE);
  }

  /** Starts a workload in the edge cluster. */
  public async startWorkload(): Promise<void> {
    const input = webWorkload(this.lab.images.web, PORT, 1);
    await until('the workload', () => this.unit.kubectl(this.machine, ['apply', '-f', '-'], { input }), PATIENCE);
  }

  /** What the workload tells the LAN: another text when its container is another. */
  public async answer(): Promise<string> {
    const url = `http://${this.machine.address}:${PORT}/`;
    return until(
      'an answer of the workload',
      async () => {
        const { stdout } = await this.lab.lan.exec(['curl', '-fsS', '-m', '20', url]);
        return stdout.trim() || undefined;
      },
      PATIENCE,
    );
  }

  /** What systemd says of the unit's service. */
  public async service(): Promise<Readonly<Record<string, string>>> {
    const properties = ['LoadState', 'UnitFileState', 'ActiveState', 'SubState', 'Result', 'NRestarts'];
    const { stdout } = await this.machine.exec([
      'systemctl',
      'show',
      'kins-test.service',
      `--property=${properties.join()}`,
    ]);
    return Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
  }

  /** Everything that is on the computer. */
  public async state(): Promise<HostState> {
    return HostState.through((args, input) => this.machine.exec(['sh', ...args], { input }), ['/etc', '/run', '/var']);
  }

  public async stop(): Promise<void> {
    await this.machine.remove();
    await this.lab.stop();
  }
}
