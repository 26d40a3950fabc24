import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { K3S_IMAGE_PROGRAMS } from '../../support/k3s-image';
import { type ImageSpec, type Layer, layerOf } from './image-archive';
import { type K3sPrograms, placeIptables, placeRelease, placeRuntime, placeWithLibraries } from './programs';
import { CNI_PLUGINS, need } from './prerequisites';
import { run } from './run';

/** Programs that the upstream image has in a better form than busybox's, or that not every busybox has. */
const FULL_TOOLS = ['conntrack', 'ethtool', 'find', 'flock', 'ip', 'ipset', 'losetup', 'nsenter', 'socat'];
/** busybox programs that the upstream image keeps at the very end of PATH. */
const LATE_APPLETS = ['modprobe', 'mount'];

/**
 * Root file system of a K3s image with the upstream layout, without K3s: everything in /bin, busybox for what a distribution would bring,
 * iptables and mount in /bin/aux, CNI plugins also where K3s looks for them.
 */
async function toolsRoot(root: string, ownComputer?: boolean): Promise<void> {
  for (const folder of [
    'bin/aux',
    'etc/ssl/certs',
    'lib/modules',
    'run',
    'tmp',
    'var/lib/rancher/k3s/data/cni',
    'var/run',
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  placeRuntime(join(root, 'bin'), ownComputer);
  for (const plugin of CNI_PLUGINS) symlinkSync(`/bin/${plugin}`, join(root, 'var/lib/rancher/k3s/data/cni', plugin));
  for (const tool of FULL_TOOLS) await placeWithLibraries(root, need(tool), join('bin', tool));
  await placeIptables(root, 'bin/aux');
  await placeWithLibraries(root, need('busybox'), 'bin/busybox');
  const { stdout } = await run([need('busybox'), '--list']);
  // No more than the upstream image has: what a script calls in vain there must be missed here, too.
  for (const applet of stdout
    .trim()
    .split('\n')
    .filter((name) => K3S_IMAGE_PROGRAMS.has(name))) {
    const late = LATE_APPLETS.includes(applet);
    const link = join(root, late ? 'bin/aux' : 'bin', applet);
    if (!existsSync(link)) symlinkSync(late ? '../busybox' : 'busybox', link);
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  await run(['chmod', '1777', join(root, 'tmp')]);
}

const K3S_PATH = '/var/lib/rancher/k3s/data/cni:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/bin/aux';

/** Layers of images of K3s. Each is made once, so that a node with several of these images has what they share only once. */
export class K3sLayers {
  private readonly made = new Map<string, Promise<Layer>>();

  public constructor(
    private readonly folder: string,
    private readonly ownComputer?: boolean,
  ) {}

  /** A layer of what `fill` puts into a new root. */
  public layer(name: string, fill: (root: string) => void | Promise<void>): Promise<Layer> {
    const before = this.made.get(name);
    if (before !== undefined) return before;
    const made = layerOf(this.folder, name, fill);
    this.made.set(name, made);
    return made;
  }

  /** What images of all releases have. */
  public tools(): Promise<Layer> {
    return this.layer('tools', (root) => toolsRoot(root, this.ownComputer));
  }

  /** The programs of one release. */
  public release(name: string, programs: K3sPrograms): Promise<Layer> {
    return this.layer(name, (root) => {
      placeRelease(programs, join(root, 'bin'));
    });
  }

  /** An image of K3s that consists of these layers. */
  public static image(name: string, layers: readonly Layer[]): ImageSpec {
    const env = { PATH: K3S_PATH, CRI_CONFIG_FILE: '/var/lib/rancher/k3s/agent/etc/crictl.yaml' };
    return { name, layers, entrypoint: ['/bin/k3s'], cmd: ['agent'], env };
  }
}
