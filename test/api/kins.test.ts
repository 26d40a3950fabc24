import { AutonomyLevel } from '../../lib';
import { scriptsFor, scriptsName } from '../../lib/kins/pods/unit-scripts';
import { find } from '../support/render';
import { kinsObjects, LEVELS } from '../support/units';
import { podSecurityViolations, policyWarnings } from './support/admission';
import { apply, applyServerSide, remove, tryDelete, unchanged } from './support/apply';
import { connect } from './support/connect';
import { endUnit, isShared } from './support/end-unit';
import type { KubeObject } from './support/objects';
import { eventually } from './support/poll';

const { L3, L4, L5 } = AutonomyLevel;
const NAMESPACE = 'kins-system';
const cluster = connect();
afterAll(() => {
  cluster.close();
});

describe.each(LEVELS)('a unit at %s', (level) => {
  const unit = `apply-${level.toLowerCase()}`;
  const objects = kinsObjects(unit, level, {
    hostPorts: [80, 443],
    registryMirrors: {
      'docker.io': ['https://mirror.example.com'],
      'ghcr.io:443': ['https://mirror.example.com/ghcr'],
    },
    registries: {
      'mirror.example.com': {
        auth: { secretName: 'mirror' },
        caSecret: { secretName: 'mirror' },
        clientCertificate: { secretName: 'mirror-client' },
      },
      'registry.example.com:5000': { auth: { secretName: 'mirror', identityTokenKey: 'token' } },
    },
    imagePullSecrets: ['pull'],
    tolerations: [{ key: 'kins' }],
  });
  afterAll(async () => {
    await endUnit(cluster, unit, objects);
  });

  test('is accepted with strict validation and without a warning, and a second apply changes nothing', async () => {
    const results = await applyServerSide(cluster, objects);
    expect(results.filter(({ outcome, warnings }) => outcome === 'error' || warnings.length > 0)).toEqual([]);
    await unchanged(cluster, objects);
  });
});

test('the guard has expressions that the API server finds sound', async () => {
  const policies = kinsObjects('sound', L4).filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
  expect(policies).toHaveLength(2);
  await apply(cluster, policies);
  for (const policy of policies) expect(await policyWarnings(cluster, policy)).toEqual([]);
});

describe('what the cluster fills in', () => {
  const unit = 'filled';
  const objects = kinsObjects(unit, L4);
  beforeAll(async () => {
    await apply(cluster, objects);
  });
  afterAll(async () => {
    await endUnit(cluster, unit, objects);
  });

  test('stays when the unit is applied again', async () => {
    const secret = find(objects, 'Secret', 'filled-sec-kins');
    const state = find(objects, 'ConfigMap', 'filled-state-kins');
    await patch(secret, { stringData: tokens('a') });
    await patch(state, { data: { 'cluster-id': 'some-uid' } });
    await apply(cluster, objects);
    expect(await cluster.get(secret)).toMatchObject({ data: { 'server-token': base64('server a') } });
    expect(await cluster.get(state)).toMatchObject({ data: { 'cluster-id': 'some-uid' } });
  });

  test('the mark of the cluster goes only when the cluster that is given up is named', async () => {
    const state = find(objects, 'ConfigMap', 'filled-state-kins');
    await patch(state, { data: { 'cluster-id': 'some-uid' } });
    const refusal = /keeps NodeUnit filled from becoming two clusters/;
    const giveUp = (id: string): object => ({ metadata: { annotations: { 'edge-constructs.io/give-up': id } } });
    await eventually('the guard refuses to drop the mark', async () => {
      return refusal.test(await refusalOf(state, { data: { 'cluster-id': null } }, { dryRun: 'All' }));
    });
    expect(await refusalOf(state, { data: null })).toMatch(refusal);
    expect(await refusalOf(state, { data: { 'cluster-id': 'another' } })).toMatch(refusal);
    expect(await refusalOf(state, { ...giveUp('another'), data: { 'cluster-id': null } })).toMatch(refusal);
    expect(await refusalOf(state, { data: { 'ca-hash': 'new' } })).toBe('');
    expect(await refusalOf(state, { ...giveUp('some-uid'), data: { 'cluster-id': null } })).toBe('');
    // It names that one, and no other.
    await patch(state, { data: { 'cluster-id': 'next' } });
    expect(await refusalOf(state, { data: { 'cluster-id': null } })).toMatch(refusal);
  });

  test('the mark may name a later life of the same cluster, which has been restored, and nothing else', async () => {
    const state = find(objects, 'ConfigMap', 'filled-state-kins');
    const query = { dryRun: 'All' };
    const to = (id: string): Promise<string> => refusalOf(state, { data: { 'cluster-id': id } }, query);
    const present = ((await cluster.get(state))?.data as Record<string, string>)['cluster-id'] ?? '';
    expect(await to(`${present}.1700000000`)).toBe('');
    await patch(state, { data: { 'cluster-id': `${present}.1700000000` } });
    expect(await to(`${present}.1700000001`)).toBe('');
    for (const other of [
      present,
      `${present}.1699999999`,
      'another.1800000000',
      'another',
      `${present}.1800000000.1`,
    ]) {
      expect([other, await to(other)]).toEqual([other, expect.stringMatching(/from becoming two clusters/)]);
    }
  });

  test('cannot be changed or emptied: the servers need the tokens they have', async () => {
    const secret = find(objects, 'Secret', 'filled-sec-kins');
    const refusal = /NodeUnit filled needs the tokens it has/;
    await eventually('the guard refuses other tokens', async () => {
      return refusal.test(await refusalOf(secret, { stringData: tokens('b') }, { dryRun: 'All' }));
    });
    expect(await refusalOf(secret, { data: null })).toMatch(refusal);
    expect(await refusalOf(secret, { data: { 'agent-token': null } })).toMatch(refusal);
    expect(await refusalOf(secret, { stringData: { 'kubeconfig.conf': 'new' } })).toBe('');
  });
});

