import type { ApiObject, App, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Problem } from '../core/error';
import type { Fact } from './facts';
import type { FileStamp } from './output-folder';
import type { ReadmeContent } from './readme';
import type { SharedFolders } from './gitops-shared';

/** A file that a run writes beside those of the charts. */
export interface ExtraFile {
  /** Path below the output folder. */
  readonly path: string;
  readonly content: string;
}

/** A part of the tree that exists only while it is rendered. */
export interface RenderedPart {
  readonly scope: IConstruct;
  /** The file of a chart, below the output folder, without extension. */
  readonly fileOf: (chart: Chart) => string;
  /** The cluster that a chart is for. */
  readonly clusterOf: (chart: Chart) => string;
  /** Other files to write for a chart instead of its own; `undefined` to write that one. Called once for each chart. */
  readonly filesOf: (chart: Chart, constructs: readonly IConstruct[]) => readonly ExtraFile[] | undefined;
  /** What a chart claims for itself. */
  readonly factsOf: (chart: Chart, constructs: readonly IConstruct[], objects: readonly ApiObject[]) => readonly Fact[];
}

/** What a part was rendered to. */
export interface RenderedFiles {
  readonly problems: readonly Problem[];
  readonly files: readonly FileStamp[];
  readonly facts: readonly Fact[];
}

/** What a source needs of the run. */
export interface PartTools {
  /** Writes the files of a part. */
  readonly render: (part: RenderedPart) => RenderedFiles;
  /** Keeps files and facts of an earlier run instead. */
  readonly keep: (files: readonly FileStamp[], facts: readonly Fact[]) => void;
  /** Whether parts may be kept at all: not while something is recorded of every object. */
  readonly canKeep: boolean;
  /** One more part is done. */
  readonly step: () => void;
}

/** A file that the next run reads, and nobody else. */
export interface OwnFile {
  readonly name: string;
  readonly content: string;
}

/**
 * Charts that are made one part at a time while an app is rendered, so that memory holds one part and not the fleet.
 */
export interface ChartSource {
  readonly path: string;
  readonly partCount: number;

  /** Makes the parts one after another; each is dropped when `render` returns. */
  renderParts(tools: PartTools): readonly Problem[];

  /**
   * Called when all parts are rendered and nothing is wrong: what else belongs into the output folder.
   * @param shared what the sources before it have seen to
   */
  extraFiles(shared: SharedFolders): readonly ExtraFile[];

  /** Called when all parts are rendered: what the README tells of them. */
  readonly readme: Omit<ReadmeContent, 'deviceFolder' | 'list'>;

  /** Called when nothing is wrong, right before files change: keeps what is outside the output folder. */
  save(): void;

  /** Called when nothing is wrong: what to remember for the next run. */
  ownFiles(): readonly OwnFile[];

  /** Whether the files' stamps are needed. */
  readonly needsStamps: boolean;

  /** The file that gets all problems, if there is one. */
  readonly reportFile: string | undefined;

  /** Called with everything that is wrong, in the end, and with nothing when nothing is. */
  report(problems: readonly Problem[]): void;
}

const sourcesOf = new WeakMap<App, ChartSource[]>();

/** Makes an app render a source; only a `FleetApp` does. */
export function addChartSource(app: App, source: ChartSource): void {
  const sources = sourcesOf.get(app);
  if (sources === undefined) sourcesOf.set(app, [source]);
  else sources.push(source);
}

/** The sources of an app, in the order they were added. */
export function chartSourcesOf(app: App): readonly ChartSource[] {
  return sourcesOf.get(app) ?? [];
}
