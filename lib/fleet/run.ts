import * as fs from 'node:fs';
import { join } from 'node:path';
import { type ApiObject, type App, type Chart, YamlOutputType } from 'cdk8s';
import { EdgeConstructsError, type Problem } from '../core/error';
import type { ChartSource, RenderedFiles, RenderedPart } from './chart-source';
import { Collisions } from './collisions';
import { DependencyOrder } from './dependency-order';
import { type Fact, factsOfChart } from './facts';
import { SharedFolders } from './gitops-shared';
import { chartFileName, FileNameRegister, objectFileNames } from './file-names';
import { ObjectWriter } from './object-text';
import type { FileStamp, OutputFolder } from './output-folder';
import type { ProgressMeter } from './progress';
import { contentHash } from './site-cache';
import { validationMessages } from './validation';

/** One synthesis: everything that the charts of the tree and the parts of the sources share. */
export class Run {
  readonly #app: App;
  readonly #folder: OutputFolder;
  readonly #writer: ObjectWriter;
  readonly #names = new FileNameRegister();
  readonly #collisions = new Collisions();
  #stamps: FileStamp[] | undefined;
  /** Where each object's name comes from; the last one wins, as in cdk8s. Not filled unless asked for. */
  readonly #metadata: Map<string, { readonly path: string }> | undefined;

  constructor(app: App, folder: OutputFolder, recordsMetadata: boolean) {
    this.#app = app;
    this.#folder = folder;
    this.#writer = new ObjectWriter(app);
    this.#metadata = recordsMetadata ? new Map() : undefined;
  }

  /** Writes the charts that are in the tree. */
  tree(order: DependencyOrder, hasSources: boolean, meter: ProgressMeter | undefined): void {
    const charts = order.charts();
    const all: ApiObject[] = [];
    for (const chart of charts) {
      const objects = order.objectsOf(chart);
      this.#record(objects);
      if (hasSources) this.#collisions.add(factsOfChart(chart, order.constructsOf(chart), objects, undefined));
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
   * @throws {@link EdgeConstructsError} with the problems of all parts, alone or together
   * @throws Error when nothing was rendered, and files of earlier runs would be deleted
   */
  finish(sources: readonly ChartSource[], partProblems: readonly Problem[]): void {
    const found = [...partProblems, ...this.#collisions.problems];
    const problems = (found.length > 0 ? found : sources.flatMap((source) => this.#emptyProblems(source))).sort(
      byField,
    );
    for (const source of sources) source.report(problems);
    const [first] = sources;
    if (problems.length > 0) throw new EdgeConstructsError(first?.path ?? '', 'Fleet', problems);
    this.#refuseEmpty();
    const shared = new SharedFolders();
    for (const source of sources) {
      for (const { path, content } of source.extraFiles(shared)) {
        this.#names.add(path, source.path);
        this.#folder.put(path, content);
      }
      for (const { name, content } of source.ownFiles()) this.#folder.putOwn(name, content);
      source.save();
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
    const lost = this.#folder.lostBelow('');
    if (lost.length === 0) return;
    throw new Error(
      `Nothing was rendered, and ${lost.length} files of earlier runs would be deleted from ${this.#app.outdir}, ` +
        `${lost[0] ?? ''} among them. If that is meant, delete them yourself and run again.`,
    );
  }

  #emptyProblems({ path: folder, partCount }: ChartSource): readonly Problem[] {
    const lost = this.#folder.lostBelow(folder);
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

  #part({ scope, fileOf, filesOf, factsOf }: RenderedPart, needsStamps: boolean): RenderedFiles {
    const order = new DependencyOrder(scope, this.#app);
    const messages = validationMessages(order.constructs);
    if (messages.length > 0) {
      return { problems: messages.map(({ path, message }) => validationProblem(path, message)), files: [], facts: [] };
    }
    this.#stamps = needsStamps ? [] : undefined;
    const facts: Fact[] = [];
    for (const chart of order.charts()) {
      const objects = order.objectsOf(chart);
      this.#record(objects);
      facts.push(...factsOf(chart, order.constructsOf(chart), objects));
      if (filesOf !== undefined) {
        this.#names.add(fileOf(chart), chart.node.path);
        for (const { path, content } of filesOf(chart, order.constructsOf(chart))) this.#put(path, content);
      } else if (this.#app.yamlOutputType === YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE) {
        this.#putFolder(chart, fileOf(chart), objects);
      } else {
        this.#putChart(chart, fileOf(chart), objects);
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

  #putChart(chart: Chart, name: string, objects: readonly ApiObject[]): void {
    const file = name + this.#app.outputFileExtension;
    this.#names.add(file, chart.node.path);
    this.#put(file, documents(objects, this.#writer));
  }

  #putFolder(chart: Chart, folder: string, objects: readonly ApiObject[]): void {
    this.#names.add(folder, chart.node.path);
    this.#putEach(objects, `${folder}/`);
  }

  #putEach(objects: readonly ApiObject[], prefix: string): void {
    const names = objectFileNames(objects);
    objects.forEach((object, i) => {
      this.#put(`${prefix}${names[i] ?? ''}${this.#app.outputFileExtension}`, this.#writer.write(object));
    });
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

function validationProblem(path: string, message: string): Problem {
  return {
    field: path,
    given: 'a construct that a validation objects to',
    allowed: 'constructs that pass their validations',
    remedy: message,
  };
}
