import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { K3S_IMAGE_PROGRAMS } from '../../support/k3s-image';
import { buildPrograms, place, placeIptables, placeK3s, placeWithLibraries } from './programs';
import { CNI_PLUGINS, need } from './prerequisites';
import { run } from './run';

/** An image to pack. */
interface ImageSpec {
  /** Full name with registry and tag, e.g. `docker.io/rancher/k3s:v1.35.1-k3s1`. */
  readonly name: string;
  /** Folder that becomes the image's only layer. */
  readonly root: string;
  /** Program the image starts, with its first arguments. */
  readonly entrypoint: readonly string[];
  /** Arguments that a pod replaces. @default - none */
  readonly cmd?: readonly string[];
  /** Environment. @default - none */
  readonly env?: Readonly<Record<string, string>>;
}

/** Names of the images every node of the lab has. */
export interface LabImages {
  /** K3s, laid out as the upstream image: busybox, no bash. */
  readonly k3s: string;
  /** The pause container K3s asks for. */
  readonly pause: string;
  /** The workload: `web` of go/web. */
  readonly web: string;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const tar = (folder: string, archive: string, members: readonly string[]): Promise<unknown> =>
  run(
    [
      need('tar'),
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '--hard-dereference',
      '-C',
      folder,
      '-cf',
      archive,
      ...members,
    ],
    { timeout: 600_000 },
  );

/** Packs a folder into an image archive (`docker save` form), which K3s imports from its folder agent/images. */
export async function packImage(spec: ImageSpec, archive: string): Promise<void> {
  const work = mkdtempSync(`${archive}.`);
  try {
    const layer = join(work, 'layer.tar');
    await tar(spec.root, layer, ['.']);
    const digest = await sha256(layer);
    const architecture = arch() === 'x64' ? 'amd64' : arch();
    const config = JSON.stringify({
      architecture,
      os: 'linux',
      config: {
        Env: Object.entries(spec.env ?? {}).map(([key, value]) => `${key}=${value}`),
        Entrypoint: spec.entrypoint,
        Cmd: spec.cmd ?? null,
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    });
    const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
    const layerName = `${digest}.tar`;
    renameSync(layer, join(work, layerName));
    writeFileSync(join(work, configName), config);
    writeFileSync(
      join(work, 'manifest.json'),
      JSON.stringify([{ Config: configName, RepoTags: [spec.name], Layers: [layerName] }]),
    );
    await tar(work, `${archive}.part`, ['manifest.json', configName, layerName]);
    renameSync(`${archive}.part`, archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Version of the K3s on PATH as its images are tagged: `v1.35.1+k3s1` becomes `v1.35.1-k3s1`. */
async function k3sTag(): Promise<string> {
  const { stdout } = await run([need('k3s'), '--version']);
  const version = /k3s version (\S+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`k3s --version says no version: ${stdout}`);
  return version.replace('+', '-');
}

/** The pause image this K3s asks for, as its help says. */
async function pauseName(): Promise<string> {
  const { stdout } = await run([need('k3s'), 'agent', '--help']);
  const name = /--pause-image .*\(default: "([^"]+)"\)/.exec(stdout)?.[1];
  if (name === undefined) throw new Error('k3s agent --help names no pause image');
  return name.startsWith('docker.io/') ? name : `docker.io/${name}`;
}

/** Programs that the upstream image has in a better form than busybox's, or that not every busybox has. */
const FULL_TOOLS = ['conntrack', 'ethtool', 'find', 'flock', 'ip', 'ipset', 'losetup', 'nsenter', 'socat'];
/** busybox programs that the upstream image keeps at the very end of PATH. */
const LATE_APPLETS = ['modprobe', 'mount'];

/**
 * Root file system of a K3s image with the upstream layout: everything in /bin, busybox for what a distribution would bring,
 * iptables and mount in /bin/aux, CNI plugins also where K3s looks for them.
 */
async function k3sRoot(root: string, lowersOomScore?: boolean): Promise<void> {
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
  placeK3s(join(root, 'bin'), lowersOomScore);
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

/**
 * Builds every image of the lab into a folder, from what is installed on this machine; nothing is downloaded. Whether root may lower
 * oom_score_adj where they run is found out here, unless it is said.
 */
export async function buildLabImages(folder: string, lowersOomScore?: boolean): Promise<LabImages> {
  const images: LabImages = {
    k3s: `docker.io/rancher/k3s:${await k3sTag()}`,
    pause: await pauseName(),
    web: 'docker.io/edge-lab/web:1',
  };
  const work = join(folder, 'work');
  mkdirSync(work, { recursive: true });
  try {
    await buildPrograms(join(work, 'go'));
    for (const name of ['pause', 'web']) place(join(work, 'go', name), join(work, name, name));
    await packImage(
      { name: images.pause, root: join(work, 'pause'), entrypoint: ['/pause'] },
      join(folder, 'pause.tar'),
    );
    await packImage(
      { name: images.web, root: join(work, 'web'), entrypoint: ['/web'], cmd: ['serve'] },
      join(folder, 'web.tar'),
    );
    await k3sRoot(join(work, 'k3s'), lowersOomScore);
    const env = { PATH: K3S_PATH, CRI_CONFIG_FILE: '/var/lib/rancher/k3s/agent/etc/crictl.yaml' };
    await packImage(
      { name: images.k3s, root: join(work, 'k3s'), entrypoint: ['/bin/k3s'], cmd: ['agent'], env },
      join(folder, 'k3s.tar'),
    );
    place(join(work, 'go', 'web'), join(folder, '..', 'bin', 'web'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return images;
}
