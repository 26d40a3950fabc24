import {
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { CNI_PLUGINS, need } from './prerequisites';
import { run } from './run';

/** Names under which the K3s binary plays another program. */
const K3S_ROLES = ['containerd', 'crictl', 'ctr', 'kubectl'];

/** Copies a program. A copy, not a second name: nothing in the lab can then write to a program of the machine. */
export function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(realpathSync(from), to, constants.COPYFILE_FICLONE);
  chmodSync(to, 0o755);
}

/** May root lower oom_score_adj here? The bit of CAP_SYS_RESOURCE in the bounding set tells. */
function mayLowerOomScore(): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${bounding}`) >> 24n) & 1n) === 1n;
}

/** The programs that differ between releases of K3s. */
export interface K3sPrograms {
  readonly k3s: string;
  /** containerd's shim, of the release of containerd that is in `k3s`. */
  readonly shim: string;
}

/** Those of the release on PATH. */
export const k3sOnPath = (): K3sPrograms => ({ k3s: need('k3s'), shim: need('containerd-shim-runc-v2') });

/** The release that a K3s is of, e.g. `v1.35.1+k3s1`. */
export async function k3sVersion(k3s: string): Promise<string> {
  const { stdout } = await run([k3s, '--version']);
  const version = /k3s version (\S+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${k3s} --version says no version: ${stdout}`);
  return version;
}

/** Puts the programs of a release into a folder: K3s, its other names, the shim. K3s may lie in a folder below: `real/k3s`. */
export function placeRelease({ k3s, shim }: K3sPrograms, folder: string, path = 'k3s'): void {
  place(k3s, join(folder, path));
  for (const role of K3S_ROLES) symlinkSync(path, join(folder, role));
  place(shim, join(folder, 'containerd-shim-runc-v2'));
}

/**
 * Puts runc and the CNI plugins into a folder. On nodes of a lab, runc makes containers fit what they share with this machine; a
 * computer of its own has runc as it is.
 */
export function placeRuntime(folder: string, ownComputer = false): void {
  for (const name of CNI_PLUGINS) place(need(name), join(folder, name));
  if (ownComputer) {
    place(need('runc'), join(folder, 'runc'));
    return;
  }
  place(need('runc'), join(folder, 'runc-real'));
  copyFileSync(join(__dirname, 'runc-in-lab.sh'), join(folder, 'runc'));
  chmodSync(join(folder, 'runc'), 0o755);
  if (mayLowerOomScore()) writeFileSync(join(folder, 'runc-lowers-oom'), '');
}

/**
 * Puts K3s and what it starts into one folder: K3s and its other names, runc, the containerd shim and the CNI plugins.
 * This folder goes first on PATH: a containerd of another version earlier on PATH would be taken silently.
 */
export function placeK3s(folder: string, ownComputer?: boolean): void {
  placeRelease(k3sOnPath(), folder);
  placeRuntime(folder, ownComputer);
}

/** Puts a program of the distribution into a root file system, with the shared libraries it needs. */
export async function placeWithLibraries(root: string, program: string, target: string): Promise<void> {
  const from = realpathSync(program);
  const to = join(root, target);
  if (existsSync(to)) return;
  place(from, to);
  // ldd ends with 1 for a static program, which needs nothing more.
  const { stdout } = await run([need('ldd'), from], { mayFail: true });
  for (const [, library] of stdout.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)) {
    const inRoot = join(root, library!);
    if (!existsSync(inRoot)) place(library!, inRoot);
  }
}

/** iptables keeps its matches and targets as modules in a folder beside libxtables; a copy of iptables needs them too. */
export async function placeIptables(root: string, folder: string): Promise<void> {
  for (const name of ['iptables', 'ip6tables']) {
    for (const variant of ['', '-save', '-restore']) {
      const program = need(`${name}${variant}`);
      const multi = basename(realpathSync(program));
      await placeWithLibraries(root, program, join(folder, multi));
      symlinkSync(multi, join(root, folder, `${name}${variant}`));
    }
  }
  const { stdout } = await run([need('ldd'), realpathSync(need('iptables'))], { mayFail: true });
  const library = /=> (\S*libxtables\S*)/.exec(stdout)?.[1];
  if (library === undefined) return;
  // iptables was built to look below /usr, also where /lib is a link to there.
  const modules = [join('/usr', dirname(library), 'xtables'), resolve(dirname(library), 'xtables')].find((path) =>
    existsSync(path),
  );
  if (modules !== undefined) cpSync(modules, join(root, modules), { recursive: true });
}

/** Builds the small programs of the lab (the pause container, the workload) into a folder. */
export async function buildPrograms(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'local', GOWORK: 'off' };
  await run(
    [need('go'), '-C', join(__dirname, 'go'), 'build', '-trimpath', '-ldflags=-s -w', '-o', `${folder}/`, './...'],
    {
      env,
      timeout: 600_000,
    },
  );
}
