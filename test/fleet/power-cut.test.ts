import * as path from 'node:path';
import { ApiObject, App, Chart } from 'cdk8s';
import { Fleet, FleetApp, type Site, writeKustomizations } from '../../lib';
import { OutputFolder } from '../../lib/render/output-folder';
import type * as Lazy from './lazy-disk';
import { everyFew } from '../support/sample';
import { type Cut, lazyDisk, realFs } from './lazy-disk';
import { asInAnotherProcess, filesIn, removeTempFolders, tempFolder } from './support';

jest.mock('node:fs', () => jest.requireActual<typeof Lazy>('./lazy-disk').lazyDisk.fs());
jest.mock('node:child_process', () => ({
  spawnSync: (): { status: number } => {
    jest.requireActual<typeof Lazy>('./lazy-disk').lazyDisk.syncAll();
    return { status: 0 };
  },
}));

afterEach(removeTempFolders);

type Files = Record<string, string>;

/** At each step: nothing that was not synced is there, all names but no contents, and something in between. */
function cuts(): Cut[] {
  return Array.from({ length: lazyDisk.length + 1 }, (_, at): Cut[] => [
    { at, names: 0, contents: false },
    { at, names: at, contents: false },
    { at, names: Math.floor((at * ((at % 3) + 1)) / 4), contents: at % 2 === 0 },
  ]).flat();
}

/** Calls `check` with what each cut leaves; tells the cut when it fails. */
function afterEachCut(all: readonly Cut[], check: (folder: string) => void): void {
  for (const cut of everyFew(all, 5)) {
    const folder = tempFolder();
    lazyDisk.restore(folder, cut);
    try {
      asInAnotherProcess(() => {
        check(folder);
      });
    } catch (error) {
      (error as Error).message = `${JSON.stringify(cut)}: ${(error as Error).message}`;
      throw error;
    }
    realFs.rmSync(folder, { recursive: true, force: true });
  }
}

function write(outdir: string, files: Files): void {
  const folder = new OutputFolder(outdir);
  for (const [file, content] of Object.entries(files)) folder.put(file, content);
  folder.commit();
}

function list(outdir: string): string[] {
  return realFs.readFileSync(path.join(outdir, '.edge-constructs/files'), 'utf8').trimEnd().split('\n');
}

const BEFORE: Files = { 'a.yaml': 'a1', 'b/b.yaml': 'b1', 'gone/deep/c.yaml': 'c1', 'same.yaml': 's' };
const AFTER: Files = { 'a.yaml': 'a2, longer', 'b/b.yaml': 'b2', 'new/deep/d.yaml': 'd1', 'same.yaml': 's' };
const LATER: Files = { 'a.yaml': 'a3', 'new/e.yaml': 'e1', 'same.yaml': 's' };
const MINE: Files = { 'mine.yaml': 'mine' };

const sorted = (files: Files): Files => Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));

