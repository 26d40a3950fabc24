import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import {
  AutonomyLevel,
  ClusterLevel,
  EdgeAccess,
  Fleet,
  FleetApp,
  FleetProgress,
  type FleetProps,
  KinsCluster,
  setCluster,
  type SiteProps,
} from '../../lib';
import { problemsOf } from '../support/refusals';
import { asInAnotherProcess, filesIn, removeTempFolders, tempFolder } from './support';

afterEach(removeTempFolders);

const { L3, L4 } = AutonomyLevel;
const flux = { gitRepository: 'fleet' };
const argoCd = { repoUrl: 'https://git.example.org/edge.git' };

/** A unit in the cloud cluster, and what runs in its K3s cluster: the same at every site. */
const build: FleetProps['build'] = (scope, { name, nodeNames, autonomyLevel }) => {
  new KinsCluster(new Chart(scope, 'cloud'), name, { nodes: nodeNames, autonomyLevel });
  const pos = new Chart(scope, 'pos');
  setCluster(pos, { level: ClusterLevel.EDGE_CLUSTER });
  for (const [kind, object] of Object.entries({ Namespace: 'shop', ConfigMap: 'pos' })) {
    const namespace = kind === 'Namespace' ? undefined : 'shop';
    new ApiObject(pos, kind, { apiVersion: 'v1', kind, metadata: { name: object, namespace } });
  }
};
const site = (name: string, more: Partial<SiteProps> = {}): SiteProps => ({
  name,
  autonomyLevel: L4,
  nodes: [{ name: `${name}-1` }],
  ...more,
});

function render(
  props: Partial<FleetProps>,
  outdir = path.join(tempFolder(), 'dist'),
): { files: Record<string, string>; problems: readonly string[] } {
  const app = new FleetApp({ outdir, progress: FleetProgress.OFF });
  let problems: readonly string[] = [];
  try {
    new Fleet(app, 'sites', { build, ...props });
    app.synth();
  } catch (error) {
    problems = problemsOf(error);
  }
  return { files: filesIn(outdir), problems };
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly annotations?: object };
  readonly spec: Readonly<Record<string, unknown>>;
}

function documents(text: string | undefined): readonly Manifest[] {
  return parseAllDocuments(text ?? '').map((document) => document.toJS() as Manifest);
}

