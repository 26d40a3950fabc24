import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { unified } from './cgroups';
import { LAB_PREFIX, LabFolder } from './lab-folder';
import { type CommandResult, run } from './run';

const SCRIPT = join(__dirname, 'host-state.sh');

/** What is on a computer: processes, mounts, network, packet filter, cgroups, files; one sorted line each. */
export class HostState {
  public constructor(public readonly lines: readonly string[]) {}

  /**
   * This machine. Others work on it too, so without what they change all the time: processes in this machine's own
   * namespaces, cgroups below the top of each tree (unless a lab's name is in their path), and other labs.
   */
  public static async ofMachine(folders: readonly string[] = []): Promise<HostState> {
    const others = LabFolder.others();
    const owners = others.map(({ owner }) => owner).join(' ');
    const { lines } = HostState.parse(
      await run(['sh', SCRIPT, 'foreign', ...folders], { env: { ...process.env, NOT_BELOW: owners } }),
    );
    const top = unified() ? 1 : 2;
    const below = (path: string): boolean => path.split('/').length - '/sys/fs/cgroup'.split('/').length > top;
    return new HostState(
      lines.filter((line) => {
        if (!line.startsWith('cgroup: ')) return true;
        return line.includes(LAB_PREFIX) ? !others.some(({ name }) => line.includes(name)) : !below(line);
      }),
    );
  }

  /** A computer that `sh` reaches: `sh` is given the script on its standard input and its arguments. */
  public static async through(
    sh: (args: readonly string[], script: string) => Promise<CommandResult>,
    folders: readonly string[],
  ): Promise<HostState> {
    return HostState.parse(await sh(['-s', 'all', ...folders], readFileSync(SCRIPT, 'utf8')));
  }

  private static parse({ stdout }: CommandResult): HostState {
    return new HostState(stdout.split('\n').filter(Boolean).sort());
  }

  /**
   * What is here and was not in an earlier state, and what was there and is gone; each line as often as it is too many.
   * Lines that match `ignore` do not count.
   */
  public changesSince(before: HostState, ignore?: RegExp): { readonly added: string[]; readonly gone: string[] } {
    return { added: surplus(this.lines, before.lines, ignore), gone: surplus(before.lines, this.lines, ignore) };
  }
}

function surplus(lines: readonly string[], without: readonly string[], ignore?: RegExp): string[] {
  const counts = new Map<string, number>();
  for (const line of without) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    if (ignore?.test(line) === true) return false;
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}