describe('an output folder after a power cut that took what was not synced', () => {
  it.each<[string, Files, Files]>([
    ['in a run that changes, adds and deletes files', BEFORE, AFTER],
    ['in the first run', {}, AFTER],
    // So many that the file system is synced as a whole.
    [
      'in a run of many files',
      { 'f0.yaml': '1', 'old.yaml': '1' },
      Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`f${i}.yaml`, `2-${i}`])),
    ],
  ])('%s: has the files of the one run or the other, whole, and goes on', (_, before, after) => {
    const parent = tempFolder();
    const outdir = path.join(parent, 'dist');
    if (Object.keys(before).length > 0) {
      write(outdir, before);
      realFs.writeFileSync(path.join(outdir, 'mine.yaml'), 'mine');
    }
    const mine = filesIn(outdir)['mine.yaml'] === undefined ? {} : MINE;
    asInAnotherProcess(() => {
      lazyDisk.record(parent, () => {
        write(outdir, after);
      });
    });
    const all = cuts();
    const sample = all.length > 1000 ? all.filter((__, i) => i % Math.ceil(all.length / 100) === 0) : all;
    afterEachCut(sample, (folder) => {
      const dist = path.join(folder, 'dist');
      const [old, fresh] = [sorted({ ...before, ...mine }), sorted({ ...after, ...mine })];
      // While nobody has run anything, no file is half or empty.
      for (const [file, content] of Object.entries(filesIn(dist))) expect([old[file], fresh[file]]).toContain(content);
      new OutputFolder(dist).abandon();
      expect([old, fresh]).toContainEqual(filesIn(dist));
      write(dist, LATER);
      expect(filesIn(dist)).toEqual(sorted({ ...LATER, ...mine }));
      expect(list(dist)).toEqual(Object.keys(LATER).sort());
      expect(realFs.readdirSync(path.join(dist, '.edge-constructs')).sort()).toEqual(['.gitignore', 'files']);
    });
  });

  it.each<[string, Files]>([
    ['', BEFORE],
    [', the first one', {}],
  ])('has what a run gave that had ended%s', (_, before) => {
    const parent = tempFolder();
    const outdir = path.join(parent, 'dist');
    if (Object.keys(before).length > 0) write(outdir, before);
    asInAnotherProcess(() => {
      lazyDisk.record(parent, () => {
        write(outdir, AFTER);
      });
    });
    const ended = { at: lazyDisk.length, names: 0, contents: false };
    afterEachCut([ended], (folder) => {
      expect(filesIn(path.join(folder, 'dist'))).toEqual(sorted(AFTER));
      // Nothing is left to be done again: it would undo what somebody did since.
      expect(realFs.existsSync(path.join(folder, 'dist/.edge-constructs/journal'))).toBe(false);
      expect(list(path.join(folder, 'dist'))).toEqual(Object.keys(AFTER).sort());
    });
  });
});

describe('a fleet after a power cut that took what was not synced', () => {
  it('has its lock file, whole, gives no other addresses, and goes on', () => {
    const run = (folder: string, names: readonly string[]): readonly Site[] => {
      const app = new FleetApp({ outdir: path.join(folder, 'dist') });
      const fleet = new Fleet(app, 'sites', {
        sites: names.map((name) => ({ name })),
        addressPlan: {
          lockFile: path.join(folder, 'state/fleet.lock.json'),
          pods: { network: '10.0.0.0/16', sitePrefix: 22 },
        },
        reportFile: path.join(folder, 'out/report.json'),
        skipUnchanged: { sources: [__filename] },
        build: (scope, { name, podCidr }) => {
          const data = { podCidr };
          new ApiObject(new Chart(scope, 'c'), 'x', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
        },
      });
      app.synth();
      return fleet.sites;
    };
    const parent = tempFolder();
    run(parent, ['m', 'z']);
    const lockIn = (folder: string): string => realFs.readFileSync(path.join(folder, 'state/fleet.lock.json'), 'utf8');
    const before = lockIn(parent);
    asInAnotherProcess(() => {
      lazyDisk.record(parent, () => {
        run(parent, ['a', 'm', 'z']);
      });
    });
    const after = lockIn(parent);
    const files = filesIn(path.join(parent, 'dist'));
    const all = cuts();
    afterEachCut(
      all.filter((_, i) => i % Math.ceil(all.length / 150) === 0),
      (folder) => {
        expect([before, after]).toContain(lockIn(folder));
        const report = path.join(folder, 'out/report.json');
        expect(JSON.parse(realFs.readFileSync(report, 'utf8'))).toEqual({ fleet: 'sites', problems: [] });
        // If the addresses of a new site are anywhere, they are in the lock.
        if (filesIn(path.join(folder, 'dist'))['sites/a/c.k8s.yaml'] !== undefined) expect(lockIn(folder)).toBe(after);
        run(folder, ['a', 'm', 'z']);
        expect(lockIn(folder)).toBe(after);
        expect(filesIn(path.join(folder, 'dist'))).toEqual(files);
      },
    );
  });
});

describe('kustomizations after a power cut that took what was not synced', () => {
  it('are whole, and written again', () => {
    const write = (folder: string, value: string): void => {
      const app = new App({ outdir: folder });
      const chart = new Chart(app, 'c');
      for (const name of ['a', 'b', `only-${value}`])
        new ApiObject(chart, name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } });
      writeKustomizations(app);
    };
    const outdir = tempFolder();
    write(outdir, '1');
    const before = filesIn(outdir);
    lazyDisk.record(outdir, () => {
      write(outdir, '2');
    });
    const after = filesIn(outdir);
    expect(Object.keys(after)).toContain('c/configmap_only-2.yaml');
    afterEachCut(cuts(), (folder) => {
      const left = Object.entries(filesIn(folder)).filter(([file]) => file.startsWith('c/'));
      for (const [file, content] of left) expect([before[file], after[file]]).toContain(content);
      write(folder, '2');
      expect(
        Object.fromEntries(Object.entries(filesIn(folder)).filter(([file]) => file.startsWith('c/'))),
      ).toMatchObject(after);
    });
  });

  it('are written over what a power cut emptied, before this was so', () => {
    const app = new App({ outdir: tempFolder() });
    new ApiObject(new Chart(app, 'c'), 'a', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    writeKustomizations(app);
    const whole = filesIn(app.outdir);
    for (const file of Object.keys(whole)) realFs.writeFileSync(path.join(app.outdir, file), '');
    writeKustomizations(app);
    expect(filesIn(app.outdir)).toEqual(whole);
  });
});

