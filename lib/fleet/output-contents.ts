import type { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { clusterLevelOf } from '../core/cluster-level';
import { KinsCluster } from '../kins/kins-cluster';
import { EdgeMachine } from '../kkp/edge-machine';
import type { ChartSource } from './chart-source';
import { clusterOfTree } from './cluster-names';
import type { ReadmeEntry } from './readme';

/** Gathers what the README of an output folder tells, while a run writes the files. */
export class OutputContents {
  readonly #entries: ReadmeEntry[] = [];
  #hasUnits = false;
  #hasMachines = false;

  addConstructs(constructs: readonly IConstruct[]): void {
    this.#hasUnits ||= constructs.some((each) => each instanceof KinsCluster);
    this.#hasMachines ||= constructs.some((each) => each instanceof EdgeMachine);
  }

  /** @param path a file, or a folder with a slash behind it, that holds the objects of these charts */
  addFiles(path: string, charts: readonly Chart[]): void {
    const [first] = charts;
    const level = first === undefined ? undefined : clusterLevelOf(first);
    this.#entries.push({ path, isKustomization: false, level, clusters: [...new Set(charts.map(clusterOfTree))] });
  }

  /** What the charts of the tree and the parts of the sources are, together. */
  readme(sources: readonly ChartSource[]): ChartSource['readme'] {
    const ofSources = sources.map((source) => source.readme);
    const entries = [...this.#entries, ...ofSources.flatMap((each) => each.entries)];
    return {
      // Fleets may have one folder of shared objects.
      entries: [...new Map(entries.map((entry) => [entry.path, entry])).values()],
      flux: ofSources.flatMap((each) => each.flux),
      argoCd: ofSources.flatMap((each) => each.argoCd),
      hasUnits: this.#hasUnits || ofSources.some((each) => each.hasUnits),
      hasMachines: this.#hasMachines || ofSources.some((each) => each.hasMachines),
    };
  }
}
