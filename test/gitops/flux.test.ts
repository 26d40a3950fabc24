import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutonomyLevel } from '../../lib';
import { apply } from '../api/support/apply';
import { connect } from '../api/support/connect';
import type { KubeObject } from '../api/support/objects';
import { eventually } from '../api/support/poll';
import { describeWithFlux } from './support/engines';
import { Repository, type Sites } from './support/fleet';
import { Flux, type KustomizationState, parentKustomization } from './support/flux';
import { actAsPods, dataOf, KINS_NAMESPACE, namesOf, objectsOf, versionsOf } from './support/unit';

const { L3, L4, L5 } = AutonomyLevel;
const READY = expect.objectContaining({ ready: 'True' }) as KustomizationState;
const cluster = connect();
afterAll(() => {
  cluster.close();
});

/** An object by kind and name, of the units' namespace. */
const kins = (kind: string, name: string, apiVersion = 'v1'): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: KINS_NAMESPACE },
});
const NAMESPACE: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: KINS_NAMESPACE } };
const app = (site: string): KubeObject => ({ ...kins('ConfigMap', `app-${site}`), metadata: { name: `app-${site}` } });

/** Takes all fields of an object from their owners, as the guide says it. */
async function release({ kind, metadata: { name, namespace } }: KubeObject): Promise<void> {
  const patch = JSON.stringify([{ op: 'replace', path: '/metadata/managedFields', value: [{}] }]);
  const where = namespace === undefined ? [] : ['--namespace', namespace];
  const { code, stderr } = await cluster.kubectl(['patch', kind, name, ...where, '--type=json', `--patch=${patch}`]);
  if (code !== 0) throw new Error(stderr);
}

