import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folders beside PATH in which distributions put CNI plugins. */
const CNI_FOLDERS = ['/usr/lib/cni', '/usr/libexec/cni', '/opt/cni/bin'];

/** CNI plugins that K3s' own network needs. */
export const CNI_PLUGINS = ['bandwidth', 'bridge', 'firewall', 'flannel', 'host-local', 'loopback', 'portmap'];

const K3S = ['k3s', 'runc', 'containerd-shim-runc-v2'];

/**
 * What makes a computer a node of the cloud cluster: an agent of K3s, or, as with kubeadm and KKP, a containerd of the node, a plain kubelet,
 * and kube-proxy in a pod.
 */
export type CloudNodeKind = 'k3s' | 'kubelet';

const PROGRAMS: Readonly<Record<CloudNodeKind, readonly string[]>> = { k3s: [], kubelet: ['kubelet', 'kube-proxy'] };
const IPTABLES = ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-save`, `${name}-restore`]);
/** Programs that nodes and the K3s image get from the distribution. */
const NODE_TOOLS = [...IPTABLES, 'conntrack', 'ethtool', 'find', 'flock', 'ip', 'ipset', 'losetup', 'nsenter', 'socat'];
const HOST_TOOLS = ['busybox', 'go', 'ldd', 'mount', 'pivot_root', 'sysctl', 'tar', 'umount', 'unshare'];

const executable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Full path of a program on PATH (or, for CNI plugins, in the usual folders for them). */
export function which(name: string): string | undefined {
  // Administrators' programs: an ordinary user's PATH leaves them out on Debian.
  const path = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  // iproute2 has a program called bridge, too: a folder holds CNI plugins if host-local is in it.
  const folders = CNI_PLUGINS.includes(name)
    ? [...path, ...CNI_FOLDERS].filter((folder) => executable(join(folder, 'host-local')))
    : path;
  return folders.map((folder) => join(folder, name)).find(executable);
}

/** Full path of a program that must be there. */
export function need(name: string): string {
  const path = which(name);
  if (path === undefined) throw new Error(`${name} is not on PATH`);
  return path;
}

/** K3s' image in the lab holds runc without the libraries of this machine. */
function isStatic(program: string): boolean {
  const { status, stdout, stderr } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return status !== 0 || /statically linked|not a dynamic executable/.test(stdout + stderr);
}

function kernelLacks(): string[] {
  const filesystems = readFileSync('/proc/filesystems', 'utf8');
  const lacks = /\toverlay$/m.test(filesystems) ? [] : ['the overlay file system (modprobe overlay)'];
  const cgroups = readFileSync('/proc/self/cgroup', 'utf8');
  if (!/^0::/m.test(cgroups) && !/:cpuset:/.test(cgroups)) lacks.push('cgroups');
  return lacks;
}

/**
 * What this machine lacks for the lab, in one line, or `undefined` when nothing does. Every test on real nodes asks this first, so that the
 * tier says why it does not run instead of failing on a machine that cannot run it.
 */
export function missingPrerequisites(kind: CloudNodeKind = 'k3s'): string | undefined {
  if (process.platform !== 'linux') return `the lab needs Linux, this is ${process.platform}`;
  const lacks = [...K3S, ...PROGRAMS[kind], ...CNI_PLUGINS, ...NODE_TOOLS, ...HOST_TOOLS].filter(
    (name) => which(name) === undefined,
  );
  const what = lacks.length > 0 ? [`not on PATH: ${lacks.join(', ')}`] : [];
  const runc = which('runc');
  if (runc !== undefined && !isStatic(runc)) what.push(`${runc} is linked dynamically: a static runc is needed`);
  if (process.getuid?.() !== 0) what.push('root is needed to make namespaces');
  else what.push(...kernelLacks().map((name) => `the kernel lacks ${name}`));
  return what.length > 0 ? what.join('; ') : undefined;
}

/** The programs of another release of K3s, from the folder K3S_OTHER, or one line that says why there are none. */
export function otherK3s(): { readonly k3s: string; readonly shim: string } | string {
  const folder = process.env.K3S_OTHER;
  if (folder === undefined)
    return 'K3S_OTHER does not name a folder with k3s and containerd-shim-runc-v2 of another release';
  const [k3s, shim] = ['k3s', 'containerd-shim-runc-v2'].map((name) => join(folder, name)) as [string, string];
  const lacks = [k3s, shim].filter((path) => !executable(path));
  return lacks.length > 0 ? `there is no program ${lacks.join(' nor ')} (K3S_OTHER)` : { k3s, shim };
}
