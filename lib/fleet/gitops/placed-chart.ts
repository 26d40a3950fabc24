import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { ClusterLevel } from '../../core/cluster-level';
import type { AnyManifest } from '../../core/listed-objects';
import { isSharedObject } from '../../core/edge-object';
import { KinsCluster } from '../../kins/kins-cluster';
import { hasOwnCluster } from '../../superedge/autonomy-level';
import { NodeUnit } from '../../superedge/node-unit';
import type { KustomizationFile } from '../../render/kustomization';
import type { Site } from '../site';

/** The units of a chart, as far as they affect what may be removed. */
export enum UnitState {
  /** No unit that has or had a cluster of its own. */
  NONE = 'none',
  /** A unit at L4 or L5: nothing of its site is removed because a file is missing. */
  KEPT = 'kept',
  /** All units are at L3: once their nodes are clean, everything may be removed. */
  ENDING = 'ending',
}

/** What is known about a chart of a site, without the site. */
export interface ChartPlace {
  /** Name of the chart: its folder below the site's. */
  readonly chart: string;
  /** Where it is declared. */
  readonly path: string;
  /** Folder below the output folder. */
  readonly folder: string;
  /** The cluster that it is for. */
  readonly cluster: string;
  /** The level of the cluster; left out if the chart's objects do not determine it. */
  readonly level?: ClusterLevel;
  readonly units: UnitState;
  /** Whether it has machines. */
  readonly hasMachines: boolean;
  /** Names of its units that have a K3s cluster of their own. */
  readonly edgeUnits: readonly string[];
  /** Files of objects that the cluster has only once, whichever sites contain them. */
  readonly shared: readonly KustomizationFile[];
}

/** What is known about a chart of a site. */
export interface PlacedChart extends ChartPlace {
  readonly site: Site;
}

/** Finds the units among the constructs of a chart. */
export function unitStateOf(constructs: readonly IConstruct[]): UnitState {
  const isKept = constructs.some(
    (each) => (each instanceof KinsCluster || each instanceof NodeUnit) && hasOwnCluster(each.autonomyLevel),
  );
  if (isKept) return UnitState.KEPT;
  return constructs.some((each) => each instanceof KinsCluster) ? UnitState.ENDING : UnitState.NONE;
}

/** Names of the sites that are ending: they have units, and all of them are at L3. */
export function endingSites(charts: readonly PlacedChart[]): ReadonlySet<string> {
  const inState = (state: UnitState): Set<string> =>
    new Set(charts.filter(({ units }) => units === state).map(({ site }) => site.name));
  const kept = inState(UnitState.KEPT);
  return new Set([...inState(UnitState.ENDING)].filter((name) => !kept.has(name)));
}

/** Identifies the shared objects of a chart by their manifests. */
export function sharedManifests(constructs: readonly IConstruct[]): (manifest: AnyManifest) => boolean {
  const keys = new Set(
    constructs
      .filter((each): each is ApiObject => ApiObject.isApiObject(each) && isSharedObject(each))
      .map(({ kind, name }) => `${kind} ${name}`),
  );
  return ({ kind, metadata }) =>
    keys.has(`${String(kind)} ${String((metadata as { name?: unknown } | undefined)?.name)}`);
}
