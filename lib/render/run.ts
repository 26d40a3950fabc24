import * as fs from 'node:fs';
import { type ApiObject, type App, Chart, YamlOutputType } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { clusterOfChart } from './cluster-of-chart';
import { contentHash } from './content-hash';
import { DependencyOrder } from './dependency-order';
import { chartFileName, FileNameRegister, objectFileNames } from './file-names';
import { validationProblem } from './gathered-problems';
import { documents, ObjectWriter } from './object-text';
import type { FileStamp, OutputFolder } from './output-folder';
import type { OutputLayout } from './output-layout';
import type { OwnedFile, RenderedFiles, RenderedPart } from './rendered-part';
import { validationMessages } from './validation';

/** How an app wants its files. */
export interface RunOptions {
  readonly layout: OutputLayout;
  /** Whether each file begins with a comment. */
  readonly hasFileComments: boolean;
  /** Whether to write a file that maps objects to constructs. */
  readonly recordsMetadata: boolean;
}

/** An observer of the charts that are written. */
export interface ChartReader {
  /** Called once for each chart: files that its constructs bring besides its objects. */
  companions(constructs: readonly IConstruct[], cluster: string): readonly OwnedFile[];

  /** Called once for each chart of the tree, before it is written. */
  chartOfTree(chart: Chart, constructs: readonly IConstruct[], objects: readonly ApiObject[]): void;

  /**
   * Called for all files of the tree.
   * @param path a file, or a folder with a slash behind it, that holds the objects of these charts
   */
  filesOfTree(path: string, charts: readonly Chart[]): void;
}

/** One synthesis: what the charts of the tree and the parts beside it share while their files are written. */
export class Run {
  readonly #app: App;
  readonly #folder: OutputFolder;
  readonly #options: RunOptions;
  readonly #reader: ChartReader;
  readonly #writer: ObjectWriter;
  readonly #names = new FileNameRegister();
  #stamps: FileStamp[] | undefined;
  /** Where each object's name comes from; the last one wins, as in cdk8s. Not filled unless asked for. */
  readonly #metadata: Map<string, { readonly path: string }> | undefined;

  constructor(app: App, folder: OutputFolder, options: RunOptions, reader: ChartReader) {
    this.#app = app;
    this.#folder = folder;
    this.#options = options;
    this.#reader = reader;
    this.#writer = new ObjectWriter(app);
    this.#metadata = options.recordsMetadata ? new Map() : undefined;
  }

