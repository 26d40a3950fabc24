import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { need } from './prerequisites';
import { type CommandOptions, type CommandResult, run, until } from './run';

/** Address of the LAN's bridge: the default gateway of the nodes, which leads nowhere. */
export const GATEWAY = '10.99.0.1';

/** First (and here only) child of a process, by its number as this process sees it. */
export async function childOf(parent: ChildProcess, what: string): Promise<number> {
  const { pid } = parent;
  if (pid === undefined) throw new Error(`${what} did not start`);
  return until(
    `first process of ${what}`,
    () => {
      if (parent.exitCode !== null) throw new Error(`${what} ended with ${parent.exitCode}`);
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
      return Promise.resolve(children === '' ? undefined : Number(children.split(' ')[0]));
    },
    { timeout: 30_000, interval: 20 },
  );
}

/** Waits until a child process has ended. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}

/**
 * The LAN of a lab: one bridge in a network namespace of its own, so that the machine's own network is not touched. Its
 * holder is process 1 of a process namespace in which all nodes live. The holder ends when its standard input closes, that is
 * at the latest when this process dies in whatever way; and with it the kernel ends every process of the lab.
 */
export class Lan {
  private constructor(
    private readonly unshare: ChildProcess,
    /** The holder's process id on this machine. */
    public readonly pid: number,
  ) {}

  public static async create(): Promise<Lan> {
    // A background command reads /dev/null unless it is given another input.
    const holder = 'exec 3<&0; echo ready; cat <&3 >/dev/null & wait $!';
    const unshare = spawn(
      need('unshare'),
      ['--net', '--pid', '--fork', '--mount', '--propagation', 'private', '--', 'sh', '-c', holder],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    unshare.stdin.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      unshare.stdout.once('data', () => {
        resolve();
      });
      unshare.once('error', reject);
      unshare.once('exit', (code) => {
        reject(new Error(`the LAN's namespaces cannot be made: exit code ${code ?? -1}`));
      });
    });
    const lan = new Lan(unshare, await childOf(unshare, "the LAN's holder"));
    const setUp = [
      'link set lo up',
      'link add lan type bridge',
      `address add ${GATEWAY}/24 dev lan`,
      'link set lan up',
    ];
    for (const command of setUp) await lan.exec([need('ip'), ...command.split(' ')]);
    return lan;
  }

  /** Command line that runs something in the LAN's network, with this machine's files. */
  public enter(argv: readonly string[]): string[] {
    return [need('nsenter'), `--target=${this.pid}`, '--net', '--', ...argv];
  }

  /** Runs a command as a computer on the LAN. */
  public exec(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return run(this.enter(argv), options);
  }

  /** Plugs a node into the bridge: its namespace gets `eth0`, the bridge a port. */
  public async plug(port: string, pid: number): Promise<void> {
    await this.exec([need('ip'), 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
    await this.exec([need('ip'), 'link', 'set', port, 'master', 'lan', 'up']);
  }

  /** Takes a port away. That the kernel already did so, because the node's namespace is gone, is fine. */
  public async unplug(port: string): Promise<void> {
    await this.exec([need('ip'), 'link', 'delete', port], { mayFail: true });
    await until(`end of port ${port}`, async () => {
      return (await this.exec([need('ip'), 'link', 'show', port], { mayFail: true })).code !== 0;
    });
  }

  /** Pulls a port's cable, or puts it back. */
  public async cable(port: string, connected: boolean): Promise<void> {
    await this.exec([need('ip'), 'link', 'set', port, connected ? 'up' : 'down']);
  }

  /** Ends the holder, and with it every process and interface of the lab. */
  public async remove(): Promise<void> {
    this.unshare.stdin?.end();
    await ended(this.unshare);
  }

  /** Lets packets pass between the bridge's ports without the machine's own packet filter, where there is one for bridges. */
  public async withoutBridgeFilter(): Promise<void> {
    const setting = 'net.bridge.bridge-nf-call-iptables=0';
    await this.exec([need('sysctl'), '-q', '-w', setting], { mayFail: true });
  }
}
