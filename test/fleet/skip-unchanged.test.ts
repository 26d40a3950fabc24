import { ApiObject, Chart } from 'cdk8s';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Fleet, FleetApp, type FleetProps, type SiteProps } from '../../lib';
import { asInAnotherProcess, filesIn, removeTempFolders, tempFolder } from './support';

let outdir: string;
let program: string;
beforeEach(() => {
  const folder = tempFolder();
  outdir = path.join(folder, 'dist');
  program = path.join(folder, 'main.ts');
  fs.writeFileSync(program, 'v1');
});
afterEach(removeTempFolders);

/** Synthesizes; returns the sites that were built, and what became of the files. */
function run(
  sites: SiteProps[],
  props: Partial<FleetProps> = {},
  app = new FleetApp({ outdir }),
): { built: string[]; written: readonly string[]; pruned: readonly string[] } {
  const built: string[] = [];
  new Fleet(app, 'sites', {
    sites,
    skipUnchanged: { sources: [program] },
    build: (scope, { name, labels }) => {
      built.push(name);
      const metadata = { name: labels.name ?? name };
      new ApiObject(new Chart(scope, 'c'), 'x', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata,
        data: { v: fs.readFileSync(program, 'utf8') },
      });
    },
    ...props,
  });
  const { written, pruned } = asInAnotherProcess(() => app.synthFiles());
  return { built, written, pruned };
}

const SITES = ['a', 'b', 'c'].map((name) => ({ name }));

