import { type ApiObject, type App, type Chart, YamlOutputType } from 'cdk8s';
import { EdgeConstructsError, type Problem } from '../core/error';
import type { ChartSource, RenderedPart } from './chart-source';
import { DependencyOrder } from './dependency-order';
import { chartFileName, FileNameRegister, objectFileNames } from './file-names';
import { ObjectWriter } from './object-text';
import type { OutputFolder } from './output-folder';
import type { ProgressMeter } from './progress';
import { validationMessages } from './validation';

/** One synthesis: everything that the charts of the tree and the parts of the sources share. */
export class Run {
  readonly #app: App;
  readonly #folder: OutputFolder;
  readonly #writer: ObjectWriter;
  readonly #names = new FileNameRegister();
  /** Where each object's name comes from; the last one wins, as in cdk8s. Not filled unless asked for. */
  readonly #metadata: Map<string, { readonly path: string }> | undefined;

  constructor(app: App, folder: OutputFolder, recordsMetadata: boolean) {
    this.#app = app;
    this.#folder = folder;
    this.#writer = new ObjectWriter(app);
    this.#metadata = recordsMetadata ? new Map() : undefined;
  }

  /** Writes the charts that are in the tree. */
  tree(order: DependencyOrder, meter: ProgressMeter | undefined): void {
    const charts = order.charts();
    const all: ApiObject[] = [];
    for (const chart of charts) {
      const objects = order.objectsOf(chart);
      this.#record(objects);
      if (this.#app.yamlOutputType === YamlOutputType.FILE_PER_CHART) {
        this.#putChart(chart, chartFileName(chart), objects);
      } else if (this.#app.yamlOutputType === YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE) {
        this.#putFolder(chart, chartFileName(chart), objects);
      } else {
        for (const object of objects) all.push(object);
      }
      meter?.step();
    }
    if (this.#app.yamlOutputType === YamlOutputType.FILE_PER_RESOURCE) this.#putEach(all, '');
    if (this.#app.yamlOutputType === YamlOutputType.FILE_PER_APP && charts.length > 0) {
      this.#folder.put(`app${this.#app.outputFileExtension}`, documents(all, this.#writer));
    }
  }

  /**
   * Writes the parts of a source one after another.
   * @throws {@link EdgeConstructsError} with the problems of all parts
   */
  source(source: ChartSource, meter: ProgressMeter): void {
    source.renderParts(
      (part) => {
        const problems = this.#part(part, source);
        meter.step();
        return problems;
      },
      (file) => {
        this.#folder.keep(file);
      },
    );
    const problems = source.problems();
    if (problems.length > 0) throw new EdgeConstructsError(source.path, 'Fleet', problems);
    for (const { path, content } of source.extraFiles()) this.#folder.put(path, content);
  }

  /** Writes what maps objects to constructs, when that is asked for. */
  constructMetadata(): void {
    if (this.#metadata === undefined) return;
    const resources = Object.fromEntries(this.#metadata);
    this.#folder.put('construct-metadata.json', JSON.stringify({ version: '1.0.0', resources }));
  }

  #part({ scope, fileOf, inspect }: RenderedPart, source: ChartSource): readonly Problem[] {
    const order = new DependencyOrder(scope);
    const problems = validationMessages(order.constructs).map(({ path, message }): Problem => ({
      field: path,
      given: 'a construct that a validation objects to',
      allowed: 'constructs that pass their validations',
      remedy: message,
    }));
    if (problems.length > 0) return problems;
    for (const chart of order.charts()) {
      const objects = order.objectsOf(chart);
      this.#record(objects);
      inspect(chart, objects);
      if (source.isFilePerObject) this.#putFolder(chart, fileOf(chart), objects);
      else this.#putChart(chart, fileOf(chart), objects);
    }
    return [];
  }

  #putChart(chart: Chart, name: string, objects: readonly ApiObject[]): void {
    const file = name + this.#app.outputFileExtension;
    this.#names.add(file, chart.node.path);
    this.#folder.put(file, documents(objects, this.#writer));
  }

  #putFolder(chart: Chart, folder: string, objects: readonly ApiObject[]): void {
    this.#names.add(folder, chart.node.path);
    this.#putEach(objects, `${folder}/`);
  }

  #putEach(objects: readonly ApiObject[], prefix: string): void {
    const names = objectFileNames(objects);
    objects.forEach((object, i) => {
      this.#folder.put(`${prefix}${names[i] ?? ''}${this.#app.outputFileExtension}`, this.#writer.write(object));
    });
  }

  #record(objects: readonly ApiObject[]): void {
    for (const { name, node } of this.#metadata === undefined ? [] : objects)
      this.#metadata?.set(name, { path: node.path });
  }
}

/** Objects as documents of one file, as cdk8s joins them. */
export function documents(objects: readonly ApiObject[], writer: ObjectWriter): string {
  return objects.map((object) => writer.write(object)).join('---\n');
}
