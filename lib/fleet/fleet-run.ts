import { join } from 'node:path';
import type { ApiObject, App, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { EdgeConstructsError } from '../core/error';
import type { Problem } from '../core/problem';
import type { DependencyOrder } from '../render/dependency-order';
import { byField, placedProblems, validationProblem } from '../render/gathered-problems';
import type { OutputFolder } from '../render/output-folder';
import { isBelow } from '../render/output-layout';
import type { OwnedFile } from '../render/rendered-part';
import { type ChartReader, Run } from '../render/run';
import { throwIfInvalid, type ValidationMessage } from '../render/validation';
import { Collisions } from './checks/collisions';
import { factsOfChart } from './checks/facts';
import { DEVICE_FOLDER, deviceScripts } from './device-scripts';
import { type FileOptions, fileOptionsOf } from './file-options';
import type { FleetSource } from './fleet-source';
import { SharedFolders } from './gitops/shared-folders';
import { OutputContents } from './readme/output-contents';
import { readme, readmeFile, README_MARK } from './readme/readme';

/** Options of an app besides those for the files of its charts. */
export interface FleetRunOptions {
  readonly recordsMetadata: boolean;
  /** The app's name among those that share the folder. */
  readonly name: string | undefined;
  readonly hasReadme: boolean;
}

/** The problems of the charts of the tree. */
export interface TreeProblems {
  /** The error that kept them from being written. */
  readonly error: EdgeConstructsError | undefined;
  /** Messages of validations. */
  readonly invalid: readonly ValidationMessage[];
}

/** One synthesis of an app with fleets: what is compared and reported across all sites and charts. */
export class FleetRun implements ChartReader {
  readonly #app: App;
  readonly #folder: OutputFolder;
  readonly #options: FleetRunOptions;
  readonly #files: FileOptions;
  readonly #sources: readonly FleetSource[];
  readonly #run: Run;
  readonly #collisions = new Collisions();
  readonly #contents = new OutputContents();

  constructor(app: App, folder: OutputFolder, options: FleetRunOptions, sources: readonly FleetSource[]) {
    this.#app = app;
    this.#folder = folder;
    this.#options = options;
    this.#files = fileOptionsOf(app);
    this.#sources = sources;
    this.#run = new Run(app, folder, { ...this.#files, recordsMetadata: options.recordsMetadata }, this);
  }

  companions(constructs: readonly IConstruct[], cluster: string): readonly OwnedFile[] {
    const { deviceScripts: options } = this.#files;
    return options === undefined ? [] : deviceScripts(constructs, cluster, options);
  }

  chartOfTree(chart: Chart, constructs: readonly IConstruct[], objects: readonly ApiObject[]): void {
    this.#contents.addConstructs(constructs);
    // Without sites, nothing is compared, as with cdk8s.
    if (this.#sources.length > 0) this.#collisions.add(factsOfChart(chart, constructs, objects, undefined));
  }

  filesOfTree(path: string, charts: readonly Chart[]): void {
    this.#contents.addFiles(path, charts);
  }

  /** Writes the charts that are in the tree. */
  tree(order: DependencyOrder, step: () => void): void {
    this.#run.tree(order, step);
  }

  /** Writes the sites of a fleet one after another, and returns their problems. */
  sites(source: FleetSource, step: () => void): readonly Problem[] {
    return source.renderSites({
      render: (part, needsStamps) => this.#run.part(part, needsStamps),
      keep: (files) => {
        this.#run.keep(files);
      },
      canKeep: this.#run.canKeepParts,
      claim: (facts) => {
        this.#collisions.add(facts);
      },
      step,
    });
  }

  /**
   * Ends the run, once all sites and the tree are written.
   * @param ofSites the problems of the sites
   * @param ofTree the problems of the charts of the tree, and messages of validations
   * @throws {@link EdgeConstructsError} with the problems of all sites, of single ones and across them, and failed
   * validations
   * @throws {@link EdgeConstructsError} of the tree, or Error with cdk8s' message, when nothing else is wrong
   * @throws Error when nothing was rendered, and files of earlier runs would be deleted
   */
  finish(ofSites: readonly Problem[], ofTree: TreeProblems): void {
    const found = this.#problems([...ofSites, ...this.#collisions.problems], ofTree);
    const unreported = this.#sources.flatMap((source) => source.report(found));
    const problems = [...unreported, ...found];
    const [first] = this.#sources;
    const report = unreported.length === 0 ? first?.reportFile : undefined;
    if (problems.length > 0) throw new EdgeConstructsError(first?.path ?? '', 'Fleet', problems, report);
    this.#refuseEmpty();
    this.#putReadme();
    this.#putGitOps();
    this.#run.constructMetadata();
  }

  /** All problems, sorted. If only the tree has problems, its own error is thrown. */
  #problems(ofSites: readonly Problem[], { error, invalid }: TreeProblems): readonly Problem[] {
    if (ofSites.length === 0) {
      if (error !== undefined) throw error;
      throwIfInvalid(invalid);
    }
    const found = [
      ...ofSites,
      ...(error === undefined ? [] : placedProblems(error)),
      ...invalid.map(validationProblem),
    ];
    return (found.length > 0 ? found : this.#sources.flatMap((source) => this.#emptyProblems(source))).sort(byField);
  }

  /** Refuses to delete everything, because a list may have been lost, or code may not have run. */
  #refuseEmpty(): void {
    // A README alone does not count.
    const lost = this.#folder.lost(() => true).filter((file) => file !== readmeFile(this.#options.name));
    if (lost.length === 0) return;
    throw new Error(
      `Nothing was rendered, and ${lost.length} files of earlier runs would be deleted from ${this.#app.outdir}, ` +
        `including ${lost[0] ?? ''}. If that is intended, delete them yourself and run again.`,
    );
  }

  /** A fleet that renders nothing is an error, even in a first run, in which nothing would be lost. */
  #emptyProblems({ path: folder, siteCount, chartCount, files }: FleetSource): readonly Problem[] {
    const lost = this.#folder.lost((file) => isBelow(file, folder));
    if (lost.length === 0 && chartCount > 0) return [];
    const hasSites = siteCount > 0;
    const wouldBe = `${lost.length} files of earlier runs would be deleted, including ${lost[0] ?? ''}`;
    const kept = join(this.#app.outdir, folder);
    return [
      {
        field: folder,
        given: hasSites
          ? `${siteCount} sites without any chart`
          : `no sites${files.length === 0 ? '' : ` in the program or in ${files.join(', ')}`}`,
        allowed: `at least one ${hasSites ? 'chart of one site' : 'site'}${lost.length === 0 ? '; otherwise there is nothing to write' : `: ${wouldBe}`}`,
        remedy:
          `${hasSites ? 'Make charts in build.' : 'Add a site, or correct the filter or pattern that should match some.'} ` +
          `If that is intended, remove this Fleet from the program${lost.length === 0 ? '' : `, delete ${kept}`} and run again.`,
      },
    ];
  }

  #putReadme(): void {
    const { hasReadme, name } = this.#options;
    const content = this.#contents.together(this.#sources.map((source) => source.contents));
    if (!hasReadme || content.entries.length === 0) return;
    const path = readmeFile(name);
    this.#folder.refuseFileOfOthers(path, README_MARK, 'Move it away, or set readme to false.');
    const deviceFolder = this.#files.deviceScripts === undefined ? undefined : DEVICE_FOLDER;
    this.#run.putOwned([
      { path, owner: path, content: readme({ ...content, deviceFolder, list: this.#folder.listFile }) },
    ]);
  }

  /** Writes the files for GitOps controllers, and those for the next run. */
  #putGitOps(): void {
    const shared = new SharedFolders(this.#files.layout);
    for (const source of this.#sources) {
      this.#run.putOwned(source.gitOpsFiles(shared).map((file) => ({ ...file, owner: source.path })));
      for (const { name, content } of source.ownFiles()) this.#folder.putOwn(name, content);
      source.save();
    }
    this.#run.putOwned(shared.files());
  }
}