  /** Writes the charts that are in the tree. */
  tree(order: DependencyOrder, step: () => void): void {
    const { yamlOutputType, outputFileExtension } = this.#app;
    const hasFileEach = yamlOutputType === YamlOutputType.FILE_PER_RESOURCE;
    const isOneFile = yamlOutputType === YamlOutputType.FILE_PER_APP;
    const { layout } = this.#options;
    // With a folder for each cluster, a file for all charts becomes one file per cluster.
    const whole = new Map<string, Chart[]>();
    for (const chart of order.charts()) {
      const objects = order.objectsOf(chart);
      const constructs = order.constructsOf(chart);
      const cluster = clusterOfChart(chart);
      this.#record(objects);
      this.#reader.chartOfTree(chart, constructs, objects);
      this.putOwned(this.#reader.companions(constructs, cluster));
      if (isOneFile || hasFileEach) {
        const folder = layout.placeIn(cluster, '');
        const together = whole.get(folder) ?? [];
        if (together.length === 0) whole.set(folder, together);
        together.push(chart);
      } else {
        const place = layout.placeIn(cluster, chartFileName(chart));
        this.#reader.filesOfTree(chartFiles(this.#app, place), [chart]);
        this.#putOwn(chart, cluster, place, objects);
      }
      step();
    }
    for (const [folder, together] of whole) {
      const all = together.flatMap((chart) => order.objectsOf(chart));
      if (hasFileEach) this.#putFileEach(folder, all);
      else this.#putTogether(`${folder}app${outputFileExtension}`, together, all);
    }
  }

  /** Writes the charts of a part, unless a validation objects to any of its constructs. */
  part({ scope, fileOf, filesOf, clusterOf }: RenderedPart, needsStamps: boolean): RenderedFiles {
    const order = new DependencyOrder(scope, this.#app);
    const messages = validationMessages(order.constructs);
    if (messages.length > 0) return { problems: messages.map(validationProblem), files: [] };
    this.#stamps = needsStamps ? [] : undefined;
    for (const chart of order.charts()) {
      const objects = order.objectsOf(chart);
      const constructs = order.constructsOf(chart);
      const cluster = clusterOf(chart);
      this.#record(objects);
      this.putOwned(this.#reader.companions(constructs, cluster));
      const files = filesOf(chart, constructs, objects);
      if (files === undefined) this.#putOwn(chart, cluster, fileOf(chart), objects);
      else {
        this.#names.add(fileOf(chart), chart.node.path);
        for (const { path, content } of files) this.#put(path, content);
      }
    }
    const files = this.#stamps ?? [];
    this.#stamps = undefined;
    return { problems: [], files };
  }

  /** Whether files of an earlier run may be kept: not if something has to be recorded for every object. */
  get canKeepParts(): boolean {
    return this.#metadata === undefined;
  }

  /** Keeps what an earlier run wrote of a part. */
  keep(files: readonly FileStamp[]): void {
    for (const { path } of files) this.#folder.keep(path);
  }

  /**
   * Writes files that hold no objects of charts.
   * @throws {@link EdgeConstructsError} when another construct has a file already
   */
  putOwned(files: readonly OwnedFile[]): void {
    for (const { path, content, owner } of files) {
      this.#names.add(path, owner);
      this.#put(path, content);
    }
  }

  /** Writes the file that maps objects to constructs, if asked for. */
  constructMetadata(): void {
    if (this.#metadata === undefined) return;
    const resources = Object.fromEntries(this.#metadata);
    this.#folder.put('construct-metadata.json', JSON.stringify({ version: '1.0.0', resources }));
  }

  #putFileEach(folder: string, objects: readonly ApiObject[]): void {
    for (const [file, object] of this.#putEach(objects, folder, (each) => clusterOfChart(Chart.of(each)))) {
      this.#reader.filesOfTree(file, [Chart.of(object)]);
    }
  }

  #putTogether(file: string, charts: readonly Chart[], objects: readonly ApiObject[]): void {
    const clusters = [...new Set(charts.map((chart) => clusterOfChart(chart)))];
    this.#folder.put(file, this.#comment(this.#app.node.path, clusters.join(', ')) + documents(objects, this.#writer));
    this.#reader.filesOfTree(file, charts);
  }

  #put(file: string, content: string): void {
    const where = this.#folder.put(file, content);
    if (this.#stamps === undefined) return;
    const { size, mtimeMs } = fs.statSync(where);
    this.#stamps.push({ path: file, size, mtimeMs, hash: contentHash(content) });
  }

  /** A chart's own file, or its folder with a file for each object. */
  #putOwn(chart: Chart, cluster: string, place: string, objects: readonly ApiObject[]): void {
    if (this.#app.yamlOutputType === YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE) {
      this.#names.add(place, chart.node.path);
      this.#putEach(objects, `${place}/`, () => cluster);
      return;
    }
    const file = place + this.#app.outputFileExtension;
    this.#names.add(file, chart.node.path);
    this.#put(file, this.#comment(chart.node.path, cluster) + documents(objects, this.#writer));
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
    if (!this.#options.hasFileComments) return '';
    // A construct's id may have a line break.
    return `# For ${cluster}, from ${JSON.stringify(path)}. Written by edge-constructs, which overwrites changes.\n`;
  }

  #record(objects: readonly ApiObject[]): void {
    if (this.#metadata === undefined) return;
    for (const { name, node } of objects) this.#metadata.set(name, { path: node.path });
  }
}

/** Where the files of a chart are that has its own, by its place below the output folder: a file, or a folder with a slash. */
export function chartFiles({ yamlOutputType, outputFileExtension }: App, place: string): string {
  const isFolder = yamlOutputType === YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE;
  return isFolder ? `${place}/` : `${place}${outputFileExtension}`;
}
