import * as fs from 'node:fs';
import { join } from 'node:path';
import { type ApiObject, type App, Chart, YamlOutputType } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { EdgeConstructsError, type Problem } from '../core/error';
import type { ChartSource, RenderedFiles, RenderedPart } from './chart-source';
import { clusterOfTree } from './cluster-names';
import { Collisions } from './collisions';
import { DependencyOrder } from './dependency-order';
import { DEVICE_FOLDER, deviceScripts } from './device-scripts';
import { type Fact, factsOfChart } from './facts';
import { type FileOptions, fileOptionsOf } from './file-options';
import { SharedFolders } from './gitops-shared';
import { chartFileName, FileNameRegister, objectFileNames } from './file-names';
import { ObjectWriter } from './object-text';
import type { FileStamp, OutputFolder } from './output-folder';
import { isBelow } from './output-layout';
import type { ProgressMeter } from './progress';
import { OutputContents } from './output-contents';
import { readme, readmeFile, README_MARK } from './readme';
import { chartFiles } from './readme-entries';
import { contentHash } from './site-cache';
import { throwIfInvalid, type ValidationMessage, validationMessages } from './validation';

/** What an app wants besides the files of its charts. */
export interface RunOptions {
  readonly recordsMetadata: boolean;
  /** The app's name among those that share the folder. */
  readonly name: string | undefined;
  readonly hasReadme: boolean;
}

/** What is wrong with the charts of the tree. */
export interface TreeProblems {
  /** The error that kept them from being written. */
  readonly error: EdgeConstructsError | undefined;
  /** What validations say. */
  readonly invalid: readonly ValidationMessage[];
}

/** One synthesis: everything that the charts of the tree and the parts of the sources share. */
export class Run {
  readonly #app: App;
  readonly #folder: OutputFolder;
  readonly #options: RunOptions;
  readonly #files: FileOptions;
  readonly #writer: ObjectWriter;
  readonly #names = new FileNameRegister();
  readonly #collisions = new Collisions();
  #stamps: FileStamp[] | undefined;
  readonly #contents = new OutputContents();
  /** Where each object's name comes from; the last one wins, as in cdk8s. Not filled unless asked for. */
  readonly #metadata: Map<string, { readonly path: string }> | undefined;

  constructor(app: App, folder: OutputFolder, options: RunOptions) {
    this.#app = app;
    this.#folder = folder;
    this.#options = options;
    this.#files = fileOptionsOf(app);
    this.#writer = new ObjectWriter(app);
    this.#metadata = options.recordsMetadata ? new Map() : undefined;
  }

  /** Writes the charts that are in the tree. */
  tree(order: DependencyOrder, hasSources: boolean, meter: ProgressMeter | undefined): void {
    const { yamlOutputType, outputFileExtension } = this.#app;
    const hasFileEach = yamlOutputType === YamlOutputType.FILE_PER_RESOURCE;
    const isOneFile = yamlOutputType === YamlOutputType.FILE_PER_APP;
    const charts = order.charts();
    const { layout } = this.#files;
    // With a folder for each cluster, one for all is one for each of them.
    const whole = new Map<string, Chart[]>();
    for (const chart of charts) {
      const objects = order.objectsOf(chart);
      const constructs = order.constructsOf(chart);
      this.#record(objects);
      this.#putDevices(constructs, clusterOfTree(chart));
      this.#contents.addConstructs(constructs);
      if (hasSources) this.#collisions.add(factsOfChart(chart, constructs, objects, undefined));
      const cluster = clusterOfTree(chart);
      if (isOneFile || hasFileEach) {
        const folder = layout.placeIn(cluster, '');
        const together = whole.get(folder) ?? [];
        if (together.length === 0) whole.set(folder, together);
        together.push(chart);
      } else {
        const place = layout.placeIn(cluster, chartFileName(chart));
        this.#contents.addFiles(chartFiles(this.#app, place), [chart]);
        if (yamlOutputType === YamlOutputType.FILE_PER_CHART) this.#putChart(chart, cluster, place, objects);
        else this.#putFolder(chart, cluster, place, objects);
      }
      meter?.step();
    }
    for (const [folder, together] of whole) {
      const all = together.flatMap((chart) => order.objectsOf(chart));
      if (hasFileEach) this.#putFileEach(folder, all);
      else this.#putTogether(`${folder}app${outputFileExtension}`, together, all);
    }
  }

