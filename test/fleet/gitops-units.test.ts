import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { parse, parseAllDocuments } from 'yaml';
import { AutonomyLevel, Fleet, FleetApp, type FleetProps, KinsCluster, NodeUnit, type SiteProps } from '../../lib';
import { guardPolicies } from '../../lib/kins/guard/guard-policies';
import { scriptsFor, scriptsName } from '../../lib/kins/pods/unit-scripts';
import { problemsOf } from '../support/refusals';
import { asInAnotherProcess, filesIn, removeTempFolders, tempFolder } from './support';

afterEach(removeTempFolders);

const { L3, L4, L5 } = AutonomyLevel;
const flux = { gitRepository: 'fleet', kubeConfigSecrets: { north: 'north-kubeconfig', 'kkp-user-cluster': 'user' } };
const argoCd = { repoUrl: 'https://git.example.org/edge.git' };

const build: FleetProps['build'] = (scope, { name, nodeNames, autonomyLevel }) => {
  new KinsCluster(new Chart(scope, 'cloud'), name, { nodes: nodeNames, autonomyLevel });
  const apps = new Chart(scope, 'apps');
  new ApiObject(apps, 'x', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'apps' } });
};
const site = (name: string, autonomyLevel = L4, cloudCluster?: string): SiteProps => ({
  name,
  autonomyLevel,
  nodes: ['1', '2', '3'].map((number) => ({ name: `${name}-${number}` })),
  ...(cloudCluster === undefined ? {} : { clusters: { cloudCluster } }),
});

const NAMESPACE = 'namespace_kins-system.yaml';
const POLICIES = guardPolicies().map(
  ([, { metadata }]) => `validatingadmissionpolicy.admissionregistration.k8s.io_${metadata.name}.yaml`,
);
const scriptsAt = (level: AutonomyLevel): string[] =>
  scriptsFor(level).map((of) => `configmap_kins-system_${scriptsName(of)}.yaml`);
/** What is there once in a cluster for units at L4 or L5, in the order of application. */
const SHARED = [NAMESPACE, ...POLICIES, ...scriptsAt(L4)];
/** What is there once in a cluster, wherever its file is. */
const isShared = (file: string): boolean => SHARED.some((shared) => file.endsWith(`/${shared}`));

/** Renders fleets by id, or by path, with what each differs in. */
function render(
  fleets: Readonly<Record<string, Partial<FleetProps>>>,
  outdir = path.join(tempFolder(), 'dist'),
): { files: Record<string, string>; problems: readonly string[] } {
  const app = new FleetApp({ outdir });
  const problems: string[] = [];
  try {
    for (const [fleet, props] of Object.entries(fleets)) {
      const ids = fleet.split('/');
      const scope = ids.slice(0, -1).reduce<Construct>((parent, id) => new Construct(parent, id), app);
      new Fleet(scope, ids.at(-1)!, { build, ...props });
    }
    app.synth();
  } catch (error) {
    problems.push(...problemsOf(error));
  }
  return { files: filesIn(outdir), problems };
}

interface Manifest {
  readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
  readonly spec: Record<string, unknown>;
}

function documents(text: string | undefined): Record<string, Manifest> {
  const manifests = parseAllDocuments(text ?? '').map((document) => document.toJS() as Manifest);
  return Object.fromEntries(manifests.map((manifest) => [manifest.metadata.name, manifest]));
}

