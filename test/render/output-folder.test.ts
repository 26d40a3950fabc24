import { ApiObject, App as StockApp, Chart, YamlOutputType } from 'cdk8s';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { FleetApp } from '../../lib/fleet/fleet-app';
import { OutputFolder } from '../../lib/render/output-folder';
import { asInAnotherProcess, filesIn, removeTempFolders, tempFolder } from '../fleet/support';

afterEach(removeTempFolders);

function appWith(outdir: string, values: Record<string, string>): FleetApp {
  const app = new FleetApp({ outdir });
  for (const [id, value] of Object.entries(values)) {
    new ApiObject(new Chart(app, id), 'object', { apiVersion: 'v1', kind: 'ConfigMap', data: { value } });
  }
  return app;
}

/** A run in a process of its own that is killed once all is staged, after some of its renames, or after it has removed something. */
function killedRun(
  outdir: string,
  files: Record<string, string>,
  until: 'staged' | number | `removed ${string}`,
): void {
  const script = path.join(__dirname, 'killed-run.ts');
  const args = ['--import', 'tsx', script, outdir, JSON.stringify(files), String(until)];
  const { signal, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
}

describe('the output folder', () => {
  it('gets only what changed: other files keep their time', () => {
    const outdir = path.join(tempFolder(), 'dist');
    appWith(outdir, { a: '1', b: '1' }).synth();
    const long = new Date(1000);
    for (const file of ['a.k8s.yaml', 'b.k8s.yaml']) fs.utimesSync(path.join(outdir, file), long, long);

    const result = appWith(outdir, { a: '1', b: '2' }).synthFiles();

    expect(result).toEqual({ written: ['b.k8s.yaml'], unchanged: 2, pruned: [] });
    expect(fs.statSync(path.join(outdir, 'a.k8s.yaml')).mtime).toEqual(long);
    expect(filesIn(outdir)['b.k8s.yaml']).toContain('value: "2"');
  });

  it('gets back what somebody changed by hand', () => {
    const outdir = path.join(tempFolder(), 'dist');
    appWith(outdir, { a: '1' }).synth();
    fs.appendFileSync(path.join(outdir, 'a.k8s.yaml'), 'x');
    expect(appWith(outdir, { a: '1' }).synthFiles().written).toEqual(['a.k8s.yaml']);
  });

  it('loses files of charts that are gone, and folders that are empty then, but never files of others', () => {
    const outdir = path.join(tempFolder(), 'dist');
    const before = new OutputFolder(outdir);
    before.put('keep/a.yaml', 'a');
    before.put('gone/deep/b.yaml', 'b');
    before.put('mixed/c.yaml', 'c');
    before.commit();
    fs.writeFileSync(path.join(outdir, 'mixed/own.yaml'), 'mine');
    fs.writeFileSync(path.join(outdir, 'NOTES.md'), 'mine');

    const after = asInAnotherProcess(() => new OutputFolder(outdir));
    after.put('keep/a.yaml', 'a');
    expect(after.commit().pruned).toEqual(['gone/deep/b.yaml', 'mixed/c.yaml']);
    expect(filesIn(outdir)).toEqual({ 'NOTES.md': 'mine', 'keep/a.yaml': 'a', 'mixed/own.yaml': 'mine' });
    expect(fs.existsSync(path.join(outdir, 'gone'))).toBe(false);
  });

  it('never loses what a list that was tampered with, or a link, points to outside', () => {
    const outside = tempFolder();
    fs.writeFileSync(path.join(outside, 'precious'), 'x');
    const outdir = path.join(tempFolder(), 'dist');
    const before = new OutputFolder(outdir);
    before.put('a/precious', 'a');
    before.commit();
    fs.rmSync(path.join(outdir, 'a'), { recursive: true });
    fs.symlinkSync(outside, path.join(outdir, 'a'));
    fs.appendFileSync(
      path.join(outdir, '.edge-constructs/files'),
      `../${path.basename(outside)}/precious\n${outside}/precious\n`,
    );

    asInAnotherProcess(() => new OutputFolder(outdir)).commit();
    expect(filesIn(outside)).toEqual({ precious: 'x' });
  });

  it('is as it was when a run fails', () => {
    const outdir = path.join(tempFolder(), 'dist');
    appWith(outdir, { a: '1' }).synth();
    const before = filesIn(outdir);
    const app = appWith(outdir, { a: '2', b: '1' });
    new ApiObject(new Chart(app, 'c'), 'bad', { apiVersion: 'v1', kind: 'X', spec: { at: new Date(0) } });
    expect(() => {
      app.synth();
    }).toThrow("Failed serializing construct at path 'c/bad'");
    expect(filesIn(outdir)).toEqual(before);
    expect(fs.readdirSync(path.join(outdir, '.edge-constructs'))).toEqual(['.gitignore', 'files']);
  });

  it('is not made at all when the first run fails', () => {
    const outdir = path.join(tempFolder(), 'dist');
    const app = appWith(outdir, { a: '1' });
    app.node.addValidation({ validate: () => ['not today'] });
    expect(() => {
      app.synth();
    }).toThrow('Validation failed with the following errors:\n  [] not today');
    expect(fs.existsSync(outdir)).toBe(false);
  });

  it('has the old files when a run was stopped while it rendered', () => {
    const outdir = path.join(tempFolder(), 'dist');
    appWith(outdir, { a: '1' }).synth();
    const before = filesIn(outdir);
    killedRun(outdir, { 'a.k8s.yaml': 'new', 'b.k8s.yaml': 'new' }, 'staged');
    expect(filesIn(outdir)).toEqual(before);
    appWith(outdir, { a: '1' }).synth();
    expect(filesIn(outdir)).toEqual(before);
  });

  it.each([1, 2, 3, 4])('is completed by the next run when one was stopped at its rename number %i', (renames) => {
    const outdir = path.join(tempFolder(), 'dist');
    appWith(outdir, { a: '1', z: '1' }).synth();
    const next = { 'a.k8s.yaml': 'new a', 'b.k8s.yaml': 'new b', 'c/c.yaml': 'new c' };
    killedRun(outdir, next, renames);

    const folder = new OutputFolder(outdir);
    expect(filesIn(outdir)).toEqual(next);
    folder.abandon();
    expect(filesIn(outdir)).toEqual(next);
  });

  it.each(['gone/deep/b.yaml', 'gone/deep', 'gone'])(
    'keeps no empty folder of a site that is gone when a run was stopped once it had removed %s',
    (removed) => {
      const outdir = path.join(tempFolder(), 'dist');
      const before = new OutputFolder(outdir);
      before.put('keep.yaml', 'a');
      before.put('gone/deep/b.yaml', 'b');
      before.commit();
      killedRun(outdir, { 'keep.yaml': 'a' }, `removed ${removed}`);

      new OutputFolder(outdir).abandon();

      expect(fs.readdirSync(outdir).sort()).toEqual(['.edge-constructs', 'keep.yaml']);
    },
  );

  it('does not stumble over what somebody put in the place of a folder that is gone from the list', () => {
    const outdir = path.join(tempFolder(), 'dist');
    const before = new OutputFolder(outdir);
    for (const file of ['keep.yaml', 'a/b.yaml', 'c/d.yaml']) before.put(file, 'x');
    before.commit();
    fs.rmSync(path.join(outdir, 'a'), { recursive: true });
    fs.writeFileSync(path.join(outdir, 'a'), 'mine');
    fs.renameSync(path.join(outdir, 'c'), path.join(outdir, 'mine'));
    fs.symlinkSync('mine', path.join(outdir, 'c'));

    asInAnotherProcess(() => {
      const after = new OutputFolder(outdir);
      after.put('keep.yaml', 'x');
      after.commit();
    });

    expect(fs.readFileSync(path.join(outdir, 'a'), 'utf8')).toBe('mine');
    expect(fs.lstatSync(path.join(outdir, 'c')).isSymbolicLink()).toBe(true);
  });

  it.each(['dist', 'dist/.edge-constructs', 'dist/deep/er'])('says why it cannot be written to %s', (place) => {
    const parent = tempFolder();
    const isOwn = place.endsWith('.edge-constructs');
    const file = path.join(parent, isOwn ? place : 'dist');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, 'mine');
    const outdir = path.join(parent, isOwn ? 'dist' : place);
    expect(() => new OutputFolder(outdir)).toThrow(
      `${outdir} cannot be written to: ${file} is not a folder. Name another folder as 'outdir', or fix this one, and run again.`,
    );
    expect(fs.readFileSync(file, 'utf8')).toBe('mine');
  });

  it('refuses a second run while one is writing, and takes no lock of a living process', () => {
    const outdir = path.join(tempFolder(), 'dist');
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      appWith(outdir, { a: '1' }).synth();
      const lock = path.join(outdir, '.edge-constructs/lock');
      fs.writeFileSync(lock, JSON.stringify({ pid: other.pid, host: os.hostname(), token: 'x' }));
      const before = filesIn(outdir);
      expect(() => {
        appWith(outdir, { a: '2' }).synth();
      }).toThrow(
        `process ${String(other.pid)} on ${os.hostname()} is writing to this folder. Wait for it to end; if it is gone for good, delete ${lock} and run again.`,
      );
      expect(filesIn(outdir)).toEqual(before);
    } finally {
      other.kill();
    }
  });

  it.each([
    ['of a process that had the number of this one, as in a container that starts anew', { pid: process.pid }],
    // The highest number that Linux gives is 2^22.
    ['of a process whose number another one has by now', { pid: process.ppid, started: 'an earlier boot 17' }],
    ['of a process that is gone', { pid: 2 ** 22 + 1 }],
    ['that a power cut left empty', ''],
    ['that a full disk cut off', '{"pid":'],
  ])('takes over a lock %s', (_, left) => {
    const outdir = path.join(tempFolder(), 'dist');
    appWith(outdir, { a: '1' }).synth();
    const lock = path.join(outdir, '.edge-constructs/lock');
    const text = typeof left === 'string' ? left : JSON.stringify({ ...left, host: os.hostname(), token: 'earlier' });
    fs.writeFileSync(lock, text);
    expect(appWith(outdir, { a: '2' }).synthFiles().written).toEqual(['a.k8s.yaml']);
    expect(fs.existsSync(lock)).toBe(false);
  });

  it('takes over no lock of another host, whatever its number', () => {
    const outdir = path.join(tempFolder(), 'dist');
    appWith(outdir, { a: '1' }).synth();
    const lock = path.join(outdir, '.edge-constructs/lock');
    fs.writeFileSync(lock, JSON.stringify({ pid: process.pid, host: `not-${os.hostname()}`, token: 'x' }));
    expect(() => {
      appWith(outdir, { a: '2' }).synth();
    }).toThrow(`process ${process.pid} on not-${os.hostname()} is writing to this folder.`);
  });

  it('changes nothing once its lock is lost, as when another cdk8s synth deleted the folder', () => {
    const outdir = path.join(tempFolder(), 'dist');
    const folder = new OutputFolder(outdir);
    folder.put('a.yaml', 'a');
    fs.rmSync(outdir, { recursive: true });
    const other = new OutputFolder(outdir);
    other.put('b.yaml', 'b');
    expect(() => folder.commit()).toThrow(`Another run has taken over ${outdir}; nothing was written.`);
    other.commit();
    expect(filesIn(outdir)).toEqual({ 'b.yaml': 'b' });
  });

  it('is shared by apps of different names, by apps of cdk8s, and by no two apps of one name', () => {
    const outdir = path.join(tempFolder(), 'dist');
    const synth = (name: string | undefined, ids: string[]): void => {
      const app = new FleetApp({ outdir, name });
      for (const id of ids) new Chart(app, id);
      app.synth();
    };
    synth(undefined, ['a', 'gone']);
    synth('second', ['b']);
    const stock = new StockApp({ outdir });
    new Chart(stock, 'c');
    stock.synth();
    asInAnotherProcess(() => {
      synth(undefined, ['a']);
    });
    expect(Object.keys(filesIn(outdir))).toEqual(['a.k8s.yaml', 'b.k8s.yaml', 'c.k8s.yaml']);
    expect(() => {
      synth(undefined, ['d']);
    }).toThrow(
      `a.k8s.yaml in ${outdir} was written by another FleetApp of this program and would be deleted as a leftover. Give one of the two apps another 'name' or 'outdir'.`,
    );
    expect(Object.keys(filesIn(outdir))).toEqual(['a.k8s.yaml', 'b.k8s.yaml', 'c.k8s.yaml']);
    expect(() => new FleetApp({ name: '../x' })).toThrow(
      "FleetApp has 1 problem:\n  - name: given '../x'; allowed: lower-case",
    );
  });

  it('refuses to replace a folder by a file', () => {
    const outdir = path.join(tempFolder(), 'dist');
    fs.mkdirSync(path.join(outdir, 'a.k8s.yaml'), { recursive: true });
    expect(() => {
      appWith(outdir, { a: '1' }).synth();
    }).toThrow('is a folder where a file is to be written. Move it away.');
  });
});

