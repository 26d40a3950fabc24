import type { ApiObject, App, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Problem } from '../core/error';

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
  /** Looks at the objects of a chart before they are dropped. */
  readonly inspect: (chart: Chart, objects: readonly ApiObject[]) => void;
}

/**
 * Charts that are made one part at a time while an app is rendered, so that memory holds one part and not the fleet.
 */
export interface ChartSource {
  readonly path: string;
  readonly partCount: number;
  /** Whether each object gets a file in the chart's folder, instead of one file for the chart. */
  readonly isFilePerObject: boolean;

  /** Called once before all parts. @throws when nothing can be rendered at all */
  start(): void;

  /** Makes the parts one after another; each is dropped when `render` returns. */
  renderParts(render: (part: RenderedPart) => readonly Problem[], keep: (file: string) => void): void;

  /** Called after all parts: what is wrong with them, alone or together. */
  problems(): readonly Problem[];

  /** Called when everything is in order: what else belongs into the output folder. */
  extraFiles(): readonly ExtraFile[];

  /** Called once all files are in place. */
  committed(): void;
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
