import { ApiObject, Chart } from 'cdk8s';
import { parse } from 'yaml';
import * as path from 'node:path';
import { spawnSync } from 'node:child_process';
import {
  EdgeMachine,
  Fleet,
  FleetApp,
  type FleetProps,
  kustomizationFiles,
  NodeUnit,
  OperatingSystem,
  type SiteProps,
} from '../../lib';
import { problemsOf } from '../support/refusals';
import { filesIn, removeTempFolders, tempFolder } from './support';

afterEach(removeTempFolders);

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ops';
const SITES: SiteProps[] = [
  {
    name: 'berlin',
    region: 'eu',
    ring: 'canary',
    labels: { tier: 'retail' },
    nodes: [{ name: 'b1' }],
    clusters: { kkpUserCluster: 'shop-eu' },
  },
  { name: 'paris', nodes: [{ name: 'p1' }] },
];

function run(
  props: Partial<FleetProps>,
  sites = SITES,
): { outdir: string; files: Record<string, string>; problems: string[] } {
  const app = new FleetApp({ outdir: path.join(tempFolder(), 'dist') });
  const problems: string[] = [];
  try {
    new Fleet(app, 'sites', {
      sites,
      build: (scope, { name, nodeNames }) => {
        new NodeUnit(new Chart(scope, 'cloud'), name, { nodes: nodeNames });
        const user = new Chart(scope, 'user-cluster');
        for (const node of nodeNames) {
          new EdgeMachine(user, node, {
            operatingSystem: OperatingSystem.UBUNTU_22_04,
            kubeletVersion: '1.33.5',
            sshPublicKeys: [KEY],
          });
        }
      },
      ...props,
    });
    app.synth();
  } catch (error) {
    problems.push(...problemsOf(error));
  }
  return { outdir: app.outdir, files: filesIn(app.outdir), problems };
}

