import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AutonomyLevel } from '../../lib';
import { apply } from '../api/support/apply';
import { connect } from '../api/support/connect';
import type { KubeObject } from '../api/support/objects';
import { eventually } from '../api/support/poll';
import { type ApplicationState, ArgoCd, clusterSecret, parentApplication } from './support/argocd';
import { describeWithArgoCd } from './support/engines';
import { Repository, type Sites } from './support/fleet';
import { actAsPods, dataOf, KINS_NAMESPACE, namesOf, objectsOf } from './support/unit';

const { L3, L4, L5 } = AutonomyLevel;
const cluster = connect();
afterAll(() => {
  cluster.close();
});

const NAMESPACE: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: KINS_NAMESPACE } };
const inDefault = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
});

/** What of a unit is in which version. Of a policy it is that of its content: Argo CD's second sync writes it without a change. */
async function versions(unit: string): Promise<Readonly<Record<string, unknown>>> {
  const objects = await objectsOf(cluster, unit);
  return Object.fromEntries(
    objects.map(({ kind, metadata }) => {
      const { generation, resourceVersion, name } = metadata as KubeObject['metadata'] & { generation?: number };
      return [`${kind} ${name}`, kind === 'ValidatingAdmissionPolicy' ? generation : resourceVersion];
    }),
  );
}

const isSynced = ({ sync, operation }: ApplicationState): boolean => sync === 'Synced' && operation !== 'Running';

/** What the guide has for a unit that was applied by hand. */
const HANDED_OVER =
  'configmaps,secrets,services,serviceaccounts,daemonsets,roles,rolebindings,networkpolicies,' +
  'validatingadmissionpolicies,validatingadmissionpolicybindings';

