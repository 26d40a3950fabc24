import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { packFolder, packImage } from './image-archive';
import { K3sLayers } from './k3s-layers';
import { need } from './prerequisites';
import { buildPrograms, k3sOnPath, k3sVersion, place } from './programs';
import { run } from './run';

/** Names of the images every node of the lab has. */
export interface LabImages {
  /** K3s, laid out as the upstream image: busybox, no bash. */
  readonly k3s: string;
  /** The pause container K3s asks for. */
  readonly pause: string;
  /** The workload: `web` of go/web. */
  readonly web: string;
}

/** The pause image this K3s asks for, as its help says. */
async function pauseName(): Promise<string> {
  const { stdout } = await run([need('k3s'), 'agent', '--help']);
  const name = /--pause-image .*\(default: "([^"]+)"\)/.exec(stdout)?.[1];
  if (name === undefined) throw new Error('k3s agent --help names no pause image');
  return name.startsWith('docker.io/') ? name : `docker.io/${name}`;
}

/** Name of K3s' image of a release. */
export const k3sImage = (version: string): string => `docker.io/rancher/k3s:${version.replace('+', '-')}`;

/**
 * Builds every image of the lab into a folder, from what is installed on this machine; nothing is downloaded. They run on nodes of the
 * lab, unless it is said that they run on a computer of its own. Layers stay only if there is a folder for them.
 */
export async function buildLabImages(
  folder: string,
  { ownComputer, layers }: { readonly ownComputer?: boolean; readonly layers?: K3sLayers } = {},
): Promise<LabImages> {
  const programs = k3sOnPath();
  const images: LabImages = {
    k3s: k3sImage(await k3sVersion(programs.k3s)),
    pause: await pauseName(),
    web: 'docker.io/edge-lab/web:1',
  };
  const work = join(folder, 'work');
  mkdirSync(work, { recursive: true });
  try {
    await buildPrograms(join(work, 'go'));
    for (const name of ['pause', 'web']) place(join(work, 'go', name), join(work, name, name));
    await packFolder(
      { name: images.pause, root: join(work, 'pause'), entrypoint: ['/pause'] },
      join(folder, 'pause.tar'),
    );
    await packFolder(
      { name: images.web, root: join(work, 'web'), entrypoint: ['/web'], cmd: ['serve'] },
      join(folder, 'web.tar'),
    );
    const k3s = layers ?? new K3sLayers(join(work, 'layers'), ownComputer);
    const parts = [await k3s.tools(), await k3s.release('k3s', programs)];
    await packImage(K3sLayers.image(images.k3s, parts), join(folder, 'k3s.tar'));
    place(join(work, 'go', 'web'), join(folder, '..', 'bin', 'web'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return images;
}
