import { ApiObject, App, Chart } from 'cdk8s';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Fleet, FleetApp, type FleetProps, writeKustomizations } from '../../lib';
import { OutputFolder } from '../../lib/render/output-folder';
import { asInAnotherProcess, filesIn, removeTempFolders, tempFolder } from '../fleet/support';
import type * as Full from './full-disk';
import { fullDisk, type Step } from './full-disk';

jest.mock('node:fs', () => jest.requireActual<typeof Full>('./full-disk').fullDisk.fs());

let outdir: string;
beforeEach(() => {
  outdir = path.join(tempFolder(), 'dist');
});
afterEach(() => {
  fullDisk.isFull = () => false;
  removeTempFolders();
});

const ANOTHER = "Name another folder as 'outdir', or fix this one, and run again.";
const NO_SPACE = 'its file system has no space left, or none for more files (df and df -i tell which)';
const full = (folder: string): string =>
  `${folder} cannot be written to: ${NO_SPACE}. What was in it is as it was. Make room, or name another folder as 'outdir', and run again.`;

describe('an output folder where nobody can make one', () => {
  it.each([
    ['/proc/x', 'no folder can be created in /proc'],
    ['/proc/x/y/z', 'no folder can be created in /proc'],
    ['/proc', 'no folder can be created in /proc'],
    ['/dev/full/x', '/dev/full is not a folder'],
  ])('%s: is told', (folder, why) => {
    const isRoot = process.getuid?.() === 0;
    const told = isRoot || !folder.startsWith('/proc') ? why : 'this user may not write to /proc';
    const message = `${folder} cannot be written to: ${told}. ${ANOTHER}`;
    expect(() => new OutputFolder(folder)).toThrow(message);
    expect(() => {
      writeKustomizations(new App({ outdir: folder }));
    }).toThrow(folder === '/proc' ? /^\/proc cannot be written to: / : message);
  });

  it('/sys/x: is told, be it because of the user or because it is read-only', () => {
    expect(() => new OutputFolder('/sys/x')).toThrow(
      /^\/sys\/x cannot be written to: (?:no folder can be created in \/sys|\/sys is on a read-only file system|this user may not write to \/sys)\. Name another/,
    );
  });

  it('with a name too long, or a NUL character in it, is told shortly', () => {
    const parent = tempFolder();
    const long = path.join(parent, 'x'.repeat(5000));
    expect(() => new OutputFolder(long)).toThrow(
      `${long.slice(0, 256)}... (${long.length} characters) cannot be written to: its name is longer than its file system allows: most allow 255 bytes for a folder, and 4096 for a path. ${ANOTHER}`,
    );
    const nul = path.join(parent, 'a\0b');
    expect(() => new OutputFolder(nul)).toThrow(
      `${path.join(parent, 'a\\0b')} cannot be written to: its name has a NUL character in it. ${ANOTHER}`,
    );
    expect(() => new FleetApp({ outdir: nul })).toThrow("outdir: given '");
    const link = path.join(parent, 'link');
    fs.symlinkSync('nowhere', link);
    expect(() => new OutputFolder(link)).toThrow(
      `${link} cannot be written to: ${link} is a link to nowhere. ${ANOTHER}`,
    );
    expect(fs.readdirSync(parent)).toEqual(['link']);
  });

  it('leaves none of the folders that it made on the way', () => {
    const parent = tempFolder();
    expect(() => new OutputFolder(path.join(parent, 'a/b', 'x'.repeat(300)))).toThrow('its name is longer');
    expect(fs.readdirSync(parent)).toEqual([]);
  });
});

