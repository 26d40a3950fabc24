import { arch } from 'node:os';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type KinsClusterProps } from '../../../lib';
import { type Layer } from './image-archive';
import { k3sImage } from './images';
import { K3sLayers } from './k3s-layers';
import { type Lab } from './lab';
import { otherK3s } from './prerequisites';
import { k3sOnPath, k3sVersion, placeRelease } from './programs';

/** A release of K3s, as a unit is told of it. */
export type Release = Required<Pick<KinsClusterProps, 'version' | 'image'>>;

/** What is wrong with a release. */
export type Fault = 'missing' | 'wrong-architecture' | 'exits' | 'never-ready' | 'crashes-later';

/** What releases with a fault say that they are: the next patch after a release. */
const patchAfter = (version: string): string =>
  version.replace(/\.(\d+)\+.*/, (_, patch: string) => `.${Number(patch) + 1}+k3s1`);

/** How long a K3s that crashes later runs before. */
const LIVES_SECONDS = 60;

/** What becomes of `k3s server` and `k3s agent`. */
const RUNS: Readonly<Record<Exclude<Fault, 'missing' | 'wrong-architecture'>, string>> = {
  exits: `echo 'level=fatal msg="this release ends at once"' >&2\nexit 1`,
  'never-ready': 'exec sleep 2147483647',
  // The lock of a part must not be held by anyone but the part.
  'crashes-later': `{ sleep ${LIVES_SECONDS}; kill -s KILL $$; } 9>&- &\nexec "$real" "$@"`,
};

/** The beginning of a program for another kind of computer, which is all that the kernel looks at before it refuses. */
function foreignProgram(): Buffer {
  const elf = Buffer.alloc(64);
  elf.write('\x7fELF\x02\x01\x01', 'latin1');
  // e_type: a program; e_machine: AArch64, or x86-64 where that is what this computer is; e_version; e_ehsize.
  elf.writeUInt16LE(2, 16);
  elf.writeUInt16LE(arch() === 'arm64' ? 62 : 183, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeUInt16LE(64, 52);
  return elf;
}

const executable = (file: string, content: string | Buffer): void => {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, 0o755);
};

/** Releases of K3s for the units of a lab. Images are made and given to its nodes when they are asked for. */
export class Releases {
  private readonly provided = new Map<string, Promise<Release>>();

  private constructor(
    private readonly lab: Lab,
    /** The release on PATH, which nodes have from the start. */
    public readonly first: Release,
  ) {}

  public static async of(lab: Lab): Promise<Releases> {
    const releases = new Releases(lab, { version: await k3sVersion(k3sOnPath().k3s), image: lab.images.k3s });
    releases.tell(releases.first);
    return releases;
  }

  /** The release in the folder K3S_OTHER. */
  public other(): Promise<Release> {
    return this.once('other', async () => {
      const programs = otherK3s();
      if (typeof programs === 'string') throw new Error(programs);
      const version = await k3sVersion(programs.k3s);
      const release = { version, image: k3sImage(version) };
      await this.provide(release, [await this.lab.layers.release(version, programs)]);
      return release;
    });
  }

  /** A release with a fault. */
  public bad(fault: Fault): Promise<Release> {
    return this.once(fault, async () => {
      const version = patchAfter(this.first.version);
      const release = { version, image: `docker.io/edge-lab/k3s-${fault}:${version.replace('+', '-')}` };
      if (fault !== 'missing') await this.provide(release, await this.faulty(fault, version));
      return release;
    });
  }

  private async faulty(fault: Exclude<Fault, 'missing'>, version: string): Promise<readonly Layer[]> {
    const { layers } = this.lab;
    if (fault === 'wrong-architecture') {
      const foreign = await layers.layer(fault, (root) => {
        for (const name of ['k3s', 'sh']) executable(join(root, 'bin', name), foreignProgram());
      });
      return [await layers.release('k3s', k3sOnPath()), foreign];
    }
    const hidden = await layers.layer('hidden-k3s', (root) => {
      placeRelease(k3sOnPath(), join(root, 'bin'), 'real/k3s');
    });
    const template = readFileSync(join(__dirname, 'bad-release.sh'), 'utf8');
    const script = template.replace('@VERSION@', version).replace(/^@RUNS@$/m, () => RUNS[fault]);
    const wrapper = await layers.layer(fault, (root) => {
      executable(join(root, 'bin/k3s'), script);
    });
    return [hidden, wrapper];
  }

  private async provide(release: Release, layers: readonly Layer[]): Promise<void> {
    await this.lab.provide(K3sLayers.image(release.image, [await this.lab.layers.tools(), ...layers]));
    this.tell(release);
  }

  private tell({ version, image }: Release): void {
    process.stderr.write(`e2e: K3s ${version} is image ${image}\n`);
  }

  private once(name: string, make: () => Promise<Release>): Promise<Release> {
    const made = this.provided.get(name) ?? make();
    this.provided.set(name, made);
    return made;
  }
}