  #putFileEach(folder: string, objects: readonly ApiObject[]): void {
    for (const [file, object] of this.#putEach(objects, folder, (each) => clusterOfTree(Chart.of(each)))) {
      this.#contents.addFiles(file, [Chart.of(object)]);
    }
  }

  #putTogether(file: string, charts: readonly Chart[], objects: readonly ApiObject[]): void {
    const clusters = [...new Set(charts.map(clusterOfTree))];
    this.#folder.put(file, this.#comment(this.#app.node.path, clusters.join(', ')) + documents(objects, this.#writer));
    this.#contents.addFiles(file, charts);
  }

  /** Writes the parts of a source one after another, and returns what is wrong with each. */
  parts(source: ChartSource, meter: ProgressMeter): readonly Problem[] {
    return source.renderParts({
      render: (part) => this.#part(part, source.needsStamps),
      keep: (files, facts) => {
        for (const file of files) this.#folder.keep(file.path);
        this.#collisions.add(facts);
      },
      canKeep: this.#metadata === undefined,
      step: () => {
        meter.step();
      },
    });
  }

  /**
   * Ends the sources, once all parts and the tree are written.
   * @param ofTree what is wrong with the charts of the tree, and what validations say of it
   * @throws {@link EdgeConstructsError} with the problems of all parts, alone or together, and what is invalid besides
   * @throws {@link EdgeConstructsError} of the tree, or Error with cdk8s' message, when nothing else is wrong
   * @throws Error when nothing was rendered, and files of earlier runs would be deleted
   */
  finish(sources: readonly ChartSource[], partProblems: readonly Problem[], { error, invalid }: TreeProblems): void {
    const ofSites = [...partProblems, ...this.#collisions.problems];
    if (ofSites.length === 0) {
      if (error !== undefined) throw error;
      throwIfInvalid(invalid);
    }
    const found = [
      ...ofSites,
      ...(error === undefined ? [] : placedProblems(error)),
      ...invalid.map(validationProblem),
    ];
    const problems = (found.length > 0 ? found : sources.flatMap((source) => this.#emptyProblems(source))).sort(
      byField,
    );
    for (const source of sources) source.report(problems);
    const [first] = sources;
    if (problems.length > 0) throw new EdgeConstructsError(first?.path ?? '', 'Fleet', problems, first?.reportFile);
    this.#refuseEmpty();
    this.#putReadme(sources);
    const shared = new SharedFolders(this.#files.layout);
    for (const source of sources) {
      for (const { path, content } of source.extraFiles(shared)) {
        this.#names.add(path, source.path);
        this.#folder.put(path, content);
      }
      for (const { name, content } of source.ownFiles()) this.#folder.putOwn(name, content);
      source.save();
    }
    for (const { fleet, path, content } of shared.files()) {
      this.#names.add(path, fleet);
      this.#folder.put(path, content);
    }
  }

  /** Writes what maps objects to constructs, when that is asked for. */
  constructMetadata(): void {
    if (this.#metadata === undefined) return;
    const resources = Object.fromEntries(this.#metadata);
    this.#folder.put('construct-metadata.json', JSON.stringify({ version: '1.0.0', resources }));
  }

  /** A list that was lost, or code that did not run, looks like this. */
  #refuseEmpty(): void {
    // A README is about the others.
    const lost = this.#folder.lost(() => true).filter((file) => file !== readmeFile(this.#options.name));
    if (lost.length === 0) return;
    throw new Error(
      `Nothing was rendered, and ${lost.length} files of earlier runs would be deleted from ${this.#app.outdir}, ` +
        `${lost[0] ?? ''} among them. If that is meant, delete them yourself and run again.`,
    );
  }

  #emptyProblems({ path: folder, partCount }: ChartSource): readonly Problem[] {
    const lost = this.#folder.lost((file) => isBelow(file, folder));
    if (lost.length === 0) return [];
    return [
      {
        field: folder,
        given: partCount === 0 ? 'no sites' : `${partCount} sites without any chart`,
        allowed: `at least one chart of one site: ${lost.length} files of earlier runs would be deleted, ${lost[0] ?? ''} among them`,
        remedy: `Check sites, files and build. If all sites are gone for good, delete ${join(this.#app.outdir, folder)} and run again.`,
      },
    ];
  }

  #part({ scope, fileOf, filesOf, factsOf, clusterOf }: RenderedPart, needsStamps: boolean): RenderedFiles {
    const order = new DependencyOrder(scope, this.#app);
    const messages = validationMessages(order.constructs);
    if (messages.length > 0) {
      return { problems: messages.map(validationProblem), files: [], facts: [] };
    }
    this.#stamps = needsStamps ? [] : undefined;
    const facts: Fact[] = [];
    for (const chart of order.charts()) {
      const objects = order.objectsOf(chart);
      this.#record(objects);
      const constructs = order.constructsOf(chart);
      const cluster = clusterOf(chart);
      for (const fact of factsOf(chart, constructs, objects)) facts.push(fact);
      this.#putDevices(constructs, cluster);
      const files = filesOf(chart, constructs);
      if (files !== undefined) {
        this.#names.add(fileOf(chart), chart.node.path);
        for (const { path, content } of files) this.#put(path, content);
      } else if (this.#app.yamlOutputType === YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE) {
        this.#putFolder(chart, cluster, fileOf(chart), objects);
      } else {
        this.#putChart(chart, cluster, fileOf(chart), objects);
      }
    }
    this.#collisions.add(facts);
    const files = this.#stamps ?? [];
    this.#stamps = undefined;
    return { problems: [], files, facts };
  }

  #put(file: string, content: string): void {
    const where = this.#folder.put(file, content);
    if (this.#stamps === undefined) return;
    const { size, mtimeMs } = fs.statSync(where);
    this.#stamps.push({ path: file, size, mtimeMs, hash: contentHash(content) });
  }

  #putChart(chart: Chart, cluster: string, name: string, objects: readonly ApiObject[]): void {
    const file = name + this.#app.outputFileExtension;
    this.#names.add(file, chart.node.path);
    this.#put(file, this.#comment(chart.node.path, cluster) + documents(objects, this.#writer));
  }

  #putFolder(chart: Chart, cluster: string, folder: string, objects: readonly ApiObject[]): void {
    this.#names.add(folder, chart.node.path);
    this.#putEach(objects, `${folder}/`, () => cluster);
  }

  #putEach(
    objects: readonly ApiObject[],
    prefix: string,
    cluster: (object: ApiObject) => string,
  ): readonly (readonly [string, ApiObject])[] {
    const names = objectFileNames(objects);
    return objects.map((object, i) => {
      const file = `${prefix}${names[i] ?? ''}${this.#app.outputFileExtension}`;
      this.#put(file, this.#comment(object.node.path, cluster(object)) + this.#writer.write(object));
      return [file, object];
    });
  }

  /** The first line of a file, if there is to be one. */
  #comment(path: string, cluster: string): string {
    if (!this.#files.hasFileComments) return '';
    // A construct's id may have a line break.
    return `# For ${cluster}, from ${JSON.stringify(path)}. Written by edge-constructs, which overwrites changes.\n`;
  }

  /** What goes to devices, one folder a cluster: names of machines are unique within one. */
  #putDevices(constructs: readonly IConstruct[], cluster: string): void {
    const { deviceScripts: options } = this.#files;
    if (options === undefined) return;
    for (const { path, content, owner } of deviceScripts(constructs, cluster, options)) {
      this.#names.add(path, owner);
      this.#put(path, content);
    }
  }

  #putReadme(sources: readonly ChartSource[]): void {
    const { hasReadme, name } = this.#options;
    const content = this.#contents.readme(sources);
    if (!hasReadme || content.entries.length === 0) return;
    const file = readmeFile(name);
    this.#folder.refuseFileOfOthers(file, README_MARK, 'Move it away, or set readme to false.');
    this.#names.add(file, file);
    const deviceFolder = this.#files.deviceScripts === undefined ? undefined : DEVICE_FOLDER;
    this.#folder.put(file, readme({ ...content, deviceFolder, list: this.#folder.listFile }));
  }

  #record(objects: readonly ApiObject[]): void {
    if (this.#metadata === undefined) return;
    for (const { name, node } of objects) this.#metadata.set(name, { path: node.path });
  }
}

/** Objects as documents of one file, as cdk8s joins them. */
export function documents(objects: readonly ApiObject[], writer: ObjectWriter): string {
  return objects.map((object) => writer.write(object)).join('---\n');
}

const FIELDS = new Intl.Collator('en', { numeric: true });

/** Line 9 before line 10, and the same on every machine, whatever its language. */
export function byField(a: Problem, b: Problem): number {
  return FIELDS.compare(a.field, b.field) || (a.field < b.field ? -1 : a.field > b.field ? 1 : 0);
}

/** The problems of an error as those of a whole that holds what it is about. */
export function placedProblems({ path, problems }: EdgeConstructsError): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, field: `${path} ${problem.field}`.trim() }));
}

function validationProblem({ path, message }: ValidationMessage): Problem {
  return {
    field: path,
    given: 'a construct that a validation objects to',
    allowed: 'constructs that pass their validations',
    remedy: message,
  };
}