describeWithFlux('a fleet in Flux', (engine) => {
  const repository = new Repository();
  const sites: Sites = {};
  let flux: Flux;

  /** Renders the fleet with what changes, or without a site, and pushes it. */
  async function push(changes: Record<string, Sites[string] | undefined> = {}): Promise<string> {
    for (const [name, site] of Object.entries(changes)) {
      if (site === undefined) Reflect.deleteProperty(sites, name);
      else sites[name] = site;
    }
    repository.render(sites);
    return flux.push(repository.folder);
  }

  const versions = async (): Promise<unknown> => ({
    ...Object.fromEntries(await Promise.all(Object.keys(sites).map(async (s) => [s, await versionsOf(cluster, s)]))),
    namespace: (await cluster.get(NAMESPACE))?.metadata.resourceVersion,
  });

  beforeAll(async () => {
    flux = await Flux.start(cluster, engine);
  });
  afterAll(async () => {
    await flux.stop();
    // Other suites have the same cluster.
    await cluster.kubectl(['delete', 'configmap', 'pos', '--namespace', 'default', '--ignore-not-found']);
    repository.remove();
  });

  test('is applied at once, with the namespace before all units', async () => {
    const revision = await push({ berlin: { autonomyLevel: L4 }, ulm: { autonomyLevel: L5 } });
    await apply(cluster, [parentKustomization('sites')]);
    for (const name of ['sites', 'shared-cloud-cluster', 'berlin-cloud', 'ulm-cloud', 'berlin-apps'])
      expect(await flux.settled(name, revision)).toEqual(READY);
    expect(await namesOf(cluster, 'berlin')).toContain('DaemonSet berlin-server-kins');
  });

  test('keeps what pods write, and its second reconciliation changes nothing', async () => {
    await actAsPods(cluster, 'berlin');
    await actAsPods(cluster, 'ulm');
    const before = await versions();
    for (const name of ['sites', 'shared-cloud-cluster', 'berlin-cloud', 'ulm-cloud', 'berlin-cloud'])
      expect(await flux.reconcile(name)).toEqual(READY);
    expect(await versions()).toEqual(before);
    expect(Object.keys(await dataOf(cluster, 'Secret', 'berlin-sec-kins'))).toEqual([
      ...['admin-token', 'agent-token', 'kubeconfig-tunnel.conf', 'kubeconfig.conf', 'server-token'],
    ]);
    expect(await dataOf(cluster, 'ConfigMap', 'berlin-state-kins')).toMatchObject({
      'ca-hash': 'berlin-hash',
      'cluster-id': 'berlin-uid',
      'ca.crt': expect.stringContaining('BEGIN CERTIFICATE') as unknown,
    });
    expect(await dataOf(cluster, 'ConfigMap', 'berlin-cm-kins')).toHaveProperty(['kubeconfig.conf']);
  });

  test('takes a site more, and a change of one, without touching others; what pods write stays then, too', async () => {
    const before = await versionsOf(cluster, 'ulm');
    const secret = await dataOf(cluster, 'Secret', 'berlin-sec-kins');
    const revision = await push({ berlin: { autonomyLevel: L4, hostPorts: [443] }, oslo: { autonomyLevel: L4 } });
    for (const name of ['berlin-cloud', 'ulm-cloud', 'oslo-cloud'])
      expect(await flux.settled(name, revision)).toEqual(READY);
    expect(await versionsOf(cluster, 'ulm')).toEqual(before);
    expect(JSON.stringify(await cluster.get(kins('DaemonSet', 'berlin-cri-kins', 'apps/v1')))).toContain(
      '{"name":"HOST_PORTS","value":"443"}',
    );
    expect(await dataOf(cluster, 'Secret', 'berlin-sec-kins')).toEqual(secret);
    expect(await dataOf(cluster, 'ConfigMap', 'berlin-state-kins')).toHaveProperty('cluster-id', 'berlin-uid');
  });

  test('a file that is broken keeps new sites out, says which it is, and leaves the others alone', async () => {
    const before = await versions();
    repository.render({ ...sites, rome: { autonomyLevel: L4 } });
    writeFileSync(join(repository.dist, 'sites-flux/oslo.yaml'), '<<<<<<< HEAD\n');
    const revision = await flux.push(repository.folder);
    const parent = await flux.settled('sites', revision);
    expect(parent).toMatchObject({ ready: 'False' });
    expect(parent.message).toContain('oslo.yaml');
    expect(await flux.get('rome-cloud')).toBeUndefined();
    for (const site of Object.keys(sites)) expect(await flux.settled(`${site}-cloud`, revision)).toEqual(READY);
    expect(await versions()).toEqual(before);
    // The next run of the program writes the file anew.
    expect(await flux.settled('sites', await push())).toEqual(READY);
  });

  test('from L5 to L4 nothing of a unit changes, and its Kustomization says what to do', async () => {
    const before = await versionsOf(cluster, 'ulm');
    const revision = await push({ ulm: { autonomyLevel: L4 } });
    const refused = await flux.settled('ulm-cloud', revision);
    expect(refused).toMatchObject({ ready: 'False' });
    expect(refused.message).toContain("NodeUnit ulm is at L5 and can't be set to L4");
    expect(await versionsOf(cluster, 'ulm')).toEqual(before);
    expect(await flux.settled('berlin-cloud', revision)).toEqual(READY);
    expect(await flux.settled('ulm-cloud', await push({ ulm: { autonomyLevel: L5 } }))).toEqual(READY);
    expect(await versionsOf(cluster, 'ulm')).toEqual(before);
  });

  test('a site that is removed at L4 is told of and kept, and is well again when it is put back', async () => {
    const before = await versionsOf(cluster, 'oslo');
    const revision = await push({ oslo: undefined });
    expect(await flux.settled('sites', revision)).toEqual(READY);
    for (const chart of ['cloud', 'apps']) {
      const state = await flux.says(`oslo-${chart}`, /not found|no such file/);
      expect(state).toMatchObject({ ready: 'False', isEnding: false });
      expect(state.message).toContain(`sites/oslo/${chart}`);
    }
    expect(await versionsOf(cluster, 'oslo')).toEqual(before);
    expect(await cluster.get(app('oslo'))).toBeDefined();
    const back = await push({ oslo: { autonomyLevel: L4 } });
    expect(await flux.settled('oslo-cloud', back)).toEqual(READY);
    expect(await versionsOf(cluster, 'oslo')).toEqual(before);
  });

  test('a Kustomization that somebody deletes at L4 leaves all of the site, and takes it up again', async () => {
    const before = await versionsOf(cluster, 'oslo');
    await cluster.kubectl(['delete', 'kustomizations', 'oslo-cloud', 'oslo-apps', '--namespace', 'flux-system']);
    expect(await flux.get('oslo-cloud')).toBeUndefined();
    expect(await versionsOf(cluster, 'oslo')).toEqual(before);
    expect(await cluster.get(app('oslo'))).toBeDefined();
    await flux.reconcile('sites');
    expect(await flux.settled('oslo-cloud', await push())).toEqual(READY);
  });

  test('a site ends: L3, its nodes are recycled, it is removed, and nothing is left behind', async () => {
    const ended = await push({ berlin: { autonomyLevel: L3 } });
    expect(await flux.settled('berlin-cloud', ended)).toEqual(READY);
    const names = await namesOf(cluster, 'berlin');
    expect(names).toContain('DaemonSet berlin-recycle-kins');
    const others = [await versionsOf(cluster, 'ulm'), await versionsOf(cluster, 'oslo')];
    await push({ berlin: undefined });
    await eventually('nothing of berlin is left', async () => {
      const left = [
        ...(await namesOf(cluster, 'berlin')),
        await flux.get('berlin-cloud'),
        await flux.get('berlin-apps'),
      ];
      return left.every((each) => each === undefined) && (await cluster.get(app('berlin'))) === undefined;
    });
    expect([await versionsOf(cluster, 'ulm'), await versionsOf(cluster, 'oslo')]).toEqual(others);
    expect(await cluster.get(NAMESPACE)).toMatchObject({ status: { phase: 'Active' } });
  });

  test('a unit at L3 gets a cluster again', async () => {
    expect(await flux.settled('oslo-cloud', await push({ oslo: { autonomyLevel: L3 } }))).toEqual(READY);
    expect(await flux.settled('oslo-cloud', await push({ oslo: { autonomyLevel: L4 } }))).toEqual(READY);
    expect(await namesOf(cluster, 'oslo')).not.toContain('DaemonSet oslo-recycle-kins');
    for (const { kind, metadata } of await objectsOf(cluster, 'oslo')) {
      if (kind.startsWith('Validating')) expect(metadata.finalizers).toEqual(['edge-constructs.io/guard']);
      expect(metadata.annotations).toMatchObject({ 'edge-constructs.io/level': 'L4' });
    }
  });

  describe('a unit that was applied by hand before', () => {
    const byHand = async (site: string, fieldManager: string): Promise<void> => {
      // As the guides say it, in one go: what the sites share, and the unit.
      const folders = [join(repository.dist, 'shared/cloud-cluster'), join(repository.dist, 'sites', site, 'cloud')];
      for (const folder of folders) {
        const args = ['apply', '--server-side', `--field-manager=${fieldManager}`, '--kustomize', folder];
        const { code, stderr } = await cluster.kubectl(args);
        if (code !== 0) throw new Error(stderr);
      }
      await actAsPods(cluster, site);
    };

    test('is adopted with all that pods wrote, ends, and leaves nothing behind', async () => {
      repository.render({ ...sites, bonn: { autonomyLevel: L4 } });
      await byHand('bonn', 'kubectl-edge-constructs');
      const [secret, state] = [
        await dataOf(cluster, 'Secret', 'bonn-sec-kins'),
        await dataOf(cluster, 'ConfigMap', 'bonn-state-kins'),
      ];
      expect(await flux.settled('bonn-cloud', await push({ bonn: { autonomyLevel: L4 } }))).toEqual(READY);
      expect(await flux.reconcile('bonn-cloud')).toEqual(READY);
      expect(await dataOf(cluster, 'Secret', 'bonn-sec-kins')).toEqual(secret);
      expect(await dataOf(cluster, 'ConfigMap', 'bonn-state-kins')).toEqual(state);

      expect(await flux.settled('bonn-cloud', await push({ bonn: { autonomyLevel: L3 } }))).toEqual(READY);
      for (const { kind, metadata, spec } of await objectsOf(cluster, 'bonn')) {
        expect([kind, metadata.name, metadata.finalizers]).toEqual([kind, metadata.name, undefined]);
        expect(metadata.annotations).toMatchObject({ 'edge-constructs.io/deletion': 'allowed' });
        if (kind !== 'DaemonSet' || metadata.name === 'bonn-recycle-kins') continue;
        const { containers } = (spec as { template: { spec: { containers: { name: string }[] } } }).template.spec;
        expect(containers.map(({ name }) => name)).toEqual(['ended']);
      }
      await push({ bonn: undefined });
      await eventually('nothing of bonn is left', async () => (await namesOf(cluster, 'bonn')).length === 0);
    });

    test('under a name that Flux leaves alone ends when the finalizers of its guard are taken away by hand', async () => {
      repository.render({ ...sites, lund: { autonomyLevel: L4 } });
      await byHand('lund', 'edge-constructs');
      expect(await flux.settled('lund-cloud', await push({ lund: { autonomyLevel: L4 } }))).toEqual(READY);
      expect(await flux.settled('lund-cloud', await push({ lund: { autonomyLevel: L3 } }))).toEqual(READY);
      const bindings = (await objectsOf(cluster, 'lund')).filter(({ metadata }) => metadata.finalizers !== undefined);
      expect(bindings.map(({ kind }) => kind)).toEqual(Array(3).fill('ValidatingAdmissionPolicyBinding'));
      for (const { kind, metadata } of bindings) {
        const patch = '--patch={"metadata":{"finalizers":null}}';
        expect((await cluster.kubectl(['patch', kind, metadata.name, '--type=merge', patch])).code).toBe(0);
      }
      await push({ lund: undefined });
      await eventually('nothing of lund is left', async () => (await namesOf(cluster, 'lund')).length === 0);
    });
  });

  test('a unit whose tokens Flux wants to remove, as in 0.1, is well again once its fields are released', async () => {
    const pisa = kins('Secret', 'pisa-sec-kins');
    const marked = kins('ConfigMap', 'pisa-state-kins');
    sites.pisa = { autonomyLevel: L4 };
    repository.render(sites);
    for (const file of ['secret_kins-system_pisa-sec-kins', 'configmap_kins-system_pisa-state-kins']) {
      const path = join(repository.dist, `sites/pisa/cloud/${file}.yaml`);
      writeFileSync(path, readFileSync(path, 'utf8').replace(/^.*fluxcd.io\/ssa: .*\n/m, ''));
    }
    expect(await flux.settled('pisa-cloud', await flux.push(repository.folder))).toEqual(READY);
    // Without a field manager, as 0.1 wrote.
    const write = async (object: KubeObject, body: object): Promise<void> => {
      const name = `${object.kind.toLowerCase()}/${object.metadata.name}`;
      const args = ['patch', name, '--namespace', KINS_NAMESPACE, '--type=merge', `--patch=${JSON.stringify(body)}`];
      expect((await cluster.kubectl(args)).code).toBe(0);
    };
    await write(pisa, { stringData: { 'server-token': 'a', 'agent-token': 'b', 'admin-token': 'c' } });
    await write(marked, { data: { 'cluster-id': 'pisa-uid' } });
    const tokens = await dataOf(cluster, 'Secret', 'pisa-sec-kins');
    expect(await flux.reconcile('pisa-cloud')).toMatchObject({ ready: 'False' });

    const revision = await push();
    await flux.settled('pisa-cloud', revision);
    for (const object of [pisa, marked]) await release(object);
    expect(await flux.reconcile('pisa-cloud')).toEqual(READY);
    expect(await flux.reconcile('pisa-cloud')).toEqual(READY);
    expect(await dataOf(cluster, 'Secret', 'pisa-sec-kins')).toEqual(tokens);
    expect(await dataOf(cluster, 'ConfigMap', 'pisa-state-kins')).toEqual({ 'cluster-id': 'pisa-uid' });
  });

  test("what is for a site's own K3s cluster goes there with the kubeconfig that the unit keeps", async () => {
    const pos = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'pos', namespace: 'default' } };
    const revision = await push({ oslo: { autonomyLevel: L4, hasEdgeChart: true } });
    for (const name of ['sites', 'oslo-cloud']) expect(await flux.settled(name, revision)).toEqual(READY);
    // The unit has not formed: its Secret has no kubeconfig yet.
    const edge = { name: 'oslo-pos', namespace: KINS_NAMESPACE };
    expect(await flux.says(edge, /kubeconfig-tunnel\.conf/)).toMatchObject({ ready: 'False' });

    // The same API server, as somebody who may do nothing there: so it is this kubeconfig that is used.
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'edge', namespace: 'default' } };
    await apply(cluster, [account]);
    const { stdout } = await cluster.kubectl(['create', 'token', 'edge', '--namespace', 'default', '--duration=1h']);
    const kubeconfig = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'default',
          cluster: {
            server: cluster.access.url,
            'certificate-authority-data': readFileSync(cluster.access.caFile).toString('base64'),
          },
        },
      ],
      users: [{ name: 'default', user: { token: stdout.trim() } }],
      contexts: [{ name: 'default', context: { cluster: 'default', user: 'default' } }],
      'current-context': 'default',
    };
    const patch = JSON.stringify({ stringData: { 'kubeconfig-tunnel.conf': JSON.stringify(kubeconfig) } });
    const where = ['--namespace', KINS_NAMESPACE, '--field-manager=edge-constructs-kins'];
    const written = await cluster.kubectl([
      'patch',
      'secret',
      'oslo-sec-kins',
      ...where,
      '--type=merge',
      '--patch',
      patch,
    ]);
    expect(written.code).toBe(0);
    expect(await flux.reconcile(edge)).toMatchObject({ ready: 'False' });
    expect(await flux.says(edge, /system:serviceaccount:default:edge/)).toMatchObject({ ready: 'False' });

    const binding = ['edge', '--clusterrole=cluster-admin', '--serviceaccount=default:edge'];
    expect((await cluster.kubectl(['create', 'clusterrolebinding', ...binding])).code).toBe(0);
    expect(await flux.reconcile(edge)).toEqual(READY);
    expect(await cluster.get(pos)).toBeDefined();

    // The site ends: there is no cluster to take it from.
    expect(await flux.settled('sites', await push({ oslo: { autonomyLevel: L3, hasEdgeChart: true } }))).toEqual(READY);
    await eventually('its Kustomization is gone', async () => (await flux.get(edge)) === undefined);
    expect(await cluster.get(pos)).toBeDefined();
    const back = await push({ oslo: { autonomyLevel: L4 } });
    for (const name of ['sites', 'oslo-cloud']) expect(await flux.settled(name, back)).toEqual(READY);
  });

  test('with wait: true, which people add, a site that is dark is Ready, and what is not of a unit is waited for', async () => {
    const parent = parentKustomization('sites');
    const patch = JSON.stringify([
      { op: 'add', path: '/spec/wait', value: true },
      { op: 'add', path: '/spec/timeout', value: '30s' },
    ]);
    const patches = [{ patch, target: { kind: 'Kustomization', name: 'oslo-cloud' } }];
    await apply(cluster, [{ ...parent, spec: { ...(parent.spec as object), patches } }]);
    // No kubelet and no controller of DaemonSets runs here: no pod will ever be ready, as at a site that is dark.
    const revision = await push({ oslo: { autonomyLevel: L4, hostPorts: [8443] } });
    expect(await flux.settled('sites', revision)).toEqual(READY);
    expect((await flux.get('oslo-cloud'))?.spec).toMatchObject({ wait: true });
    expect(await flux.settled('oslo-cloud', revision)).toEqual(READY);

    const other = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'other', namespace: 'default' } };
    const template = { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'a', image: 'a' }] } };
    sites.oslo = { autonomyLevel: L4, hostPorts: [9443] };
    repository.render(sites);
    const folder = join(repository.dist, 'sites/oslo/cloud');
    const list = join(folder, 'kustomization.yaml');
    writeFileSync(list, `${readFileSync(list, 'utf8')}  - other.yaml\n`);
    writeFileSync(
      join(folder, 'other.yaml'),
      JSON.stringify({ ...other, spec: { selector: { matchLabels: { app: 'other' } }, template } }),
    );
    await flux.push(repository.folder);
    const waiting = await flux.says('oslo-cloud', /timeout waiting for/);
    expect(waiting).toMatchObject({ ready: 'False', reason: 'HealthCheckFailed' });
    expect(waiting.message).toContain('DaemonSet/default/other');
    expect(waiting.message).not.toContain('oslo-');
    await apply(cluster, [parent], { forceConflicts: true });
  });
});
