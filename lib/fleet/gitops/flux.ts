import type { Problem } from '../../core/problem';
import { kinsName, KINS_NAMESPACE, UNIT_LABEL } from '../../kins/names';
import { kinsNamespace } from '../../kins/namespace';
import type { ExtraFile } from '../../render/rendered-part';
import { type EdgeUnit, edgeUnitsBySite, FLUX_NAMESPACE, fluxNamespace, isForEdgeCluster } from './edge-charts';
import { gitOpsName } from './names';
import { EdgeAccess, type FluxProps } from './props';
import { sharedName, type SharedFolders, sharingClusters } from './shared-folders';
import type { OutputLayout } from '../../render/output-layout';
import { endingSites, type PlacedChart, UnitState } from './placed-chart';
import { yamlDocument } from '../../render/yaml-document';

const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'edge-constructs' };

/** The folder of a fleet's Flux objects, below the output folder. */
export function fluxFolder(fleet: string): string {
  return `${fleet}-flux`;
}

/**
 * Flux Kustomizations of a site, in a file of their own, and those for what the sites of each cluster share.
 *
 * A site may be removed once its units are at L3. Before that, the Kustomization of a site that is gone from Git stays and
 * fails, because its folder is missing. So it is noticed, nothing is removed, and putting the site back fixes it.
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/
 */
export function fluxKustomizations(
  fleet: string,
  charts: readonly PlacedChart[],
  props: FluxProps,
  taken: SharedFolders,
): readonly ExtraFile[] {
  const clusters = sharingClusters(charts).map((cluster) => ({
    cluster,
    ...taken.take('flux', cluster, props.namespace ?? FLUX_NAMESPACE),
  }));
  const namespaces = new Map(clusters.map(({ cluster, where }) => [cluster, where]));
  const ending = endingSites(charts);
  const edgeUnits = edgeUnitsBySite(charts);
  const bySite = new Map<string, string[]>();
  for (const placed of charts) {
    const { site, cluster } = placed;
    const isEnding = ending.has(site.name);
    // The cluster that it would be applied to has ended.
    if (isEnding && isForEdgeCluster(placed)) continue;
    const manifest = isForEdgeCluster(placed)
      ? edgeKustomization(placed, props, edgeUnits.get(site.name)?.[0])
      : siteKustomization(placed, props, isEnding, namespaces.get(cluster));
    bySite.set(site.name, [...(bySite.get(site.name) ?? []), yamlDocument(manifest)]);
  }
  const shared = [
    // The namespace is applied with it, before anything that depends on it.
    ...(charts.some((chart) => isForEdgeCluster(chart) && fluxNamespace(chart, props) === KINS_NAMESPACE)
      ? [yamlDocument(kinsNamespace())]
      : []),
    ...clusters
      .filter(({ isNew }) => isNew)
      .map(({ cluster }) => yamlDocument(sharedKustomization(cluster, props, taken.layout))),
  ];
  return [
    // Sites can't have such a name.
    ...(shared.length === 0 ? [] : [{ path: `${fluxFolder(fleet)}/_shared.yaml`, content: shared.join('---\n') }]),
    ...Array.from(bySite, ([site, documents]) => ({
      path: `${fluxFolder(fleet)}/${site}.yaml`,
      content: documents.join('---\n'),
    })),
  ];
}

function siteKustomization(
  placed: PlacedChart,
  props: FluxProps,
  isEnding: boolean,
  sharedNamespace: string | undefined,
): unknown {
  const { site, chart, folder, cluster, units, shared } = placed;
  const { namespace = FLUX_NAMESPACE } = props;
  const dependsOn = {
    name: sharedName(cluster),
    ...(sharedNamespace === namespace ? {} : { namespace: sharedNamespace }),
  };
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: {
      name: gitOpsName(site, chart),
      namespace,
      ...(isEnding ? {} : { annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } }),
      labels: labelsOf(site),
    },
    spec: {
      ...(shared.length === 0 ? {} : { dependsOn: [dependsOn] }),
      // Even if a person deletes the Kustomization.
      ...(isEnding ? {} : { deletionPolicy: 'Orphan' }),
      ...(units === UnitState.NONE ? {} : { healthCheckExprs: HEALTH_OF_UNITS }),
      ...source(props, cluster, folder),
      // The guard of a unit refuses to delete what must stay.
      prune: isEnding || units !== UnitState.NONE,
    },
  };
}

/**
 * The Kustomization for charts for the site's own K3s cluster. It never removes anything: a cluster that is out of reach
 * can't be cleaned, and one that ends need not be. If it is deleted, what it has applied stays, and its successor adopts
 * it.
 */
function edgeKustomization(placed: PlacedChart, props: FluxProps, unit: EdgeUnit | undefined): unknown {
  const { site, chart, folder, cluster } = placed;
  const namespace = fluxNamespace(placed, props);
  const { sourceRef, ...others } = source(props, cluster, folder);
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: gitOpsName(site, chart), namespace, labels: labelsOf(site) },
    spec: {
      deletionPolicy: 'Orphan',
      ...(namespace === KINS_NAMESPACE && unit !== undefined
        ? { kubeConfig: { secretRef: secretOf(unit, props) } }
        : {}),
      ...others,
      sourceRef:
        namespace === (props.namespace ?? FLUX_NAMESPACE)
          ? sourceRef
          : { ...sourceRef, namespace: props.namespace ?? FLUX_NAMESPACE },
      prune: false,
    },
  };
}

