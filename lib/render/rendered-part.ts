import type { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Problem } from '../core/problem';
import type { FileStamp } from './output-folder';

/** A file beside those that hold the objects of charts. */
export interface ExtraFile {
  /** Path below the output folder. */
  readonly path: string;
  readonly content: string;
}

/** Such a file, with the path of the construct that it comes from. Two constructs can't have the same file. */
export interface OwnedFile extends ExtraFile {
  readonly owner: string;
}

/** A part of the tree that exists only while it is rendered, so that memory holds one part and not all. */
export interface RenderedPart {
  readonly scope: IConstruct;
  /** The file of a chart, below the output folder, without extension. */
  readonly fileOf: (chart: Chart) => string;
  /** The cluster that a chart is for. */
  readonly clusterOf: (chart: Chart) => string;
  /**
   * Called once for each chart, with its constructs and its objects in the order in which they are written.
   * @returns other files to write for the chart instead of its own; `undefined` to write that one
   */
  readonly filesOf: (
    chart: Chart,
    constructs: readonly IConstruct[],
    objects: readonly ApiObject[],
  ) => readonly ExtraFile[] | undefined;
}

/** What a part was rendered to. */
export interface RenderedFiles {
  readonly problems: readonly Problem[];
  /** Empty unless asked for. */
  readonly files: readonly FileStamp[];
}