describe('file names', () => {
  const object = (chart: Chart, id: string, namespace: string | undefined, name: string): void => {
    new ApiObject(chart, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } });
  };

  it('are the same whatever depends on what', () => {
    const outdir = path.join(tempFolder(), 'dist');
    appWith(outdir, { a: '1', b: '1' }).synth();
    const app = appWith(outdir, { a: '1', b: '1' });
    app.charts[0]!.addDependency(app.charts[1]!);
    // The order to apply them in is another.
    expect(app.synthFiles()).toEqual({ written: ['README.md'], unchanged: 2, pruned: [] });
  });

  it('differ for objects of one kind and name, and stay plain for others', () => {
    const app = new FleetApp({
      outdir: path.join(tempFolder(), 'dist'),
      yamlOutputType: YamlOutputType.FILE_PER_RESOURCE,
    });
    const chart = new Chart(app, 'a');
    object(chart, 'one', 'team-a', 'config');
    object(chart, 'two', 'team-b', 'config');
    object(chart, 'three', undefined, 'system:x');
    object(chart, 'four', undefined, 'systemx');
    object(chart, 'five', 'team-a', 'other');
    app.synth();
    expect(Object.keys(filesIn(app.outdir))).toEqual([
      'ConfigMap.config.team-a.k8s.yaml',
      'ConfigMap.config.team-b.k8s.yaml',
      'ConfigMap.other.k8s.yaml',
      expect.stringMatching(/^ConfigMap\.systemx\.[0-9a-f]{12}\.k8s\.yaml$/),
      expect.stringMatching(/^ConfigMap\.systemx\.[0-9a-f]{12}\.k8s\.yaml$/),
    ]);
  });

  it('are refused for two charts that cdk8s would write to one file', () => {
    const app = new FleetApp({ outdir: path.join(tempFolder(), 'dist') });
    const outer = new Chart(new Chart(app, 'a'), 'b');
    new Chart(outer, 'Default');
    expect(() => {
      app.synth();
    }).toThrow(
      /^Chart 'a\/b' has 1 problem:\n {2}- id: given 'a\/b'; allowed: a file of its own; 'a\/b\/Default' is written to .* already\. Rename one of the two charts\.$/,
    );
  });
});