describe('the guard', () => {
  const unit = 'guarded';
  const objects = kinsObjects(unit, L5);
  const namespace = find(objects, 'Namespace', NAMESPACE);
  const server = find(objects, 'DaemonSet', 'guarded-server-kins');
  const guard = find(objects, 'ConfigMap', 'guarded-guard-kins');
  const refusal = 'NodeUnit guarded is at L5: downgrade it to L3 before deleting it';
  const NAMESPACE_REFUSAL = "with binding 'guarded-namespace-kins' denied request: The NodeUnit that this binding is";
  const policies = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
  const bindings = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');

  beforeAll(async () => {
    await apply(cluster, objects);
    await eventually('the guard is in force', async () => (await tryDelete(cluster, server)).status !== 200);
  });
  afterAll(async () => {
    await endUnit(cluster, unit, objects);
  });

  const guarded = objects.filter((object) => !isShared(object) && !object.kind.startsWith('Validating'));
  test.each(guarded.map((object) => [object.kind, object.metadata.name, object] as const))(
    'refuses to delete %s %s',
    async (_kind, _name, object) => {
      expect(await tryDelete(cluster, object)).toMatchObject({
        status: 403,
        body: { message: expect.stringContaining(refusal) as unknown },
      });
    },
  );

  test('refuses to delete the namespace, and says why', async () => {
    // Other units of this run may object too, until the API server has learnt that they are gone.
    await eventually('the unit objects', async () => {
      const { status, body } = await tryDelete(cluster, namespace);
      return status === 403 && (body as { message: string }).message.includes(NAMESPACE_REFUSAL);
    });
  });

  test('refuses to delete collections that the unit is in', async () => {
    const { code, stderr } = await cluster.kubectl([
      'delete',
      'daemonsets',
      '--all',
      '-n',
      NAMESPACE,
      '--dry-run=server',
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(refusal);
  });

  test('lets pods go, and objects of others', async () => {
    const other: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'other', namespace: NAMESPACE },
    };
    await apply(cluster, [other]);
    await remove(cluster, [other]);
    expect(await cluster.get(other)).toBeUndefined();
  });

  test.each(scriptsFor(L5))('refuses to delete the scripts of its %s pods, and to change them', async (of) => {
    const scripts = find(objects, 'ConfigMap', scriptsName(of));
    const { status, body } = await tryDelete(cluster, scripts);
    expect([status, (body as { message: string }).message]).toEqual([
      403,
      expect.stringContaining(NAMESPACE_REFUSAL) as unknown,
    ]);
    expect(await refusalOf(scripts, { data: { 'wait.sh': 'true' } }, { dryRun: 'All' })).toContain('immutable');
  });

  test('keeps the scripts that a version before made for it alone, until somebody says that they may go', async () => {
    const own = find(kinsObjects(unit, L3), 'ConfigMap', 'guarded-scripts-kins');
    await apply(cluster, [
      { ...own, metadata: { ...own.metadata, annotations: undefined }, data: { 'cri.sh': 'true' } },
    ]);
    expect(await tryDelete(cluster, own)).toMatchObject({ status: 403 });
    const name = { 'edge-constructs.io/deletion': 'allowed' };
    await patch(own, { metadata: { annotations: name } });
    await remove(cluster, [own]);
    expect(await cluster.get(own)).toBeUndefined();
    // It is so for those alone.
    expect(await refusalOf(server, { metadata: { annotations: name } })).toBe('');
    expect(await tryDelete(cluster, server)).toMatchObject({ status: 403 });
    await apply(cluster, objects, { forceConflicts: true });
  });

  test('keeps the label that it goes by', async () => {
    const refused = await refusalOf(
      server,
      { metadata: { labels: { 'edge-constructs.io/unit': null } } },
      { dryRun: 'All' },
    );
    expect(refused).toContain('are what guards the objects of NodeUnit guarded: keep them');
    // What is labelled as the recycler is not guarded at all.
    for (const component of [null, 'recycle', 'another']) {
      const labels = { 'edge-constructs.io/component': component };
      expect(await refusalOf(server, { metadata: { labels } }, { dryRun: 'All' })).toContain(
        'are what guards the objects of NodeUnit guarded: keep them',
      );
    }
  });

  test('goes on when its policies and bindings are told to go', async () => {
    for (const object of [...policies, ...bindings]) {
      const { status } = await cluster.request('DELETE', await cluster.pathOf(object));
      expect(status).toBe(200);
      expect(await cluster.get(object)).toMatchObject({
        metadata: { deletionTimestamp: expect.any(String) as unknown },
      });
    }
    // Long enough for the API server to have noticed.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await tryDelete(cluster, server)).toMatchObject({ status: 403 });
  });

  test('says on what it guards, for everybody to read, that it does and what to do', async () => {
    for (const object of [server, guard]) {
      expect(await cluster.get(object)).toMatchObject({
        metadata: {
          annotations: {
            'edge-constructs.io/deletion': 'refused: NodeUnit guarded is at L5: downgrade it to L3 before deleting it',
          },
        },
      });
    }
  });

  test('refuses to shrink from three servers to one, and keeps all that pods read out of reach, with the safe way told', async () => {
    const results = await applyServerSide(cluster, kinsObjects(unit, L4));
    const refused = results.filter(({ outcome }) => outcome === 'error');
    const guarded = kinsObjects(unit, L4).filter(
      (object) => !isShared(object) && !object.kind.startsWith('Validating'),
    );
    expect(refused.map(({ object }) => object)).toEqual(
      guarded.map(({ kind, metadata: { name } }) => `${kind} ${NAMESPACE}/${name}`),
    );
    for (const { message } of refused) {
      expect(message).toContain("NodeUnit guarded is at L5 and can't be set to L4");
      expect(message).toContain('set it to L3 and then to L4');
    }
    await apply(cluster, objects);
  });

  test('steps aside at L3, whatever goes first', async () => {
    await apply(cluster, kinsObjects(unit, L3));
    await eventually('the guard learns of L3', async () => (await tryDelete(cluster, server)).status === 200);
    // Told to go before, they go as soon as the downgrade lets them. What guards other units does not.
    for (const binding of bindings) {
      await eventually(`${binding.metadata.name} is gone`, async () => (await cluster.get(binding)) === undefined);
    }
    for (const policy of policies) expect(await cluster.get(policy)).toBeDefined();
    // Applied again, as GitOps would.
    await apply(cluster, kinsObjects(unit, L3));
    await remove(cluster, [server]);
    expect(await cluster.get(server)).toBeUndefined();
  });
});