describe('the namespace that the units of a cluster live in, the policies that guard them, and the scripts of their pods', () => {
  const sites = [site('berlin'), site('ulm'), site('oslo', L4, 'north')];

  it('are in one folder for each cluster, in none of a site, and are applied by one object of their own', () => {
    const { files } = render({ sites: { sites, flux, argoCd } });
    expect(Object.keys(files).filter(isShared)).toEqual(
      ['cloud-cluster', 'north'].flatMap((cluster) => [...SHARED].sort().map((file) => `shared/${cluster}/${file}`)),
    );
    // In the order of application.
    expect(parse(files['shared/north/kustomization.yaml']!)).toMatchObject({ resources: SHARED });
    expect(files['sites/berlin/cloud/kustomization.yaml']).not.toMatch(
      /namespace_kins-system|validatingadmissionpolicy\.|-scripts-/,
    );
    expect(files['sites/berlin/cloud/kustomization.yaml']).toContain('validatingadmissionpolicybinding.');

    const shared = documents(files['sites-flux/_shared.yaml']);
    expect(Object.keys(shared)).toEqual(['shared-cloud-cluster', 'shared-north']);
    expect(shared['shared-north']!.spec).toEqual({
      interval: '10m',
      kubeConfig: { secretRef: { name: 'north-kubeconfig' } },
      path: './dist/shared/north',
      prune: false,
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
    });
    const applications = documents(files['sites-argocd/shared.yaml']);
    expect(applications['shared-north']!.spec).toEqual({
      project: 'default',
      source: { repoURL: argoCd.repoUrl, targetRevision: 'HEAD', path: 'dist/shared/north' },
      destination: { name: 'north' },
      syncPolicy: { syncOptions: ['ServerSideApply=true'], retry: { limit: -1, refresh: true } },
    });
  });

  it('are as many as any site of any fleet needs, whatever others are at', () => {
    const { files, problems } = render({
      ended: { sites: [site('aachen', L3)], flux },
      sites: { sites: [site('berlin', L3), site('ulm')], flux },
    });
    expect(problems).toEqual([]);
    const { resources } = parse(files['shared/cloud-cluster/kustomization.yaml']!) as { resources: string[] };
    expect(resources[0]).toBe(NAMESPACE);
    expect([...resources].sort()).toEqual([...SHARED].sort());
    // Nothing of the guard is wanted at L3.
    const ended = render({ sites: { sites: [site('berlin', L3)], flux } }).files;
    expect(Object.keys(ended).filter(isShared)).toEqual(
      [...scriptsAt(L3), NAMESPACE].map((file) => `shared/cloud-cluster/${file}`),
    );
  });

  it('are kept once by what is remembered of sites that did not change', () => {
    const outdir = path.join(tempFolder(), 'dist');
    const many = Array.from({ length: 5 }, (_, i) => site(`shop${i}`));
    const props = { sites: many, flux, skipUnchanged: { sources: [__filename] } };
    const cache = (): string => readFileSync(path.join(outdir, '.edge-constructs', 'cache-sites'), 'utf8');
    render({ sites: props }, outdir);
    expect(cache().split('kind: ValidatingAdmissionPolicy\\n')).toHaveLength(3);
    // One more, the others from what is remembered: still once.
    asInAnotherProcess(() => render({ sites: { ...props, sites: [...many, site('new')] } }, outdir));
    expect(cache().split('kind: ValidatingAdmissionPolicy\\n')).toHaveLength(3);
  });

  it('is there before any unit of a site in Flux; charts without units wait for nothing', () => {
    const { files } = render({ sites: { sites, flux } });
    const oslo = documents(files['sites-flux/oslo.yaml']);
    expect(oslo['oslo-cloud']!.spec.dependsOn).toEqual([{ name: 'shared-north' }]);
    expect(oslo['oslo-apps']!.spec.dependsOn).toBeUndefined();
  });

  it('is in the folder of each chart as long as there are no folders for GitOps', () => {
    const { files } = render({ sites: { sites } });
    expect(files['sites/berlin/cloud.k8s.yaml']).toContain('kind: Namespace');
    expect(Object.keys(files).filter((file) => file.startsWith('shared/'))).toEqual([]);
  });

  it('is applied by the first of two fleets, and units of the second wait for that', () => {
    const { files, problems } = render({
      shops: { sites: [site('berlin')], flux: { ...flux, namespace: 'shops' } },
      plants: { sites: [site('ulm')], flux: { ...flux, namespace: 'plants' } },
    });
    expect(problems).toEqual([]);
    expect(Object.keys(documents(files['shops-flux/_shared.yaml']))).toEqual(['shared-cloud-cluster']);
    expect(files['plants-flux/_shared.yaml']).toBeUndefined();
    expect(documents(files['shops-flux/berlin.yaml'])['berlin-cloud']!.spec.dependsOn).toEqual([
      { name: 'shared-cloud-cluster' },
    ]);
    expect(documents(files['plants-flux/ulm.yaml'])['ulm-cloud']!.spec.dependsOn).toEqual([
      { name: 'shared-cloud-cluster', namespace: 'shops' },
    ]);
  });

  it('stays when all sites are skipped because nothing changed', () => {
    const outdir = path.join(tempFolder(), 'dist');
    const props = { sites, flux, argoCd, skipUnchanged: { sources: [__filename] } };
    const first = render({ sites: props }, outdir).files;
    expect(asInAnotherProcess(() => render({ sites: props }, outdir).files)).toEqual(first);
    for (const file of SHARED) expect(Object.keys(first)).toContain(`shared/north/${file}`);
  });

  it('leaves its folder to no fleet', () => {
    expect(render({ shared: { sites, flux } }).problems[0]).toContain(
      "id: given 'shared'; allowed: any name except 'shared', the folder for what sites share",
    );
  });
});

