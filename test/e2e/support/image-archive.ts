import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { need } from './prerequisites';
import { run } from './run';

/** A layer of images: an archive of files, which a node that has it from one image does not store again for another. */
export interface Layer {
  readonly archive: string;
  /** SHA-256 of the archive. */
  readonly digest: string;
}

/** An image to pack. */
export interface ImageSpec {
  /** Full name with registry and tag, e.g. `docker.io/rancher/k3s:v1.35.1-k3s1`. */
  readonly name: string;
  /** What the image consists of, the lowest layer first. */
  readonly layers: readonly Layer[];
  /** Program the image starts, with its first arguments. */
  readonly entrypoint: readonly string[];
  /** Arguments that a pod replaces. @default - none */
  readonly cmd?: readonly string[];
  /** Environment. @default - none */
  readonly env?: Readonly<Record<string, string>>;
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

/** Packs a folder into a layer. */
export async function packLayer(root: string, archive: string): Promise<Layer> {
  await tar(root, archive, ['.']);
  return { archive, digest: await sha256(archive) };
}

/** Packs layers into an image archive (`docker save` form), which containerd imports. */
export async function packImage(spec: ImageSpec, archive: string): Promise<void> {
  const work = mkdtempSync(`${archive}.`);
  try {
    const architecture = arch() === 'x64' ? 'amd64' : arch();
    const config = JSON.stringify({
      architecture,
      os: 'linux',
      config: {
        Env: Object.entries(spec.env ?? {}).map(([key, value]) => `${key}=${value}`),
        Entrypoint: spec.entrypoint,
        Cmd: spec.cmd ?? null,
      },
      rootfs: { type: 'layers', diff_ids: spec.layers.map(({ digest }) => `sha256:${digest}`) },
    });
    const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
    const layerNames = spec.layers.map(({ digest }) => `${digest}.tar`);
    spec.layers.forEach(({ archive: layer }, index) => {
      linkSync(layer, join(work, layerNames[index]!));
    });
    writeFileSync(join(work, configName), config);
    writeFileSync(
      join(work, 'manifest.json'),
      JSON.stringify([{ Config: configName, RepoTags: [spec.name], Layers: layerNames }]),
    );
    await tar(work, `${archive}.part`, ['manifest.json', configName, ...layerNames]);
    renameSync(`${archive}.part`, archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Packs one folder into an image archive. */
export async function packFolder(
  spec: Omit<ImageSpec, 'layers'> & { readonly root: string },
  archive: string,
): Promise<void> {
  const work = mkdtempSync(`${archive}.`);
  try {
    const layer = await packLayer(spec.root, join(work, 'layer.tar'));
    await packImage({ ...spec, layers: [layer] }, archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Packs what `fill` puts into a new root, into a layer in a folder for layers. */
export async function layerOf(
  folder: string,
  name: string,
  fill: (root: string) => void | Promise<void>,
): Promise<Layer> {
  mkdirSync(folder, { recursive: true });
  const root = mkdtempSync(join(folder, `${name}.`));
  // Also of a container's root folder, which others than root must be able to enter.
  chmodSync(root, 0o755);
  try {
    await fill(root);
    return await packLayer(root, join(folder, `${name}.tar`));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