function secretOf({ unit }: EdgeUnit, { edgeAccess = EdgeAccess.TUNNEL }: FluxProps): object {
  const key = edgeAccess === EdgeAccess.TUNNEL ? 'kubeconfig-tunnel.conf' : 'kubeconfig.conf';
  return { name: kinsName(unit, 'sec'), key };
}

function sharedKustomization(cluster: string, props: FluxProps, layout: OutputLayout): unknown {
  const { namespace = FLUX_NAMESPACE } = props;
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: sharedName(cluster), namespace, labels: MANAGED_BY },
    spec: {
      ...source(props, cluster, layout.sharedFolder(cluster)),
      // Never pruned, because units of others may depend on these objects. And without waiting: a policy that somebody has
      // deleted stays in force because of its finalizer, but would never be ready, and so would block all sites.
      prune: false,
    },
  };
}

function source(
  props: FluxProps,
  cluster: string,
  folder: string,
): { readonly sourceRef: object; readonly [field: string]: unknown } {
  const { gitRepository, path = 'dist', interval = '10m' } = props;
  const secret = isLocal(cluster, props) ? undefined : props.kubeConfigSecrets?.[cluster];
  return {
    interval,
    ...(secret === undefined ? {} : { kubeConfig: { secretRef: { name: secret } } }),
    path: `./${path}/${folder}`,
    sourceRef: { kind: 'GitRepository', name: gitRepository },
  };
}

const OF_UNIT = `has(metadata.labels) && '${UNIT_LABEL}' in metadata.labels`;

/**
 * Health checks for `wait: true`, which users may add: DaemonSets of a unit are healthy once the cloud cluster has them,
 * because their site may be dark for weeks. Other DaemonSets are checked as Flux does by default. Flux has fixed rules for
 * Jobs.
 */
const HEALTH_OF_UNITS = [
  {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    current:
      `${OF_UNIT} || (has(status.observedGeneration) && status.observedGeneration == metadata.generation && ` +
      `status.desiredNumberScheduled == (has(status.updatedNumberScheduled) ? status.updatedNumberScheduled : 0) && ` +
      `status.desiredNumberScheduled == (has(status.numberAvailable) ? status.numberAvailable : 0))`,
  },
];

/** A chart for a cluster that Flux has no kubeconfig for would be applied to the cluster that Flux runs in. */
export function fluxProblems(charts: readonly PlacedChart[], props: FluxProps): readonly Problem[] {
  const isNamed = (cluster: string): boolean =>
    props.kubeConfigSecrets !== undefined && Object.hasOwn(props.kubeConfigSecrets, cluster);
  const ending = endingSites(charts);
  const units = edgeUnitsBySite(charts);
  return charts
    .filter(({ cluster }) => !isNamed(cluster))
    .flatMap((placed): readonly Problem[] => {
      const { path, cluster, site } = placed;
      if (isForEdgeCluster(placed))
        return ending.has(site.name) ? [] : edgeProblems(path, cluster, units.get(site.name) ?? [], props);
      if (isLocal(cluster, props)) return [];
      return [
        {
          field: path,
          given: `a chart for cluster '${cluster}'`,
          allowed: 'charts for clusters that Flux can reach',
          remedy: `Name a Secret for '${cluster}' in flux.kubeConfigSecrets, or make it flux.localCluster.`,
        },
      ];
    });
}

/** The kubeconfig of a site's K3s cluster is in the Secret of its unit, in the cluster that the unit's objects are in. */
function edgeProblems(path: string, cluster: string, units: readonly EdgeUnit[], props: FluxProps): readonly Problem[] {
  const [unit] = units;
  if (units.length === 1 && unit !== undefined && isLocal(unit.cluster, props)) return [];
  const found =
    unit === undefined
      ? 'has no KinsCluster at L4 or L5'
      : units.length > 1
        ? `has ${units.length}`
        : `has its KinsCluster in '${unit.cluster}', where Flux does not run`;
  return [
    {
      field: path,
      given: `a chart for the site's own K3s cluster, '${cluster}'`,
      allowed: `such charts only in sites with one KinsCluster at L4 or L5 in Flux's own cluster; this site ${found}`,
      remedy: `Name a Secret for '${cluster}' in flux.kubeConfigSecrets, or leave the chart out.`,
    },
  ];
}

function isLocal(cluster: string, { localCluster = 'cloud-cluster' }: FluxProps): boolean {
  return cluster === localCluster;
}

function labelsOf({ name, region, ring, labels: own }: PlacedChart['site']): Record<string, string> {
  const labels = Object.entries({ site: name, region, ring });
  return {
    ...own,
    ...Object.fromEntries(labels.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
    ...MANAGED_BY,
  };
}