describe("charts for the site's own K3s cluster", () => {
  it('may hold the same at every site, in a folder of their own, and twice in one site only an error', () => {
    const { files, problems } = render({ sites: [site('berlin'), site('ulm')] });
    expect(problems).toEqual([]);
    expect(Object.keys(files).filter((file) => file.startsWith('sites/'))).toEqual([
      'sites/berlin/cloud.k8s.yaml',
      'sites/berlin/pos.k8s.yaml',
      'sites/ulm/cloud.k8s.yaml',
      'sites/ulm/pos.k8s.yaml',
    ]);
    const twice = render({
      sites: [site('berlin')],
      build: (scope, each) => {
        build(scope, each);
        const more = new Chart(scope, 'more');
        setCluster(more, { level: ClusterLevel.EDGE_CLUSTER });
        new ApiObject(more, 'pos', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'pos', namespace: 'shop' },
        });
      },
    });
    expect(twice.problems).toHaveLength(1);
    expect(twice.problems[0]).toContain(
      "ConfigMap shop/pos; allowed: objects that nothing else declares in cluster 'edge-berlin'",
    );
  });

  it('have the name of a cluster that the site says, and are compared within that', () => {
    const clusters = { edgeCluster: 'mall' };
    const { problems } = render({ sites: [site('berlin', { clusters }), site('ulm', { clusters })] });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("in cluster 'mall'");
  });

  it('have a line in the README of the output, with a name for the clusters of all sites', () => {
    const readmeOf = (...sites: readonly SiteProps[]): string => {
      const outdir = path.join(tempFolder(), 'dist');
      render({ sites, kustomize: true }, outdir);
      return readFileSync(path.join(outdir, 'README.md'), 'utf8');
    };
    const one = readmeOf(site('berlin'));
    expect(one).toContain("| `sites/<site>/pos/` | `edge-<site>` | the site's own K3s cluster, once it is running |");
    expect(one).toMatch(
      /# <cluster>: that of the site, edge-<site>\nkubectl --context '<cluster>' .*'sites\/<site>\/pos\/'/,
    );
    expect(readmeOf(site('berlin'), site('ulm'))).toBe(one);
  });

  it('go to a cluster by name in Argo CD, the unit to the cloud cluster', () => {
    const { files } = render({ sites: [site('berlin')], argoCd });
    const clusterOf = (chart: string): unknown =>
      (JSON.parse(files[`sites/berlin/${chart}/site.json`]!) as { cluster: unknown }).cluster;
    expect([clusterOf('cloud'), clusterOf('pos')]).toEqual(['cloud-cluster', 'edge-berlin']);
  });

  it('are applied by Flux with the kubeconfig of the unit, out of the namespace that holds it', () => {
    const { files, problems } = render({ sites: [site('berlin')], flux });
    expect(problems).toEqual([]);
    const [, pos] = documents(files['sites-flux/berlin.yaml']);
    expect(pos).toEqual({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: {
        name: 'berlin-pos',
        namespace: 'kins-system',
        labels: { site: 'berlin', 'app.kubernetes.io/managed-by': 'edge-constructs' },
      },
      spec: {
        deletionPolicy: 'Orphan',
        interval: '10m',
        kubeConfig: { secretRef: { name: 'berlin-sec-kins', key: 'kubeconfig-tunnel.conf' } },
        path: './dist/sites/berlin/pos',
        prune: false,
        sourceRef: { kind: 'GitRepository', name: 'fleet', namespace: 'flux-system' },
      },
    });
    // It comes with them, since nothing is applied while anything of it has no namespace.
    expect(
      documents(files['sites-flux/_shared.yaml']).map(({ kind, metadata: { name } }) => `${kind} ${name}`),
    ).toEqual(['Namespace kins-system', 'Kustomization shared-cloud-cluster']);
    const direct = render({ sites: [site('berlin')], flux: { ...flux, edgeAccess: EdgeAccess.DIRECT } });
    expect(direct.files['sites-flux/berlin.yaml']).toContain('key: kubeconfig.conf');
  });

  it('are applied by Flux with a kubeconfig of yours instead, out of its own namespace', () => {
    const kubeConfigSecrets = { 'edge-berlin': 'berlin-kubeconfig', north: 'north' };
    const sites = [site('berlin', { clusters: { cloudCluster: 'north' } })];
    const { files, problems } = render({ sites, flux: { ...flux, namespace: 'gitops', kubeConfigSecrets } });
    expect(problems).toEqual([]);
    const [, pos] = documents(files['sites-flux/berlin.yaml']);
    expect(pos).toMatchObject({
      metadata: { namespace: 'gitops' },
      spec: {
        kubeConfig: { secretRef: { name: 'berlin-kubeconfig' } },
        sourceRef: { kind: 'GitRepository', name: 'fleet' },
      },
    });
    expect(files['sites-flux/_shared.yaml']).not.toContain('kind: Namespace');
  });

  it('are no concern of Flux once their site ends: there is no cluster to apply them to, nor to remove them from', () => {
    const { files, problems } = render({ sites: [site('berlin', { autonomyLevel: L3 }), site('ulm')], flux });
    expect(problems).toEqual([]);
    expect(documents(files['sites-flux/berlin.yaml']).map(({ metadata: { name } }) => name)).toEqual(['berlin-cloud']);
    expect(files['sites/berlin/pos/kustomization.yaml']).toBeDefined();
  });

  it.each<[string, Partial<SiteProps>, FleetProps['build'], string]>([
    [
      'a site without a K3s cluster',
      {},
      (scope) => {
        const pos = new Chart(scope, 'pos');
        setCluster(pos, { level: ClusterLevel.EDGE_CLUSTER });
      },
      'has no KinsCluster at L4 or L5',
    ],
    [
      'a site with two',
      {},
      (scope, each) => {
        build(scope, each);
        new KinsCluster(new Chart(scope, 'second'), 'second', { nodes: ['x'], autonomyLevel: L4 });
      },
      'has 2',
    ],
    [
      'a unit where Flux does not run',
      { clusters: { cloudCluster: 'north' } },
      build,
      "has its KinsCluster in 'north'",
    ],
  ])('are refused with Flux in %s', (_, more, buildIt, found) => {
    const { files, problems } = render({
      sites: [site('berlin', more)],
      flux: { ...flux, kubeConfigSecrets: { north: 'north' } },
      build: buildIt,
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("sites/berlin/pos: given a chart for the site's own K3s cluster, 'edge-berlin';");
    expect(problems[0]).toContain(found);
    expect(files).toEqual({});
  });

  it('of two fleets with Flux namespaces of their own still share kins-system', () => {
    const app = new FleetApp({ outdir: tempFolder(), progress: FleetProgress.OFF });
    for (const name of ['shops', 'plants']) {
      const clusters = { edgeCluster: `edge-${name}` };
      new Fleet(app, name, {
        sites: [{ name: 'berlin', nodes: [{ name: `${name}-1` }], clusters }],
        flux: { ...flux, namespace: name },
        build: (scope, { nodeNames }) => {
          new KinsCluster(new Chart(scope, name), name, { nodes: nodeNames, autonomyLevel: L4 });
          setCluster(new Chart(scope, 'pos'), { level: ClusterLevel.EDGE_CLUSTER });
        },
      });
    }
    expect(() => {
      app.synth();
    }).toThrow(/berlin-pos', a name for GitOps.*Flux's namespace 'kins-system'/);
  });

  it('are known again in a run that skips their site', () => {
    const outdir = path.join(tempFolder(), 'dist');
    const props = { sites: [site('berlin')], flux, skipUnchanged: { sources: [__filename] } };
    const first = render(props, outdir);
    const counted = jest.fn(build);
    const second = asInAnotherProcess(() => render({ ...props, build: counted }, outdir));
    expect(counted).not.toHaveBeenCalled();
    expect(second).toEqual(first);
  });
});
