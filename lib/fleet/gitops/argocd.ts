import type { ExtraFile } from '../../render/rendered-part';
import { applicationSetName } from './names';
import type { ArgoCdProps } from './props';
import { sharedName, type SharedFolders, sharingClusters } from './shared-folders';
import type { OutputLayout } from '../../render/output-layout';
import type { PlacedChart } from './placed-chart';
import { yamlDocument } from '../../render/yaml-document';

const SITE_FILE = 'site.json';
const LABELS = { 'app.kubernetes.io/managed-by': 'edge-constructs' };

/** A file beside a chart's files that Argo CD's ApplicationSet reads. So a new site only adds files, and changes none. */
export function siteFile({ site, chart, folder, cluster }: Omit<PlacedChart, 'shared'>): ExtraFile {
  const { name, region = '', ring = '', labels } = site;
  return {
    path: `${folder}/${SITE_FILE}`,
    content: `${JSON.stringify({ site: name, chart, cluster, region, ring, labels }, undefined, 2)}\n`,
  };
}

/** The folder of a fleet's Argo CD objects, below the output folder. */
export function argoCdFolder(fleet: string): string {
  return `${fleet}-argocd`;
}

/**
 * One ApplicationSet for the whole fleet, and an Application for what the sites of each cluster share.
 * @see https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git/
 */
export function argoCdFiles(
  fleet: string,
  charts: readonly PlacedChart[],
  props: ArgoCdProps,
  taken: SharedFolders,
): readonly ExtraFile[] {
  const { namespace = 'argocd' } = props;
  const applications = sharingClusters(charts)
    .filter((cluster) => taken.take('argocd', cluster, namespace).isNew)
    .map((cluster) => yamlDocument(sharedApplication(cluster, props, taken.layout)));
  return [
    {
      path: `${argoCdFolder(fleet)}/applicationset.yaml`,
      content: yamlDocument(applicationSet(fleet, props, taken.layout)),
    },
    ...(applications.length === 0
      ? []
      : [{ path: `${argoCdFolder(fleet)}/shared.yaml`, content: applications.join('---\n') }]),
  ];
}

function applicationSet(fleet: string, props: ArgoCdProps, layout: OutputLayout): unknown {
  const { repoUrl, revision = 'HEAD', path = 'dist', namespace = 'argocd' } = props;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: applicationSetName(fleet), namespace, labels: LABELS },
    spec: {
      goTemplate: true,
      goTemplateOptions: ['missingkey=error'],
      generators: [
        {
          git: {
            repoURL: repoUrl,
            revision,
            files: [{ path: `${path}/${layout.placeInAny(fleet)}/*/*/${SITE_FILE}` }],
          },
        },
      ],
      syncPolicy: {
        // The Application of a site that is gone from Git stays, and reports that, until somebody deletes it.
        applicationsSync: 'create-update',
        preserveResourcesOnDeletion: true,
      },
      template: {
        metadata: {
          name: '{{.site}}-{{.chart}}',
          labels: { site: '{{.site}}', region: '{{.region}}', ring: '{{.ring}}' },
        },
        spec: applicationSpec(props, '{{.path.path}}', '{{.cluster}}'),
      },
      // In a template of labels, keys are fixed, but labels of sites may have any key.
      templatePatch: '{"metadata":{"labels":{{ toJson .labels }}}}',
    },
  };
}

function sharedApplication(cluster: string, props: ArgoCdProps, layout: OutputLayout): unknown {
  const { path = 'dist', namespace = 'argocd' } = props;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: sharedName(cluster), namespace, labels: LABELS },
    spec: applicationSpec(props, `${path}/${layout.sharedFolder(cluster)}`, cluster),
  };
}

function applicationSpec(props: ArgoCdProps, path: string, cluster: string): unknown {
  const { repoUrl, revision = 'HEAD', project = 'default', automated = false } = props;
  return {
    project,
    source: { repoURL: repoUrl, targetRevision: revision, path },
    destination: { name: cluster },
    syncPolicy: {
      // Server-side, because controllers and pods fill in fields of these objects.
      syncOptions: ['ServerSideApply=true'],
      // Unlimited: otherwise a sync that fails, because of a bad link or the order of syncs, is not tried again before the
      // next commit. And with the newest commit, because the one that failed may have been reverted.
      retry: { limit: -1, refresh: true },
      ...(automated ? { automated: { prune: false, selfHeal: true } } : {}),
    },
  };
}
