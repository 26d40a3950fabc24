import type { Problem } from '../core/error';
import { UNIT_LABEL } from '../kins/names';
import type { ExtraFile } from './chart-source';
import { gitOpsName } from './gitops-names';
import type { FluxProps } from './gitops-props';
import { sharedFolder, sharedName, type SharedFolders, sharingClusters } from './gitops-shared';
import { endingSites, type PlacedChart, UnitState } from './placed-chart';
import { yamlDocument } from './yaml-document';

const NAMESPACE = 'flux-system';
const MANAGED_BY = { 'app.kubernetes.io/managed-by': 'edge-constructs' };

/** The folder of a fleet's Flux objects, below the output folder. */
export function fluxFolder(fleet: string): string {
  return `${fleet}-flux`;
}

/**
 * Flux Kustomizations of a site, in a file of their own, and those for what the sites of each cluster share.
 *
 * What says of a site that it may go is the level of its units. Before that, the Kustomization of a site that is gone from Git
 * stays and fails, because its folder is missing: so somebody is told, nothing is removed, and putting the site back heals it.
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
    ...taken.take('flux', cluster, props.namespace ?? NAMESPACE),
  }));
  const namespaces = new Map(clusters.map(({ cluster, where }) => [cluster, where]));
  const ending = endingSites(charts);
  const bySite = new Map<string, string[]>();
  for (const placed of charts) {
    const { site, cluster } = placed;
    const manifest = siteKustomization(placed, props, ending.has(site.name), namespaces.get(cluster));
    bySite.set(site.name, [...(bySite.get(site.name) ?? []), yamlDocument(manifest)]);
  }
  const shared = clusters
    .filter(({ isNew }) => isNew)
    .map(({ cluster }) => yamlDocument(sharedKustomization(cluster, props)));
  return [
    // No site has such a name.
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
  const { namespace = NAMESPACE } = props;
  const labels = { site: site.name, region: site.region, ring: site.ring };
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
      labels: { ...defined(labels), ...MANAGED_BY },
    },
    spec: {
      ...(shared.length === 0 ? {} : { dependsOn: [dependsOn] }),
      // Also when a person deletes the Kustomization.
      ...(isEnding ? {} : { deletionPolicy: 'Orphan' }),
      ...(units === UnitState.NONE ? {} : { healthCheckExprs: HEALTH_OF_UNITS }),
      ...source(props, cluster, folder),
      // The guard of a unit refuses what must not go.
      prune: isEnding || units !== UnitState.NONE,
    },
  };
}

function sharedKustomization(cluster: string, props: FluxProps): unknown {
  const { namespace = NAMESPACE } = props;
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: sharedName(cluster), namespace, labels: MANAGED_BY },
    spec: {
      ...source(props, cluster, sharedFolder(cluster)),
      // Units of others may live in it.
      prune: false,
      wait: true,
    },
  };
}

function source(props: FluxProps, cluster: string, folder: string): object {
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
 * With `wait: true`, which people add: a unit is applied when the cloud cluster has it, since its site may be dark for weeks. Of
 * other DaemonSets the same is asked as Flux does by itself. Flux asks Jobs by rules of its own, whatever stands here.
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
  const isKnown = (cluster: string): boolean =>
    isLocal(cluster, props) ||
    (props.kubeConfigSecrets !== undefined && Object.hasOwn(props.kubeConfigSecrets, cluster));
  return charts
    .filter(({ cluster }) => !isKnown(cluster))
    .map(({ path, cluster }) => ({
      field: path,
      given: `a chart for cluster '${cluster}'`,
      allowed: 'charts for clusters that Flux can reach',
      remedy: `Name a Secret for '${cluster}' in flux.kubeConfigSecrets, or make it flux.localCluster.`,
    }));
}

function isLocal(cluster: string, { localCluster = 'cloud-cluster' }: FluxProps): boolean {
  return cluster === localCluster;
}

function defined(labels: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