describe('a fleet for GitOps', () => {
  it('writes a kustomization for each chart, the same as kustomizationFiles gives', () => {
    const { files } = run({ kustomize: true }, [{ name: 'paris', nodes: [{ name: 'p1' }] }]);
    expect(Object.keys(files)).toEqual([
      'sites/paris/cloud/kustomization.yaml',
      'sites/paris/cloud/nodeunit.site.superedge.io_paris.yaml',
      'sites/paris/user-cluster/kustomization.yaml',
      'sites/paris/user-cluster/machinedeployment.cluster.k8s.io_kube-system_p1.yaml',
    ]);
    const chart = new Chart(new FleetApp(), 'any');
    new NodeUnit(chart, 'paris', { nodes: ['p1'] });
    expect(kustomizationFiles(chart).map(({ content }) => content)).toEqual([
      files['sites/paris/cloud/nodeunit.site.superedge.io_paris.yaml'],
      files['sites/paris/cloud/kustomization.yaml'],
    ]);
  });

  const kubectl = spawnSync('kubectl', ['kustomize', '--help']).status === 0 ? it : it.skip;
  kubectl('is built by kubectl kustomize into the same objects', () => {
    const { outdir, files } = run({ kustomize: true });
    const built = spawnSync('kubectl', ['kustomize', path.join(outdir, 'sites/berlin/cloud')], { encoding: 'utf8' });
    expect(built.stderr).toBe('');
    expect(parse(built.stdout)).toEqual(parse(files['sites/berlin/cloud/nodeunit.site.superedge.io_berlin.yaml']!));
  });

  it('has one ApplicationSet for Argo CD, which a new site does not change', () => {
    const argoCd = { repoUrl: 'https://git.example.org/edge.git', path: 'clusters/dist' };
    const { files } = run({ argoCd });
    expect(parse(files['sites-argocd/applicationset.yaml']!)).toEqual({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationSet',
      metadata: { name: 'sites', namespace: 'argocd', labels: { 'app.kubernetes.io/managed-by': 'edge-constructs' } },
      spec: {
        goTemplate: true,
        goTemplateOptions: ['missingkey=error'],
        generators: [
          {
            git: { repoURL: argoCd.repoUrl, revision: 'HEAD', files: [{ path: 'clusters/dist/sites/*/*/site.json' }] },
          },
        ],
        syncPolicy: { applicationsSync: 'create-update', preserveResourcesOnDeletion: true },
        templatePatch: '{"metadata":{"labels":{{ toJson .labels }}}}',
        template: {
          metadata: {
            name: '{{.site}}-{{.chart}}',
            labels: { site: '{{.site}}', region: '{{.region}}', ring: '{{.ring}}' },
          },
          spec: {
            project: 'default',
            source: { repoURL: argoCd.repoUrl, targetRevision: 'HEAD', path: '{{.path.path}}' },
            destination: { name: '{{.cluster}}' },
            syncPolicy: { syncOptions: ['ServerSideApply=true'], retry: { limit: -1, refresh: true } },
          },
        },
      },
    });
    expect(JSON.parse(files['sites/berlin/user-cluster/site.json']!)).toEqual({
      ...{
        site: 'berlin',
        chart: 'user-cluster',
        cluster: 'shop-eu',
        region: 'eu',
        ring: 'canary',
        labels: { tier: 'retail' },
      },
    });
    // Every name that the template uses stands in every site's file, or Argo CD would refuse it.
    expect(Object.keys(JSON.parse(files['sites/paris/cloud/site.json']!) as object)).toEqual(
      expect.arrayContaining(['site', 'chart', 'cluster', 'region', 'ring']),
    );
    const more = run({ argoCd }, [...SITES, { name: 'rome', nodes: [{ name: 'r1' }] }]).files;
    expect(more).toMatchObject(files);
    expect(
      Object.keys(more)
        .filter((file) => !(file in files))
        .every((file) => file.startsWith('sites/rome/')),
    ).toBe(true);
  });

  it('has Flux Kustomizations, a file a site, with the kubeconfig of the cluster that each chart is for', () => {
    const flux = {
      gitRepository: 'fleet',
      kubeConfigSecrets: { 'shop-eu': 'shop-eu-kubeconfig', 'kkp-user-cluster': 'user' },
    };
    const { files } = run({ flux });
    const documents = files['sites-flux/berlin.yaml']!.split('---\n').map((text) => parse(text) as unknown);
    const metadata = (name: string): object => ({
      name,
      namespace: 'flux-system',
      annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
      labels: {
        tier: 'retail',
        site: 'berlin',
        region: 'eu',
        ring: 'canary',
        'app.kubernetes.io/managed-by': 'edge-constructs',
      },
    });
    const spec = {
      deletionPolicy: 'Orphan',
      interval: '10m',
      prune: false,
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
    };
    const kind = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' };
    expect(documents).toEqual([
      { ...kind, metadata: metadata('berlin-cloud'), spec: { ...spec, path: './dist/sites/berlin/cloud' } },
      {
        ...kind,
        metadata: metadata('berlin-user-cluster'),
        spec: {
          ...spec,
          path: './dist/sites/berlin/user-cluster',
          kubeConfig: { secretRef: { name: 'shop-eu-kubeconfig' } },
        },
      },
    ]);
    expect(Object.keys(files).filter((file) => file.startsWith('sites-flux/'))).toEqual([
      'sites-flux/berlin.yaml',
      'sites-flux/paris.yaml',
    ]);
  });

  it('refuses a chart for a cluster that Flux cannot reach: it would be applied to the wrong one', () => {
    const { problems, files } = run({ flux: { gitRepository: 'fleet', kubeConfigSecrets: { 'shop-eu': 's' } } });
    expect(problems).toEqual([
      "sites/paris/user-cluster: given a chart for cluster 'kkp-user-cluster'; allowed: charts for clusters that Flux can reach. Name a Secret for 'kkp-user-cluster' in flux.kubeConfigSecrets, or make it flux.localCluster.",
    ]);
    expect(files).toEqual({});
  });

  it('refuses names of Applications and Kustomizations that are the same, or too long for a label', () => {
    const build: FleetProps['build'] = (scope, { name }) => {
      new Chart(scope, name === 'a' ? 'b-c' : 'c');
    };
    const long = 'x'.repeat(62);
    const problems = ['a', 'a-b', long].map((name) => ({ name }));
    for (const [props, where] of [
      [{ argoCd: { repoUrl: 'https://git.example.org/x' } }, "Argo CD's namespace 'argocd'"],
      [{ flux: { gitRepository: 'x' } }, "Flux's namespace 'flux-system'"],
    ] as const) {
      expect(run({ build, ...props }, problems).problems).toEqual([
        `sites/a-b/c: given 'a-b-c', a name for GitOps; allowed: names that nothing else has in ${where}; 'sites/a/b-c' has it. Rename the site or the chart, or give the two fleets namespaces of their own.`,
        `sites/${long}/c: given '${long}-c', a name for GitOps; allowed: names of at most 63 characters; this one has 64. Shorten the name of the site or the chart.`,
      ]);
    }
  });

  it.each<[string, Partial<FleetProps>, string]>([
    [
      'a password in the URL',
      { argoCd: { repoUrl: 'https://user:secret@git.example.org/x' } },
      'argoCd.repoUrl: given ',
    ],
    [
      'a path that leads out of the repository',
      { flux: { gitRepository: 'x', path: '../dist' } },
      "flux.path: given '../dist'; allowed: a path relative to the root of the repository",
    ],
    [
      'an interval that is none',
      { flux: { gitRepository: 'x', interval: '10' } },
      "flux.interval: given '10'; allowed: a duration. Write it like 10s, 10m or 1h30m.",
    ],
    [
      'no folders',
      { kustomize: false, flux: { gitRepository: 'x' } },
      'kustomize: given false; allowed: true with argoCd or flux: both apply folders. Leave it out.',
    ],
  ])('refuses %s', (_, props, message) => {
    const [problem = ''] = run(props).problems;
    expect(problem).toContain(message);
    expect(problem).not.toContain('secret');
  });

  it('keeps objects of one name in two namespaces apart', () => {
    const { files } = run({
      kustomize: true,
      build: (scope) => {
        const chart = new Chart(scope, 'c');
        for (const namespace of ['a', 'b'])
          new ApiObject(chart, namespace, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace } });
      },
      sites: [{ name: 'one' }],
    });
    expect(Object.keys(files)).toHaveLength(3);
  });
});