describe('a disk that is full', () => {
  const BEFORE = { 'a.yaml': 'a1', 'b/b.yaml': 'b1', 'gone/c.yaml': 'c1' };
  const AFTER = { 'a.yaml': 'a2, longer', 'b/b.yaml': 'b1', 'new/deep/d.yaml': 'd1', 'new/e.yaml': 'e1' };
  const write = (files: Record<string, string>): void => {
    asInAnotherProcess(() => {
      const folder = new OutputFolder(outdir);
      try {
        for (const [file, content] of Object.entries(files)) folder.put(file, content);
        folder.commit();
      } catch (error) {
        folder.abandon();
        throw error;
      }
    });
  };
  const left = (): readonly string[] => fs.readdirSync(outdir, { recursive: true, encoding: 'utf8' }).sort();
  /** The messages of runs on a disk that is full earlier and later, up to the first that goes well. */
  const messages = (steps: readonly Step[], check: (message: string) => void): number => {
    for (let first = 0; ; first++) {
      fullDisk.fullFrom(first, steps);
      try {
        write(AFTER);
        return first;
      } catch (error) {
        fullDisk.isFull = () => false;
        check((error as Error).message);
      }
    }
  };

  it('leaves the folder as it was, whatever there is no room for', () => {
    write(BEFORE);
    const before = left();
    const count = messages(['mkdirSync', 'writeFileSync', 'appendFileSync'], (message) => {
      expect({ message, files: filesIn(outdir), left: left() }).toEqual({
        message: full(outdir),
        files: BEFORE,
        left: before,
      });
    });
    // The lock, the staging folder, five files in it, two folders, the journal.
    expect(count).toBeGreaterThan(6);
    expect(filesIn(outdir)).toEqual(AFTER);
  });

  it('leaves nothing of a folder that was not there', () => {
    const parent = path.dirname(outdir);
    messages(['mkdirSync', 'writeFileSync', 'appendFileSync'], (message) => {
      expect({ message, left: fs.readdirSync(parent) }).toEqual({ message: full(outdir), left: [] });
    });
    expect(filesIn(outdir)).toEqual(AFTER);
  });

  it('which has no room for a name while files are put in place, is told, and the next run completes that', () => {
    write(BEFORE);
    const before = left();
    const moved = (file: string) => (step: Step, target: string) => step === 'renameSync' && target.endsWith(file);
    fullDisk.isFull = moved('/new/e.yaml');
    expect(() => {
      write(AFTER);
    }).toThrow(
      `${outdir} cannot be written to: ${NO_SPACE}. Some files in it may be new already. Make room, and run again: that completes it.`,
    );
    fullDisk.isFull = () => false;
    asInAnotherProcess(() => {
      new OutputFolder(outdir).abandon();
    });
    expect(filesIn(outdir)).toEqual(AFTER);
    write(BEFORE);
    expect(left()).toEqual(before);
  });

  it('is told as the disk, and as no fault of the site that was rendered', () => {
    const reportFile = path.join(path.dirname(outdir), 'report.json');
    const lockFile = path.join(path.dirname(outdir), 'addresses.json');
    const run = (sites: readonly string[], value: string, more: Partial<FleetProps> = {}): void => {
      const app = new FleetApp({ outdir });
      new Fleet(app, 'sites', {
        sites: sites.map((name) => ({ name })),
        build: (scope) => {
          new ApiObject(new Chart(scope, 'cloud'), 'x', { apiVersion: 'v1', kind: 'ConfigMap', data: { value } });
        },
        ...more,
      });
      asInAnotherProcess(() => {
        app.synth();
      });
    };
    run(['berlin'], '1');
    const before = filesIn(outdir);
    const addressPlan = { lockFile, pods: { network: '10.0.0.0/9', sitePrefix: 22 } };

    fullDisk.isFull = (_, target) => target.includes('staging/1');
    expect(() => {
      run(['berlin', 'ulm'], '2');
    }).toThrow(expect.objectContaining({ message: full(outdir) }) as Error);
    fullDisk.isFull = (_, target) => target.includes('report.json');
    expect(() => {
      run(['berlin', 'ulm'], '2', { reportFile });
    }).toThrow(
      `Fleet 'sites' has 1 problem:\n  - reportFile: given '${reportFile}'; allowed: a file that can be written. ${reportFile} cannot be written: ${NO_SPACE}. Make room, or name another file, and run again.`,
    );
    expect(() => {
      run(['Berlin'], '2', { reportFile });
    }).toThrow(/^Fleet 'sites' has 2 problems:\n {2}- reportFile: .*\n {2}- sites\[0\]\.name: given 'Berlin'/);
    fullDisk.isFull = (_, target) => target.includes('addresses.json');
    expect(() => {
      run(['berlin', 'ulm'], '2', { addressPlan });
    }).toThrow(`${lockFile} cannot be written: ${NO_SPACE}. Make room, or name another file, and run again.`);
    expect(filesIn(outdir)).toEqual(before);
    expect(fs.readdirSync(path.dirname(outdir))).toEqual(['dist']);

    fullDisk.isFull = () => false;
    run(['berlin', 'ulm'], '2');
    expect(Object.keys(filesIn(outdir))).toEqual(['sites/berlin/cloud.k8s.yaml', 'sites/ulm/cloud.k8s.yaml']);
  });

  const hasMounts = spawnSync('unshare', ['--mount', '--map-root-user', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0; // prettier-ignore
  (hasMounts ? it : it.skip)('which is a real one, is told, and nothing is lost on it', () => {
    fs.mkdirSync(outdir);
    const mounting = 'mount -t tmpfs -o size=128k none "$1" && exec "$2" --import tsx "$3" "$1/dist"';
    const args = ['sh', outdir, process.execPath, path.join(__dirname, 'full-run.ts')];
    const env = { ...process.env, NODE_OPTIONS: '' };
    const ran = spawnSync('unshare', ['--mount', '--map-root-user', 'sh', '-c', mounting, ...args], { encoding: 'utf8', env }); // prettier-ignore
    expect(ran.stderr).toBe('');
    const [first, second, third] = JSON.parse(ran.stdout) as readonly (readonly [string, readonly string[]])[];
    expect(first?.[0]).toBe('written');
    expect(second).toEqual([full(path.join(outdir, 'dist')), first?.[1]]);
    expect(third?.[0]).toBe('written');
    expect(third?.[1].map((file) => file.split(' ')[0])).toEqual([
      '.edge-constructs/.gitignore',
      '.edge-constructs/files',
      'sites/berlin/cloud.k8s.yaml',
      'sites/jena/cloud.k8s.yaml',
    ]);
  });
});
