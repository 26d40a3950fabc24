import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { checkArguments } from '../core/check-arguments';
import { EdgeConstructsError } from '../core/error';
import { problem, rule } from '../core/rules';
import { valueAt, yamlDocuments } from '../core/yaml-documents';
import { makeFolderDurably, writeDurably } from './durable-file';
import { FolderState, unwritableFolder } from './unwritable-folder';
import { KUSTOMIZATION_FILE, kustomizationFiles, WRITTEN_BY, type KustomizationFile } from './kustomization';

/**
 * Writes the files of {@link kustomizationFiles} for every chart of an app, each into a folder named after the chart's path
 * below the app's output directory, next to what `app.synth()` writes.
 *
 * ```ts
 * app.synth();
 * writeKustomizations(app); // dist/<chart>/kustomization.yaml and one file per object
 * ```
 *
 * Only files whose content changes are written, each by renaming a complete temporary file that is on the disk. Files that
 * the folder's last `kustomization.yaml` lists and that are not produced any more are removed, if this function wrote them.
 * Files of others are never overwritten or removed. The folder of a chart that is gone from the app stays: removing it
 * decides about what runs in a cluster, which is up to you.
 *
 * @param app the app, complete
 * @throws {@link EdgeConstructsError} when two charts would share a folder, or a file of someone else has the name of one
 * to be written, or it is given something else than an app; nothing is written then
 * @throws Error when the output directory cannot be written to, as on a full disk
 */
export function writeKustomizations(app: App): void {
  checkArguments('writeKustomizations', { app: [app, AN_APP] });
  const folders = planFolders(app);
  for (const folder of folders) refuseFilesOfOthers(app.outdir, folder);
  let state = FolderState.AS_BEFORE;
  try {
    makeFolderDurably(app.outdir);
    state = FolderState.HALF_WAY;
    writeFolders(app.outdir, folders);
  } catch (error) {
    throw unwritableFolder(app.outdir, app.outdir, error, state);
  }
}

function writeFolders(outdir: string, folders: readonly Folder[]): void {
  // Beside the targets, because files can be renamed only within a file system.
  const temporary = mkdtempSync(join(outdir, '.edge-constructs-'));
  try {
    for (const folder of folders) writeFolder(outdir, folder, temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Checks only what is used of an app, so that an app of another copy of cdk8s is accepted, too. */
const AN_APP = rule(
  (value) =>
    Construct.isConstruct(value) && !Chart.isChart(value) && typeof (value as Partial<App>).outdir === 'string',
  'a cdk8s App',
  "Pass what 'new App' returned.",
);

interface Folder {
  readonly chart: Chart;
  readonly segments: readonly string[];
  readonly files: readonly KustomizationFile[];
}

function planFolders(app: App): readonly Folder[] {
  const byName = new Map<string, Chart>();
  return app.charts.map((chart) => {
    const segments = chart.node.path.split('/').map(folderName);
    // Compared in lower case, because some file systems ignore case.
    const name = segments.join('/').toLowerCase();
    const other = byName.get(name);
    if (other !== undefined) {
      throw failure(
        chart,
        'id',
        segments.join('/'),
        `a folder of its own; chart '${other.node.path}' has this one`,
        'Rename one of the two charts: names must differ in more than capitals.',
      );
    }
    byName.set(name, chart);
    return { chart, segments, files: kustomizationFiles(chart) };
  });
}

/**
 * A chart's id as a folder: never hidden, never `..`, never ending like one of our files, because charts in charts are
 * folders in folders.
 */
function folderName(id: string): string {
  const escaped = Array.from(Buffer.from(id, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(character) ? character : hex(byte);
  }).join('');
  return escaped.replace(/^\.|\.(?=ya?ml$)|\.$/gi, hex('.'.charCodeAt(0)));
}

function hex(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}

function refuseFilesOfOthers(outdir: string, { chart, segments, files }: Folder): void {
  const remedy = 'Move it away, or choose another output directory.';
  let path = outdir;
  for (const segment of segments) {
    path = join(path, segment);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (!stat.isDirectory()) throw failure(chart, 'outdir', path, 'a directory, or nothing yet', remedy);
  }
  for (const name of files.map((file) => join(path, file.path))) {
    if (isOfOthers(name)) throw failure(chart, 'outdir', name, 'a file that an earlier run wrote, or none', remedy);
  }
}

function isOfOthers(file: string): boolean {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  // A file that a power cut has emptied may be overwritten.
  const isOurs = (): boolean => stat?.size === 0 || readFileSync(file, 'utf8').startsWith(WRITTEN_BY);
  return stat !== undefined && !(stat.isFile() && isOurs());
}

/**
 * The list is written after the other files and before removals, so that every listed file exists even if a run is
 * interrupted.
 */
function writeFolder(outdir: string, { segments, files }: Folder, temporary: string): void {
  const path = join(outdir, ...segments);
  const before = listedFiles(join(path, KUSTOMIZATION_FILE));
  makeFolderDurably(path);
  for (const { path: name, content } of files) writeIfChanged(join(path, name), content, temporary);
  const now = new Set(files.map((file) => file.path));
  for (const name of before.filter((each) => !now.has(each))) {
    const file = join(path, name);
    if (exists(file) && !isOfOthers(file)) rmSync(file);
  }
}

/** What the `kustomization.yaml` of an earlier run lists: plain file names only, whatever someone wrote into it since. */
function listedFiles(file: string): readonly string[] {
  if (!exists(file)) return [];
  const [kustomization] = yamlDocuments(readFileSync(file, 'utf8')) ?? [];
  const resources = valueAt(kustomization, 'resources');
  return (Array.isArray(resources) ? (resources as readonly unknown[]) : []).filter(
    (each): each is string => typeof each === 'string' && /^[a-z0-9%][a-z0-9._%-]*\.yaml$/.test(each),
  );
}

function writeIfChanged(file: string, content: string, temporary: string): void {
  if (exists(file) && readFileSync(file, 'utf8') === content) return;
  writeDurably(file, content, join(temporary, 'file'));
}

/** Whether there is anything with a name, even a broken link. */
function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

function failure(chart: Chart, field: string, given: string, allowed: string, remedy: string): EdgeConstructsError {
  return new EdgeConstructsError(chart.node.path, 'Chart', [problem(field, given, allowed, remedy)]);
}
