import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { until } from './run';

const MOUNT = '/sys/fs/cgroup';

/** Is the whole tree cgroup v2? A machine with both (hybrid) counts as v1, as it does for containerd and the kubelet. */
export const unified = (): boolean => existsSync(join(MOUNT, 'cgroup.controllers'));

/** Folders of the hierarchies: one with v2; with v1 one a set of controllers. */
function hierarchies(): string[] {
  if (unified()) return [MOUNT];
  return readFileSync('/proc/self/cgroup', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(':')[1]!.replace(/^name=/, ''))
    .map((name) => join(MOUNT, name === '' ? 'unified' : name))
    .filter((folder) => existsSync(folder));
}

/** Lets children of a v2 cgroup use every controller it has; gives back what it switched on. */
function delegate(folder: string): string[] {
  const words = (file: string): string[] => readFileSync(join(folder, file), 'utf8').split(/\s+/).filter(Boolean);
  const on = words('cgroup.subtree_control');
  const off = words('cgroup.controllers').filter((controller) => !on.includes(controller));
  for (const controller of off) writeFileSync(join(folder, 'cgroup.subtree_control'), `+${controller}`);
  return off;
}

/**
 * Makes a cgroup in every hierarchy and gives back their folders. A node of the lab lives in one, seen by it as the root of
 * all cgroups, so the kubelets of the lab never meet each other nor one of the machine.
 */
export function makeCgroups(lab: string, node: string): string[] {
  return hierarchies().map((hierarchy) => {
    const parent = join(hierarchy, lab);
    const folder = join(parent, node);
    mkdirSync(folder, { recursive: true });
    if (unified()) {
      delegate(hierarchy);
      delegate(parent);
    }
    // In v1 a cpuset without processors and memory nodes takes no process.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (unified() || !existsSync(join(hierarchy, file))) continue;
      for (const path of [parent, folder]) writeFileSync(join(path, file), readFileSync(join(hierarchy, file), 'utf8'));
    }
    return folder;
  });
}

/** Controllers that children of the v2 root may use: {@link makeCgroups} may add some, the lab's end restores the list. */
export function rootControllers(): string[] {
  if (!unified()) return [];
  return readFileSync(join(MOUNT, 'cgroup.subtree_control'), 'utf8').split(/\s+/).filter(Boolean);
}

/** Puts the list of {@link rootControllers} back as it was. */
export function restoreRootControllers(before: readonly string[]): void {
  for (const controller of rootControllers().filter((name) => !before.includes(name))) {
    writeFileSync(join(MOUNT, 'cgroup.subtree_control'), `-${controller}`);
  }
}

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  }
  rmdirSync(folder);
}

/** Removes a node's cgroups, or those of the whole lab. Its processes are dead: the kernel may need a moment to count them out, and longer for one that waits for a busy disk. */
export async function removeCgroups(lab: string, node = ''): Promise<void> {
  for (const hierarchy of hierarchies()) {
    const folder = join(hierarchy, lab, node);
    await until(
      `removal of cgroup ${folder}`,
      () => {
        if (existsSync(folder)) removeTree(folder);
        return Promise.resolve(true);
      },
      { timeout: 120_000, interval: 100 },
    );
  }
}

/** Names of the labs that left cgroups on this machine. */
export function labsWithCgroups(prefix: string): string[] {
  const names = hierarchies().flatMap((hierarchy) => readdirSync(hierarchy).filter((name) => name.startsWith(prefix)));
  return [...new Set(names)];
}
