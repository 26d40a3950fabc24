import type { Problem } from '../core/error';
import type { ExtraFile } from './chart-source';
import type { ArgoCdProps, FluxProps } from './gitops-props';
import type { Site } from './site';
import { yamlDocument } from './yaml-document';

/** A chart of a site, as the files around it need to know it. */
export interface PlacedChart {
  readonly site: Site;
  /** Name of the chart: its folder below the site's. */
  readonly chart: string;
  /** Where it is declared. */
  readonly path: string;
  /** Folder below the output folder. */
  readonly folder: string;
  /** The cluster that it is for. */
  readonly cluster: string;
}

const SITE_FILE = 'site.json';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/**
 * What Argo CD's ApplicationSet reads beside a chart's files. So a new site adds files, and changes none.
 */
export function siteFile({ site, chart, folder, cluster }: PlacedChart): ExtraFile {
  const { name, region = '', ring = '', labels } = site;
  return {
    path: `${folder}/${SITE_FILE}`,
    content: `${JSON.stringify({ site: name, chart, cluster, region, ring, labels }, undefined, 2)}\n`,
  };
}

/**
 * One ApplicationSet for the whole fleet. Deleting it, or the folder of a site, leaves what runs at sites alone.
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git/
 */
export function applicationSet(fleet: string, props: ArgoCdProps): ExtraFile {
  const {
    repoUrl,
    revision = 'HEAD',
    path = 'dist',
    namespace = 'argocd',
    project = 'default',
    automated = false,
  } = props;
  const manifest = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: lastPart(fleet), namespace, labels: { [MANAGED_BY]: 'edge-constructs' } },
    spec: {
      goTemplate: true,
      goTemplateOptions: ['missingkey=error'],
      generators: [{ git: { repoURL: repoUrl, revision, files: [{ path: `${path}/${fleet}/*/*/${SITE_FILE}` }] } }],
      syncPolicy: { preserveResourcesOnDeletion: true },
      template: {
        metadata: {
          name: '{{.site}}-{{.chart}}',
          labels: { site: '{{.site}}', region: '{{.region}}', ring: '{{.ring}}' },
        },
        spec: {
          project,
          source: { repoURL: repoUrl, targetRevision: revision, path: '{{.path.path}}' },
          destination: { name: '{{.cluster}}' },
          syncPolicy: {
            // Objects of edge sites are shared with controllers that fill them in.
            syncOptions: ['ServerSideApply=true'],
            ...(automated ? { automated: { prune: false, selfHeal: true } } : {}),
          },
        },
      },
    },
  };
  return { path: `${fleet}-argocd/applicationset.yaml`, content: yamlDocument(manifest) };
}

/**
 * Flux Kustomizations of a site, in a file of their own.
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/
 */
export function fluxKustomizations(
  fleet: string,
  charts: readonly PlacedChart[],
  props: FluxProps,
): readonly ExtraFile[] {
  const { gitRepository, path = 'dist', namespace = 'flux-system', interval = '10m' } = props;
  const bySite = new Map<string, string[]>();
  for (const placed of charts) {
    const { site, folder, cluster } = placed;
    const secret = isLocal(cluster, props) ? undefined : props.kubeConfigSecrets?.[cluster];
    const labels = { site: site.name, region: site.region, ring: site.ring };
    const manifest = {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: {
        name: nameOf(placed),
        namespace,
        labels: { ...defined(labels), [MANAGED_BY]: 'edge-constructs' },
      },
      spec: {
        interval,
        ...(secret === undefined ? {} : { kubeConfig: { secretRef: { name: secret } } }),
        path: `./${path}/${folder}`,
        // What runs at a site is never removed because a file is gone.
        prune: false,
        sourceRef: { kind: 'GitRepository', name: gitRepository },
      },
    };
    const documents = bySite.get(site.name);
    if (documents === undefined) bySite.set(site.name, [yamlDocument(manifest)]);
    else documents.push(yamlDocument(manifest));
  }
  return Array.from(bySite, ([site, documents]) => ({
    path: `${fleet}-flux/${site}.yaml`,
    content: documents.join('---\n'),
  }));
}

/** Argo CD and Flux put a chart's name into a label of every object. */
const LONGEST_NAME = 63;

/** Applications and Kustomizations are named by site and chart, joined by what may stand in both. */
export function nameProblems(charts: readonly PlacedChart[]): readonly Problem[] {
  const first = new Map<string, string>();
  return charts.flatMap((placed) => {
    const { path } = placed;
    const name = nameOf(placed);
    const owner = first.get(name);
    if (owner === undefined) first.set(name, path);
    const given = `a chart that is named '${name}' for GitOps`;
    if (owner !== undefined) {
      const allowed = `names that no other chart has; '${owner}' has it`;
      return [{ field: path, given, allowed, remedy: 'Rename the site or the chart.' }];
    }
    if (name.length <= LONGEST_NAME) return [];
    const allowed = `names of at most ${LONGEST_NAME} characters; this has ${name.length}`;
    return [{ field: path, given, allowed, remedy: 'Shorten the name of the site or the chart.' }];
  });
}

function nameOf({ site, chart }: PlacedChart): string {
  return `${site.name}-${chart}`;
}

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

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