describe('what may be removed', () => {
  const kept = { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' };
  const kustomizations = (level: AutonomyLevel, more: Partial<FleetProps> = {}): Record<string, Manifest> =>
    documents(render({ sites: { sites: [site('berlin', level)], flux, ...more } }).files['sites-flux/berlin.yaml']);

  it.each([L4, L5])(
    'of a site with a unit at %s is nothing but leftovers of the unit, which its guard looks after',
    (level) => {
      const { 'berlin-cloud': cloud, 'berlin-apps': apps } = kustomizations(level);
      for (const { metadata, spec } of [cloud!, apps!]) {
        expect(metadata.annotations).toEqual(kept);
        expect(spec.deletionPolicy).toBe('Orphan');
      }
      expect([cloud!.spec.prune, apps!.spec.prune]).toEqual([true, false]);
    },
  );

  it('of a site whose units are all at L3 is everything, in all of its charts', () => {
    for (const { metadata, spec } of Object.values(kustomizations(L3))) {
      expect(metadata.annotations).toBeUndefined();
      expect(spec.deletionPolicy).toBeUndefined();
      expect(spec.prune).toBe(true);
    }
  });

  it('of a site is nothing while any of its units, one of SuperEdge too, has a cluster', () => {
    const both = kustomizations(L3, {
      build: (scope, each) => {
        build(scope, each);
        const more = new Chart(scope, 'more');
        new NodeUnit(more, 'more', { nodes: ['other'], autonomyLevel: L4 });
      },
    });
    for (const { metadata, spec } of Object.values(both)) {
      expect(metadata.annotations).toEqual(kept);
      expect(spec.deletionPolicy).toBe('Orphan');
    }
  });

  it('of a site without units is nothing', () => {
    const units = kustomizations(L3, {
      build: (scope) => {
        new NodeUnit(new Chart(scope, 'cloud'), 'berlin', { nodes: ['berlin-1'] });
      },
    });
    expect(units['berlin-cloud']).toMatchObject({ metadata: { annotations: kept }, spec: { prune: false } });
  });
});

describe('names of GitOps objects', () => {
  const shops = { sites: [site('berlin', L4, 'north')], flux, argoCd };

  it('are compared over all fleets of an app', () => {
    const { problems } = render({ 'shops/sites': shops, 'plants/sites': { ...shops, sites: [site('berlin')] } });
    for (const where of ["Argo CD's namespace 'argocd'", "Flux's namespace 'flux-system'"]) {
      expect(problems).toContain(
        `plants/sites/berlin/cloud: given 'berlin-cloud', a name for GitOps; allowed: names that nothing else has in ${where}; 'shops/sites/berlin/cloud' has it. Rename the site or the chart, or give the two fleets namespaces of their own.`,
      );
    }
    expect(problems).toHaveLength(4);
  });

  it('may be the same in two namespaces', () => {
    const plants = {
      sites: [site('berlin')],
      flux: { ...flux, namespace: 'plants' },
      argoCd: { ...argoCd, namespace: 'plants' },
    };
    const { files, problems } = render({ 'shops/sites': shops, 'plants/sites': plants });
    expect(problems).toEqual([]);
    const name = (file: string): string => (parse(files[file]!) as Manifest).metadata.name;
    expect(name('shops/sites-argocd/applicationset.yaml')).toBe('shops-sites');
    expect(name('plants/sites-argocd/applicationset.yaml')).toBe('plants-sites');
  });

  it('of two fleets whose paths read the same are refused', () => {
    const { problems } = render({ 'a/b-c': shops, 'a-b/c': { sites: [site('ulm')], argoCd } });
    expect(problems[0]).toContain("given 'a-b-c', a name for GitOps; allowed: names that nothing else has in Appl");
  });

  it('of a site and of what sites share are refused to be the same', () => {
    const { problems } = render({
      sites: {
        sites: [site('berlin'), { name: 'shared' }],
        flux,
        build: (scope, each) => {
          if (each.name === 'shared') new Chart(scope, 'cloud-cluster');
          else build(scope, each);
        },
      },
    });
    expect(problems).toEqual([expect.stringContaining("given 'shared-cloud-cluster', a name for GitOps")]);
  });
});

it('a namespace that two sites declare is refused with GitOps, where the site that ends would take it with it', () => {
  const namespaced: Partial<FleetProps> = {
    sites: [site('berlin'), site('ulm')],
    build: (scope, each) => {
      const chart = new Chart(scope, 'apps');
      new ApiObject(chart, 'shop', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
      new ApiObject(chart, 'x', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: each.name } });
    },
  };
  for (const engine of [{ flux }, { argoCd }]) {
    expect(render({ sites: { ...namespaced, ...engine } }).problems).toEqual([
      "sites/ulm/apps/shop: given Namespace shop; allowed: objects that nothing else declares in cluster 'cloud-cluster'; 'sites/berlin/apps/shop' does. Rename one of the two, declare it once outside the fleet, or say that they are for different clusters: for sites with 'clusters', for charts with setCluster.",
    ]);
  }
  expect(render({ sites: { ...namespaced, kustomize: true } }).problems).toEqual([]);
});