describeWithArgoCd('a fleet in Argo CD', (engine) => {
  const repository = new Repository();
  const sites: Sites = {};
  let argoCd: ArgoCd;

  /** Renders the fleet with what changes, or without a site, and pushes it. */
  async function push(changes: Record<string, Sites[string] | undefined> = {}): Promise<string> {
    for (const [name, site] of Object.entries(changes)) {
      if (site === undefined) Reflect.deleteProperty(sites, name);
      else sites[name] = site;
    }
    repository.render(sites, 'argocd');
    // There is no server for Git here: the repository is one on disk, which the props of a fleet do not take.
    for (const file of ['shared.yaml', 'applicationset.yaml'].map((name) =>
      join(repository.dist, 'sites-argocd', name),
    ))
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replaceAll('https://git.example.org/fleet.git', `file://${repository.folder}`),
      );
    return argoCd.push(repository.folder, 'sites');
  }

  const synced = async (commit: string, ...names: readonly string[]): Promise<void> => {
    for (const name of names) await argoCd.settled(name, commit, isSynced);
  };
  const namespaceVersion = async (): Promise<unknown> => (await cluster.get(NAMESPACE))?.metadata.resourceVersion;

  beforeAll(async () => {
    argoCd = await ArgoCd.start(cluster, engine);
  });
  afterAll(async () => {
    await argoCd.stop();
    repository.remove();
  });

  test('is applied, all of its Applications in sync, and a unit that is ready is Healthy', async () => {
    const commit = await push({
      kiel: { autonomyLevel: L4 },
      trier: { autonomyLevel: L5 },
      mainz: { autonomyLevel: L4 },
    });
    await apply(cluster, [parentApplication('sites', repository.folder)]);
    await synced(commit, 'sites', 'shared-cloud-cluster', 'kiel-cloud', 'kiel-apps', 'trier-cloud', 'mainz-cloud');
    // No kubelet runs here: all units look like those of sites that are dark.
    expect(await argoCd.state('kiel-cloud')).toMatchObject({ operation: 'Succeeded', health: 'Progressing' });
    for (const { apiVersion, kind, metadata } of await objectsOf(cluster, 'kiel')) {
      const { generation: observedGeneration } = metadata as { generation?: number };
      const three = { desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 3, numberMisscheduled: 0 };
      const status: Record<string, object | undefined> = {
        DaemonSet: { observedGeneration, ...three, updatedNumberScheduled: 3, numberAvailable: 3 },
      };
      if (status[kind] === undefined) continue;
      const path = await cluster.pathOf({ apiVersion, kind, metadata });
      const body = { status: status[kind] };
      const response = await cluster.request('PATCH', `${path}/status`, {
        contentType: 'application/merge-patch+json',
        body,
      });
      expect([kind, response.status, response.body]).toEqual([kind, 200, expect.anything()]);
    }
    await argoCd.settled('kiel-cloud', commit, ({ health }) => health === 'Healthy');
  });

  test('keeps what pods write, and comparing and syncing once more changes nothing', async () => {
    await actAsPods(cluster, 'kiel');
    const before = [await versions('kiel'), await namespaceVersion()];
    const next = await push();
    await synced(next, 'kiel-cloud', 'shared-cloud-cluster');
    await argoCd.sync('kiel-cloud');
    await argoCd.settled(
      'kiel-cloud',
      next,
      ({ operation, syncedRevision }) => operation === 'Succeeded' && syncedRevision === next,
    );
    expect([await versions('kiel'), await namespaceVersion()]).toEqual(before);
    expect(await dataOf(cluster, 'ConfigMap', 'kiel-state-kins')).toMatchObject({
      'cluster-id': 'kiel-uid',
      'ca.crt': expect.stringContaining('BEGIN CERTIFICATE') as unknown,
    });
    expect(Object.keys(await dataOf(cluster, 'Secret', 'kiel-sec-kins'))).toEqual([
      ...['admin-token', 'agent-token', 'kubeconfig-tunnel.conf', 'kubeconfig.conf', 'server-token'],
    ]);
  });

  test('takes a site more, and a change of one, without touching others', async () => {
    const [before, secret] = [await versions('mainz'), await dataOf(cluster, 'Secret', 'kiel-sec-kins')];
    const commit = await push({ kiel: { autonomyLevel: L4, hostPorts: [443] }, jena: { autonomyLevel: L4 } });
    await synced(commit, 'kiel-cloud', 'jena-cloud', 'mainz-cloud');
    expect(await versions('mainz')).toEqual(before);
    expect(await dataOf(cluster, 'Secret', 'kiel-sec-kins')).toEqual(secret);
    expect(await dataOf(cluster, 'ConfigMap', 'kiel-state-kins')).toHaveProperty('cluster-id', 'kiel-uid');
  });

  test('a file of one site that is broken is told by its Application, and new sites come all the same', async () => {
    const before = await versions('jena');
    sites.bremen = { autonomyLevel: L4 };
    repository.render(sites, 'argocd');
    const list = join(repository.dist, 'sites/jena/cloud/kustomization.yaml');
    writeFileSync(list, `<<<<<<< HEAD\n${readFileSync(list, 'utf8')}`);
    const commit = await argoCd.push(repository.folder, 'sites');
    await synced(commit, 'bremen-cloud', 'kiel-cloud');
    expect(await argoCd.says('jena-cloud', 'Failed to load target state')).toMatchObject({ sync: 'Unknown' });
    expect(await versions('jena')).toEqual(before);
    // The next run of the program writes the file anew.
    await synced(await push(), 'jena-cloud');
    expect(await versions('jena')).toEqual(before);
  });

  test('from L5 to L4 nothing of a unit changes, its Application says what to do, and L5 again ends that by itself', async () => {
    const before = await versions('trier');
    const refused = await push({ trier: { autonomyLevel: L4 } });
    const state = await argoCd.settled('trier-cloud', refused, ({ message }) => message.includes("can't be set to L4"));
    expect(state.message).toContain('set it to L3 and then to L4');
    expect(await versions('trier')).toEqual(before);
    const back = await push({ trier: { autonomyLevel: L5 } });
    await argoCd.settled(
      'trier-cloud',
      back,
      ({ sync, operation, syncedRevision }) =>
        sync === 'Synced' && operation === 'Succeeded' && syncedRevision === back,
    );
    expect(await versions('trier')).toEqual(before);
  });

  test('a site that is removed at L4 is told of and kept, by its guard, too, and is well again when it is put back', async () => {
    const before = await versions('mainz');
    await push({ mainz: undefined });
    for (const chart of ['cloud', 'apps'])
      expect(await argoCd.says(`mainz-${chart}`, 'app path does not exist')).toMatchObject({ sync: 'Unknown' });
    expect(await versions('mainz')).toEqual(before);

    await argoCd.delete('mainz-cloud', { cascade: true });
    const ending = await argoCd.says('mainz-cloud', 'downgrade it to L3 before deleting it');
    expect(ending).toMatchObject({ isEnding: true });
    expect(await versions('mainz')).toEqual(before);

    const back = await push({ mainz: { autonomyLevel: L4 } });
    await argoCd.madeAnew('mainz-cloud', 'sites');
    await synced(back, 'mainz-cloud', 'mainz-apps');
    expect(await versions('mainz')).toMatchObject(before);
    expect(await cluster.get(inDefault('app-mainz'))).toBeDefined();
  });

  test('an Application that somebody deletes at L4 leaves all of the site, and comes back', async () => {
    const before = await versions('jena');
    await argoCd.delete('jena-cloud', { cascade: false });
    await argoCd.refreshSet('sites');
    await synced(await push(), 'jena-cloud');
    expect(await versions('jena')).toEqual(before);
  });

  test('a site ends: L3, its nodes are recycled, it is removed, its Applications are deleted, and nothing is left', async () => {
    const ended = await push({ kiel: { autonomyLevel: L3 } });
    await synced(ended, 'kiel-cloud');
    expect(await namesOf(cluster, 'kiel')).toContain('DaemonSet kiel-recycle-kins');
    expect((await argoCd.state('kiel-cloud'))?.differing).toEqual([]);
    const others = [await versions('trier'), await versions('mainz')];
    await push({ kiel: undefined });
    for (const chart of ['cloud', 'apps']) {
      await argoCd.says(`kiel-${chart}`, 'app path does not exist');
      await argoCd.delete(`kiel-${chart}`, { cascade: true });
    }
    await eventually('nothing of kiel is left', async () => {
      const left = [
        ...(await namesOf(cluster, 'kiel')),
        await cluster.get(inDefault('app-kiel')),
        await argoCd.state('kiel-cloud'),
      ];
      return left.every((each) => each === undefined);
    });
    expect([await versions('trier'), await versions('mainz')]).toEqual(others);
    expect(await cluster.get(NAMESPACE)).toMatchObject({ status: { phase: 'Active' } });
  });

  test('a unit that was applied by hand before is adopted with all that pods wrote, and L3 takes off what it has', async () => {
    repository.render({ ...sites, kehl: { autonomyLevel: L4 } }, 'argocd');
    const folder = join(repository.dist, 'sites/kehl/cloud');
    const args = ['apply', '--server-side', '--field-manager=kubectl-edge-constructs', '--kustomize', folder];
    expect((await cluster.kubectl(args)).code).toBe(0);
    await actAsPods(cluster, 'kehl');
    const secret = await dataOf(cluster, 'Secret', 'kehl-sec-kins');
    const adopted = await push({ kehl: { autonomyLevel: L4 } });
    await synced(adopted, 'kehl-cloud');
    // Argo CD takes what is as in Git for its own, and leaves the fields to whoever applied them.
    const selector = ['--namespace', KINS_NAMESPACE, '--selector', 'edge-constructs.io/unit=kehl'];
    const found = await cluster.kubectl(['get', HANDED_OVER, ...selector, '--output=json', '--show-managed-fields']);
    const input = found.stdout.replaceAll('"manager": "kubectl-edge-constructs"', '"manager": "argocd-controller"');
    expect(await cluster.kubectl(['replace', '--filename=-'], { input })).toMatchObject({ code: 0 });
    await argoCd.sync('kehl-cloud');
    await argoCd.settled('kehl-cloud', adopted, ({ operation }) => operation === 'Succeeded');
    expect(await dataOf(cluster, 'Secret', 'kehl-sec-kins')).toEqual(secret);
    expect(await dataOf(cluster, 'ConfigMap', 'kehl-state-kins')).toHaveProperty('cluster-id', 'kehl-uid');

    await synced(await push({ kehl: { autonomyLevel: L3 } }), 'kehl-cloud');
    for (const { kind, metadata, spec } of await objectsOf(cluster, 'kehl')) {
      expect([kind, metadata.name, metadata.finalizers]).toEqual([kind, metadata.name, undefined]);
      expect(metadata.annotations).toMatchObject({ 'edge-constructs.io/deletion': 'allowed' });
      if (kind !== 'DaemonSet' || metadata.name === 'kehl-recycle-kins') continue;
      const { containers } = (spec as { template: { spec: { containers: { name: string }[] } } }).template.spec;
      expect(containers.map(({ name }) => name)).toEqual(['ended']);
    }
  });

  test("what is for a site's own K3s cluster goes there once Argo CD knows it, and to no other", async () => {
    const commit = await push({ jena: { autonomyLevel: L4, hasEdgeChart: true }, fulda: { autonomyLevel: L4 } });
    await argoCd.setSays('sites', 'there are no clusters with this name: edge-jena');
    await synced(commit, 'jena-cloud', 'fulda-cloud');
    expect(await argoCd.state('jena-pos')).toBeUndefined();
    expect(await cluster.get(inDefault('pos'))).toBeUndefined();
    // The same API server under another address: Argo CD tells clusters apart by it.
    const server = cluster.access.url.replace('127.0.0.1', 'localhost');
    await apply(cluster, [clusterSecret(cluster, 'edge-jena', server)]);
    await argoCd.refreshSet('sites');
    await synced(commit, 'jena-pos');
    expect(await cluster.get(inDefault('pos'))).toMatchObject({
      metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'jena-pos:/ConfigMap:default/pos' } },
    });
  });
});