describe('what an earlier version, or a broken disk, left', () => {
  let outdir: string;
  const own = (name: string): string => path.join(outdir, '.edge-constructs', name);
  beforeEach(() => {
    outdir = path.join(tempFolder(), 'dist');
    write(outdir, BEFORE);
  });

  it.each([
    ['empty', ''],
    ['cut off', '{"moves":[["0","a.ya'],
    ['of zeros', '\0\0\0\0'],
    ['null', 'null'],
    ['with something else in it', '{"moves":{},"prune":[],"owned":[],"list":"files"}'],
    ['of an earlier version', '{"moves":[["0","a.yaml"]],"prune":["b/b.yaml"],"owned":[],"list":"files"}'],
  ])('a journal that is %s stops no run and loses no file', (_, text) => {
    realFs.writeFileSync(own('journal'), text);
    asInAnotherProcess(() => {
      new OutputFolder(outdir).abandon();
      expect(filesIn(outdir)).toEqual(sorted(BEFORE));
      write(outdir, AFTER);
    });
    expect(filesIn(outdir)).toEqual(sorted(AFTER));
  });

  it('a journal whose staged file is empty, or gone with the file it was for, takes no file', () => {
    const moves = [
      ['0', 'a.yaml', 5],
      ['1', 'x.yaml', 5],
    ];
    realFs.writeFileSync(own('journal'), JSON.stringify({ moves, prune: [], owned: ['a.yaml'], list: 'files' }));
    realFs.mkdirSync(own('staging'));
    realFs.writeFileSync(own('staging/0'), '');
    asInAnotherProcess(() => {
      new OutputFolder(outdir).abandon();
    });
    expect(filesIn(outdir)).toEqual(sorted(BEFORE));
  });

  it('a journal that leads out of the folder is told, and nothing is done', () => {
    const journal = { moves: [], prune: ['../../precious'], owned: [], list: 'files' };
    realFs.writeFileSync(own('journal'), JSON.stringify(journal));
    expect(() => new OutputFolder(outdir)).toThrow(
      `${own('journal')} names files outside ${outdir}. Delete it and run again.`,
    );
  });

  it.each([
    ['empty', ''],
    ['cut off', 'a.yaml\nb/b.ya'],
    ['of zeros', 'a.yaml\n\0\0\0\n'],
  ])('a list of files that is %s is told, with what to do', (_, text) => {
    realFs.writeFileSync(own('files'), text);
    expect(() => new OutputFolder(outdir)).toThrow(
      `${own('files')} is truncated, as after a power failure: it lists the files that may be deleted once they are no longer rendered. Restore it from Git, or delete it, and then delete leftover files yourself.`,
    );
    expect(filesIn(outdir)).toEqual(sorted(BEFORE));
    realFs.rmSync(own('files'));
    asInAnotherProcess(() => {
      write(outdir, AFTER);
    });
    expect(filesIn(outdir)).toEqual(sorted({ ...BEFORE, ...AFTER }));
  });
});
