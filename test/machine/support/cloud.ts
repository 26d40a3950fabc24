import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type CommandOptions, type CommandResult, until } from '../../e2e/support/run';
import { type Machine, PATIENCE } from './machine';

const KUBECTL = ['kubectl', '--kubeconfig=/var/lib/cloud/kubeconfig.yaml', '--server=https://10.99.0.10:6443'];

/** A cloud cluster of K3s with one node, the machine, whose server is on the same machine: see cloud.sh. */
export class Cloud {
  public readonly agents: readonly Machine[];

  public constructor(private readonly machine: Machine) {
    this.agents = [machine];
  }

  /** Folder on this computer for what belongs to it. */
  public get path(): string {
    return this.machine.path;
  }

  /** Installs it, and waits until the node is Ready. */
  public async install(): Promise<void> {
    const script = readFileSync(join(__dirname, 'cloud.sh'), 'utf8');
    await this.machine.exec(['sh', '-s', this.machine.name, this.machine.address], { input: script });
    await this.ready();
  }

  /** Runs kubectl as the cloud cluster's administrator. */
  public async kubectl(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.machine.exec([...KUBECTL, ...args], options);
  }

  /** Runs kubectl and reads the JSON it prints. */
  public async get<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse((await this.kubectl(['get', '-o', 'json', ...args])).stdout) as T;
  }

  /** Waits until the node is Ready. */
  public async ready(): Promise<void> {
    const args = ['wait', 'node', this.machine.name, '--for=condition=Ready', '--timeout=10s'];
    await until('the node of the cloud cluster', async () => this.kubectl(args), PATIENCE);
  }

  /** The server ends and stays off, and nothing answers at its address. */
  public async goDark(): Promise<void> {
    await this.machine.sh('systemctl --quiet disable cloud cloud-network; systemctl stop cloud cloud-network; sync');
  }

  /** The server returns. */
  public async goLight(): Promise<void> {
    await this.machine.sh(
      'systemctl --quiet enable cloud cloud-network; systemctl start --no-block cloud-network cloud; sync',
    );
    await until(
      'the server of the cloud cluster',
      async () => (await this.kubectl(['get', '--raw', '/readyz'])).stdout === 'ok',
      PATIENCE,
    );
  }
}