describe('sites that are as they were in the last run', () => {
  it('are not built again, and keep their files', () => {
    expect(run(SITES).built).toEqual(['a', 'b', 'c']);
    const before = filesIn(outdir);
    expect(run(SITES)).toEqual({ built: [], written: [], pruned: [] });
    expect(filesIn(outdir)).toEqual(before);
  });

  it('are skipped when another changes, comes or goes', () => {
    run(SITES);
    const next = [{ name: 'a' }, { name: 'b', labels: { name: 'other' } }, { name: 'd' }];
    expect(run(next)).toEqual({
      built: ['b', 'd'],
      written: ['sites/b/c.k8s.yaml', 'sites/d/c.k8s.yaml'],
      pruned: ['sites/c/c.k8s.yaml'],
    });
    const incremental = filesIn(outdir);
    fs.rmSync(outdir, { recursive: true });
    expect(run(next).built).toEqual(['a', 'b', 'd']);
    expect(filesIn(outdir)).toEqual(incremental);
  });

  it.each<[string, () => void, string[]]>([
    [
      'the program changes',
      () => {
        fs.writeFileSync(program, 'v2');
      },
      ['a', 'b', 'c'],
    ],
    [
      'a file was changed by hand',
      () => {
        fs.writeFileSync(path.join(outdir, 'sites/b/c.k8s.yaml'), 'x');
      },
      ['b'],
    ],
    [
      'a file was changed by hand to the same length',
      () => {
        const file = path.join(outdir, 'sites/b/c.k8s.yaml');
        fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('v1', 'v9'));
        fs.utimesSync(file, new Date(1000), new Date(1000));
      },
      ['b'],
    ],
    [
      'a file is gone',
      () => {
        fs.rmSync(path.join(outdir, 'sites/a'), { recursive: true });
      },
      ['a'],
    ],
    [
      'all files have another time, as after a checkout',
      () => {
        for (const site of ['a', 'b', 'c'])
          fs.utimesSync(path.join(outdir, `sites/${site}/c.k8s.yaml`), new Date(1000), new Date(1000));
      },
      [],
    ],
    [
      'the memory is broken',
      () => {
        fs.writeFileSync(path.join(outdir, '.edge-constructs/cache-sites'), '{');
      },
      ['a', 'b', 'c'],
    ],
    [
      'the memory is gone',
      () => {
        fs.rmSync(path.join(outdir, '.edge-constructs'), { recursive: true });
      },
      ['a', 'b', 'c'],
    ],
  ])('are built again as far as needed when %s', (_, change, built) => {
    run(SITES);
    const before = filesIn(outdir);
    change();
    expect(run(SITES).built).toEqual(built);
    fs.writeFileSync(program, 'v1');
    run(SITES);
    expect(filesIn(outdir)).toEqual(before);
    expect(run(SITES).built).toEqual([]);
  });

  it('are built again when the app writes other files', () => {
    run(SITES);
    expect(run(SITES, {}, new FleetApp({ outdir, outputFileExtension: '.yaml' })).built).toEqual(['a', 'b', 'c']);
    expect(run(SITES, { kustomize: true }).built).toEqual(['a', 'b', 'c']);
    expect(run(SITES, { kustomize: true }).built).toEqual([]);
    expect(run(SITES, { kustomize: true }, new FleetApp({ outdir, recordConstructMetadata: true })).built).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('still are compared with those that changed', () => {
    run(SITES);
    const before = filesIn(outdir);
    expect(() => run([{ name: 'a' }, { name: 'b', labels: { name: 'a' } }, { name: 'c' }])).toThrow(
      "sites/b/c/x: given ConfigMap a; allowed: objects that nothing else declares in cluster 'cloud-cluster'; 'sites/a/c/x' does.",
    );
    expect(filesIn(outdir)).toEqual(before);
    expect(run(SITES).built).toEqual([]);
  });

  it('keep their Flux Kustomizations', () => {
    const flux = { gitRepository: 'fleet' };
    run(SITES, { flux });
    const before = filesIn(outdir);
    expect(Object.keys(before)).toContain('sites-flux/a.yaml');
    expect(run(SITES, { flux })).toEqual({ built: [], written: [], pruned: [] });
  });

  it('need sources that exist', () => {
    expect(() => run(SITES, { skipUnchanged: { sources: ['/no/such'] } })).toThrow(
      "skipUnchanged.sources: given '/no/such'; allowed: files and folders that exist. Correct the path; it is relative to the working directory.",
    );
    expect(() => run(SITES, { skipUnchanged: { sources: [] } })).toThrow(
      'skipUnchanged.sources: given []; allowed: a list of at least 1. Name your program.',
    );
    expect(fs.existsSync(outdir)).toBe(false);
  });

  it('take no notice of links in their sources that lead back or nowhere', () => {
    const folder = path.join(path.dirname(program), 'src');
    fs.mkdirSync(folder);
    for (const [name, target] of [
      ['loop', 'loop'],
      ['here', '.'],
      ['up', '../src'],
      ['gone', 'no-such'],
      ['main.ts', program],
    ] as const)
      fs.symlinkSync(target, path.join(folder, name));
    const props = { skipUnchanged: { sources: [folder] } };
    expect(run(SITES, props).built).toEqual(['a', 'b', 'c']);
    expect(run(SITES, props).built).toEqual([]);
    fs.writeFileSync(program, 'v2');
    expect(run(SITES, props).built).toEqual(['a', 'b', 'c']);
  });

  it('leave no file that whoever reads a folder of manifests takes for one', () => {
    fs.mkdirSync(path.join(outdir, '.edge-constructs'), { recursive: true });
    fs.writeFileSync(path.join(outdir, '.edge-constructs/cache-sites.json'), '{}');
    run(SITES);
    const names = fs.readdirSync(outdir, { recursive: true }).map(String);
    expect(names.filter((name) => name.startsWith('.edge-constructs/'))).toContain('.edge-constructs/cache-sites');
    expect(names.filter((name) => /\.(json|ya?ml)$/.test(name) && !name.startsWith('sites/'))).toEqual([]);
  });

  it('do not depend on site files, the lock file or the output among the sources', () => {
    const folder = path.dirname(program);
    const [file, lockFile] = [path.join(folder, 'sites.json'), path.join(folder, 'fleet.lock.json')];
    const withFile = (sites: SiteProps[]): string[] => {
      fs.writeFileSync(file, JSON.stringify({ sites }));
      const pods = { network: '10.0.0.0/16', sitePrefix: 22 };
      return run([], { files: [file], addressPlan: { lockFile, pods }, skipUnchanged: { sources: [folder] } }).built;
    };
    expect(withFile(SITES)).toEqual(['a', 'b', 'c']);
    expect(withFile([...SITES, { name: 'd' }])).toEqual(['d']);
  });
});