describe('the namespace', () => {
  test('goes when no unit with a cluster is in it, with all that units at L3 have there', async () => {
    const objects = kinsObjects('last', L3);
    await apply(cluster, objects);
    const namespace = find(objects, 'Namespace', NAMESPACE);
    await eventually('its deletion is allowed', async () => (await tryDelete(cluster, namespace)).status === 200);
    await remove(cluster, [namespace]);
    await remove(
      cluster,
      objects.filter(({ kind }) => kind.startsWith('Validating')),
    );
    if (cluster.access.controllers) expect(await cluster.get(namespace)).toBeUndefined();
  });
});

describe('Pod Security', () => {
  const objects = kinsObjects('security', L5);
  const violations = async (kind: string, name: string): Promise<string[]> =>
    (await podSecurityViolations(cluster, find(objects, kind, name), 'restricted')).map(({ check }) => check).sort();

  test('the server pod passes all of `restricted` but what the node needs: its network, its disk, and root to keep programs on it', async () => {
    // `restricted` reports a hostPath as a volume type.
    expect(await violations('DaemonSet', 'security-server-kins')).toEqual([
      'host namespaces',
      'restricted volume types',
      // The container `release`, which keeps programs where the server itself must not write.
      'runAsNonRoot != true',
      'runAsUser=0',
    ]);
  });

  test('only the cri and agent pods are privileged, as the namespace says', async () => {
    expect(await violations('DaemonSet', 'security-cri-kins')).toContain('privileged');
    expect(await violations('DaemonSet', 'security-agent-kins')).toContain('privileged');
    const namespace = find(objects, 'Namespace', NAMESPACE);
    expect(namespace.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'privileged' });
  });
});

function tokens(of: string): Record<string, string> {
  return { 'server-token': `server ${of}`, 'agent-token': `agent ${of}`, 'admin-token': `admin ${of}` };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

async function patch(object: KubeObject, body: object): Promise<void> {
  expect(await refusalOf(object, body)).toBe('');
}

/** The message of a refused merge patch; empty when it was let through. */
async function refusalOf(object: KubeObject, body: object, query: Record<string, string> = {}): Promise<string> {
  const path = await cluster.pathOf(object);
  const response = await cluster.request('PATCH', path, { contentType: 'application/merge-patch+json', body, query });
  return response.status === 200 ? '' : (response.body as { message: string }).message;
}
