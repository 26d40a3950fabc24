import type { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { clusterLevelOf } from '../../core/cluster-level';
import { KinsCluster } from '../../kins/kins-cluster';
import { EdgeMachine } from '../../kkp/edge-machine';
import { clusterOfChart } from '../../render/cluster-of-chart';
import type { ReadmeContent, ReadmeEntry } from './readme';

/** What the files of one part of a program are for. */
export type PartContents = Omit<ReadmeContent, 'deviceFolder' | 'list'>;

/** Gathers what the README of an output folder says, while a run writes the files. */
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
    const clusters = [...new Set(charts.map((chart) => clusterOfChart(chart)))];
    this.#entries.push({ path, isKustomization: false, level, clusters });
  }

  /** What the charts of the tree and those of fleets are, together. */
  together(ofSources: readonly PartContents[]): PartContents {
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
