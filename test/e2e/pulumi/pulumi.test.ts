import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { apply } from '../../api/support/apply';
import type { Cluster } from '../../api/support/cluster';
import { ControlPlane } from '../../api/support/control-plane';
import { describeWithCrds, installCrds } from '../../api/support/crds';
import type { KubeObject } from '../../api/support/objects';
import { eventually } from '../../api/support/poll';
import { EdgeClusterDouble } from './edge-cluster-double';
import { Backend, describeWithEngine, PROGRAMS, ROOT, testWithRandom, testWithYaml, type Stack } from './engine';
import { InstalledPackage } from './installed-package';

jest.setTimeout(1_800_000);

const program = (name: string): string => join(PROGRAMS, name);

describeWithEngine('pulumi', () => {
  let plane: ControlPlane;
  let cluster: Cluster;
  let double: EdgeClusterDouble;
  let backend: Backend;
  let kubeconfig: string;
  const secrets: string[] = [];

  beforeAll(async () => {
    plane = await ControlPlane.start();
    cluster = plane.cluster;
    kubeconfig = readFileSync(cluster.access.kubeconfig, 'utf8');
    double = new EdgeClusterDouble(cluster, randomBytes(20).toString('hex'));
    double.start();
    backend = new Backend();
    secrets.push(cluster.access.token, double.credential);
  });
  afterAll(async () => {
    backend.dispose();
    await double.stop();
    await plane.stop();
  });
  afterEach(() => {
    for (const secret of secrets) expect(backend.occurrences(secret)).toEqual([]);
  });

  async function exists(apiVersion: string, kind: string, name: string, namespace?: string): Promise<boolean> {
    return (await cluster.get({ apiVersion, kind, metadata: { name, namespace } })) !== undefined;
  }

  /** Up again, previewed and refreshed: nothing changes. */
  async function isSettled(stack: Stack): Promise<void> {
    await stack.run('preview', '--expect-no-changes');
    await stack.run('up', '--yes', '--skip-preview', '--expect-no-changes');
    await stack.run('refresh', '--yes', '--skip-preview', '--expect-no-changes');
  }

  async function versions(label: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const kind of [
      'configmaps',
      'secrets',
      'services',
      'serviceaccounts',
      'daemonsets.apps',
      'roles.rbac.authorization.k8s.io',
    ]) {
      const { stdout } = await cluster.kubectl(['get', kind, '-A', '-l', label, '-o', 'json']);
      for (const { kind: each, metadata } of (JSON.parse(stdout) as { items: KubeObject[] }).items) {
        found[`${each}/${metadata.name}`] = String(metadata.generation ?? metadata.resourceVersion);
      }
    }
    return found;
  }

  testWithRandom('the example with a chart of cdk8s-plus: up, up, update, refresh, destroy', async () => {
    const stack = await backend.stack(join(ROOT, 'examples/pulumi/own-chart'), 'own', { cloudKubeconfig: kubeconfig });
    const preview = await stack.run('preview');
    expect(preview).toMatch(/kubernetes:core\/v1:ConfigMap\s+settings\/settings\/Resource\s+create/);
    await stack.run('up', '--yes', '--skip-preview');
    const passwords = await stack.passwords();
    expect(passwords).toHaveLength(1);
    secrets.push(...passwords);
    const { stdout } = await cluster.kubectl(['get', 'configmaps', '-n', 'default', '-o', 'json']);
    expect(stdout).toContain(passwords[0]);
    await isSettled(stack);

    await stack.configure({ databaseHost: 'other.example.com' });
    expect(await stack.run('up', '--yes')).not.toMatch(/replac|other\.example\.com/);
    expect((await cluster.kubectl(['get', 'configmaps', '-n', 'default', '-o', 'json'])).stdout).toContain(
      `${passwords[0]}@other.example.com`,
    );
    await isSettled(stack);
    // The search for secrets finds what is there.
    expect(backend.occurrences('kubernetes:core/v1:ConfigMap')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/\.pulumi\/stacks\/.*own\.json$/),
        expect.stringMatching(/^output of/),
      ]),
    );
    await stack.run('destroy', '--yes', '--skip-preview');
    expect((await cluster.kubectl(['get', 'configmaps', '-n', 'default', '-o', 'json'])).stdout).not.toContain(
      passwords[0],
    );
  });

  testWithYaml('the example in another language: the components, their provider, secrets and refusals', async () => {
    const installed = new InstalledPackage();
    try {
      installed.addProgram(join(ROOT, 'examples/pulumi/other-language'));
      // Pulumi makes an object of a text that is JSON, as the test's kubeconfig is; people's are YAML.
      const stack = await backend.stack(installed.project, 'yaml', {
        cloudKubeconfig: stringify(JSON.parse(kubeconfig)),
      });
      expect(await stack.run('preview')).toMatch(/DaemonSet\s+shop\/shop\/server\s+create/);
      await stack.run('up', '--yes', '--skip-preview');
      secrets.push(...(await stack.passwords()));
      expect(await stack.outputs()).toMatchObject({
        tunnelKubeconfig: expect.stringContaining(`${double.credential}-tunnel`) as unknown,
        deletionAdvice: expect.stringMatching(/^Unit shop is at L4: set autonomyLevel to L3/) as unknown,
      });
      await isSettled(stack);
      const refused = await stack.attempt('destroy', '--yes', '--skip-preview');
      expect(refused.code).not.toBe(0);
      expect(refused.text).toMatch(/set autonomyLevel to L3 and run pulumi up/);
      await stack.configure({ autonomyLevel: 'L3' });
      await stack.run('up', '--yes', '--skip-preview');
      await stack.run('destroy', '--yes', '--skip-preview');
      expect(await versions('edge-constructs.io/unit=shop')).toEqual({});
    } finally {
      installed.dispose();
    }
  });

  test('a unit: waits, tells kubeconfigs, refuses L5 to L4 and destroy, ends by way of L3', async () => {
    const stack = await backend.stack(program('unit'), 'unit', {
      cloudKubeconfig: kubeconfig,
      unit: 'plant',
      nodes: 'a,b,c',
      level: 'L5',
      tokenSecret: 'filled-by-others',
    });
    double.stuck.add('agent');
    const first = stack.start('up', '--yes', '--skip-preview');
    await eventually(
      'it tells what it waits for',
      () => Promise.resolve(first.said().includes('waiting until all nodes have joined')),
      300_000,
    );
    double.stuck.delete('agent');
    const { code, text } = await first.outcome;
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/waiting until all nodes have joined: 0 of 3 joined: node a is not in the cluster; node b/);
    expect(await stack.outputs()).toMatchObject({
      directKubeconfig: expect.stringContaining(`${double.credential}-direct`) as unknown,
      tunnelKubeconfig: expect.stringContaining(`${double.credential}-tunnel`) as unknown,
      nodeKubeconfig: expect.stringContaining('tokenFile: /var/lib/kins/plant/access/token') as unknown,
    });
    await isSettled(stack);

    // A name that is no DNS name is found when its Output is known, and told as by the construct.
    await stack.configure({ name: 'not a name' });
    const wrong = await stack.attempt('preview');
    expect(wrong.code).not.toBe(0);
    expect(wrong.text).toContain('; allowed: a DNS name or an IP address. Name what clients write in the URL');
    await stack.configure({ name: 'plant.example.com' });
    await stack.run('up', '--yes', '--skip-preview');

    await stack.configure({ level: 'L4' });
    const smaller = await stack.attempt('preview');
    expect(smaller.code).not.toBe(0);
    expect(smaller.text).toMatch(/A unit at L5 can't be set to L4: two of its three servers/);
    await stack.configure({ level: 'L5' });

    const before = await versions('edge-constructs.io/unit=plant');
    expect(Object.keys(before).length).toBeGreaterThan(10);
    for (const args of [['--skip-preview'], ['--run-program', '--skip-preview'], ['--run-program']]) {
      const refused = await stack.attempt('destroy', '--yes', ...args);
      expect(refused.code).not.toBe(0);
      expect(refused.text).toMatch(/set autonomyLevel to L3 and run pulumi up/);
    }
    expect(await versions('edge-constructs.io/unit=plant')).toEqual(before);

    await stack.configure({ level: 'L3' });
    double.stuck.add('recycle');
    const down = stack.start('up', '--yes', '--skip-preview');
    await eventually(
      'it tells that nodes are not clean',
      () => Promise.resolve(down.said().includes('waiting until all nodes are clean: 0 of 3 clean')),
      300_000,
    );
    double.stuck.delete('recycle');
    const cleaned = await down.outcome;
    expect({ code: cleaned.code, text: cleaned.text }).toMatchObject({ code: 0 });
    // L3 has all that the unit had, emptied: whatever ends the unit then leaves nothing behind.
    expect(await exists('v1', 'ServiceAccount', 'plant-server-kins', 'kins-system')).toBe(true);
    expect(await exists('apps/v1', 'DaemonSet', 'plant-recycle-kins', 'kins-system')).toBe(true);
    await isSettled(stack);
    await stack.run('destroy', '--yes', '--skip-preview');
    expect(await versions('edge-constructs.io/unit=plant')).toEqual({});
    // The namespace may hold units of other stacks.
    expect(await exists('v1', 'Namespace', 'kins-system')).toBe(true);
  });

  test('a provider that would delete what a unit needs is refused, once, before anything is made', async () => {
    const stack = await backend.stack(program('unit'), 'replacing', {
      cloudKubeconfig: kubeconfig,
      unit: 'depot',
      nodes: 'a',
      level: 'L4',
      tokenSecret: 'filled-by-others',
      replacing: 'true',
    });
    for (const command of [['preview'], ['up', '--yes', '--skip-preview']]) {
      const { code, text } = await stack.attempt(...command);
      expect(code).not.toBe(0);
      expect(text.match(/provider\.enableConfigMapMutable: given nothing; allowed: true/g)).toHaveLength(1);
      expect(text).toMatch(/provider\.enableSecretMutable: given nothing; allowed: true/);
    }
    expect(await versions('edge-constructs.io/unit=depot')).toEqual({});
    await stack.run('destroy', '--yes', '--skip-preview');
  });

  testWithRandom(
    'a unit that another stack has is refused first, also where objects are taken over, and can be moved',
    async () => {
      const unit = { cloudKubeconfig: kubeconfig, unit: 'moved', nodes: 'a', level: 'L4' };
      const [first, second] = [
        await backend.stack(program('unit'), 'one', unit),
        await backend.stack(program('unit'), 'two', { ...unit, upsert: 'true' }),
      ];
      await first.run('up', '--yes', '--skip-preview');
      secrets.push(...(await first.passwords()));
      const before = await versions('edge-constructs.io/unit=moved');
      for (const command of [['preview'], ['up', '--yes', '--skip-preview']]) {
        const { code, text } = await second.attempt(...command);
        expect(code).not.toBe(0);
        expect(text).toContain('Unit moved is already in the cluster and belongs to stack unit/one; this is unit/two.');
      }
      expect(await versions('edge-constructs.io/unit=moved')).toEqual(before);
      await isSettled(first);

      await second.run('destroy', '--yes', '--skip-preview');
      const [urn] = /urn:\S+:KinsCluster::moved/.exec(await first.run('stack', '--show-urns')) ?? [];
      await backend.run(program('unit'), 'state', 'move', '--source', 'organization/unit/one', '--dest', 'organization/unit/two', urn!, '--yes'); // prettier-ignore
      await second.run('up', '--yes', '--skip-preview');
      await isSettled(second);
      const after = await versions('edge-constructs.io/unit=moved');
      const changed = Object.keys(before).filter((each) => after[each] !== before[each]);
      expect([Object.keys(after), changed]).toEqual([Object.keys(before), ['ConfigMap/moved-guard-kins']]);
      await first.run('destroy', '--yes', '--skip-preview');
      expect(await versions('edge-constructs.io/unit=moved')).toEqual(after);
      await second.configure({ level: 'L3' });
      await second.run('up', '--yes', '--skip-preview');
      await second.run('destroy', '--yes', '--skip-preview');
    },
  );

  test('a unit that does not get ready: the update ends in time and names the cause', async () => {
    const stack = await backend.stack(program('unit'), 'stuck', {
      cloudKubeconfig: kubeconfig,
      unit: 'shop',
      nodes: 'nowhere',
      level: 'L4',
      tokenSecret: 'filled-by-others',
      timeout: '5s',
    });
    double.stuck.add('server');
    const { code, text } = await stack.attempt('up', '--yes', '--skip-preview');
    double.stuck.delete('server');
    expect(code).not.toBe(0);
    expect(text).toContain(
      'Unit shop: gave up after 5 seconds waiting until the servers are ready: 0 of 1 ready: node nowhere is not in the cluster. ' +
        "Nothing is rolled back: fix the cause and run 'pulumi up' again.",
    );
    await stack.run('up', '--yes', '--skip-preview');
    // Nor does it get clean.
    await stack.configure({ level: 'L3' });
    double.stuck.add('recycle');
    const unclean = await stack.attempt('up', '--yes', '--skip-preview');
    double.stuck.delete('recycle');
    expect(unclean.code).not.toBe(0);
    expect(unclean.text).toContain(
      'Unit shop: gave up after 5 seconds waiting until all nodes are clean: 0 of 1 clean: node nowhere is not in the cluster. ' +
        "Nothing is rolled back: fix the cause and run 'pulumi up' again. A node that is gone for good never becomes clean",
    );
    await stack.configure({ timeout: '5m' });
    await stack.run('up', '--yes', '--skip-preview');
    await stack.run('destroy', '--yes', '--skip-preview');
  });

  test('the engine killed in the middle of an update: the next one ends it', async () => {
    const secret = randomBytes(20).toString('hex');
    secrets.push(secret);
    const stack = await backend.stack(program('many'), 'many', { cloudKubeconfig: kubeconfig, secret });
    const count = async (): Promise<number> => {
      const { body } = await cluster.request('GET', '/api/v1/namespaces/default/configmaps', {
        query: { labelSelector: 'edge-constructs.io/test=many' },
      });
      return (body as { items: unknown[] }).items.length;
    };
    const running = stack.start('up', '--yes', '--skip-preview');
    await eventually('some objects are there', async () => (await count()) >= 20, 300_000);
    running.kill();
    await running.outcome;
    expect(await count()).toBeLessThan(120);
    await stack.run('cancel', '--yes');
    await stack.run('up', '--yes', '--skip-preview');
    expect(await count()).toBe(120);
    await stack.run('preview', '--expect-no-changes');
    await stack.run('destroy', '--yes', '--skip-preview');
    expect(await count()).toBe(0);
  });

  test.each(['config-group-v1', 'config-group-v2'])(
    'moving from %s, then renaming a construct, replaces nothing',
    async (from) => {
      const stack = await backend.stack(program('config-group'), from, { cloudKubeconfig: kubeconfig, step: from });
      const uids = async (): Promise<unknown[]> =>
        Promise.all(
          [
            { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'moved', namespace: 'default' } },
            { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'moved' } },
          ].map(async (object) => (await cluster.get(object))?.metadata.uid),
        );
      await stack.run('up', '--yes', '--skip-preview');
      const before = await uids();
      expect(before.every((uid) => typeof uid === 'string')).toBe(true);
      for (const step of ['chart', 'renamed']) {
        await stack.configure({ step });
        const text = await stack.run('up', '--yes', '--skip-preview');
        expect(text).not.toMatch(/replac|deleting.*(ConfigMap|ClusterRole)/);
        expect(await uids()).toEqual(before);
      }
      await stack.run('destroy', '--yes', '--skip-preview');
    },
  );

  describeWithCrds('with the upstream CRDs', () => {
    const SEED: KubeObject = {
      apiVersion: 'kubermatic.k8c.io/v1',
      kind: 'Seed',
      metadata: { name: 'kubermatic', namespace: 'kubermatic' },
      spec: { kubeconfig: { name: 'seed', namespace: 'kubermatic' }, datacenters: { cloud: { spec: { fake: {} } } } },
    };
    const datacenters = async (): Promise<unknown> => {
      const seed = await cluster.get(SEED);
      return (seed?.spec as { datacenters: unknown }).datacenters;
    };
    beforeAll(async () => {
      await installCrds(cluster);
      await apply(cluster, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kubermatic' } }]);
    });

    test('two stacks have a datacenter each in one Seed and a label each on one node; a conflict names the other', async () => {
      const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge1', labels: { own: 'label' } } };
      const other = { ...node, metadata: { name: 'edge2' } };
      const make = (name: string, datacenter: string, country: string, on = 'edge1'): Promise<Stack> =>
        backend.stack(program('two-stacks'), name, { kubeconfig, datacenter, country, node: on });
      const a = await make('first', 'a', 'DE');
      const missing = await a.attempt('preview');
      expect(missing.code).not.toBe(0);
      expect(missing.text).toMatch(/kubermatic\/kubermatic' does not exist/);
      await apply(cluster, [SEED, node, other]);

      await a.run('up', '--yes', '--skip-preview');
      const b = await make('second', 'b', 'US');
      await b.run('up', '--yes', '--skip-preview');
      await isSettled(a);
      expect(await datacenters()).toMatchObject({ a: { country: 'DE' }, b: { country: 'US' }, cloud: {} });
      const labels = async (): Promise<unknown> => (await cluster.get(node))?.metadata.labels;
      expect(await labels()).toEqual({ own: 'label', 'example.com/a': 'DE', 'example.com/b': 'US' });

      // On another node: Pulumi stops at the first conflict, whichever it is.
      const third = await make('third', 'a', 'US', 'edge2');
      const conflict = await third.attempt('up', '--yes', '--skip-preview');
      expect(conflict.code).not.toBe(0);
      expect(conflict.text).toMatch(/conflict/);
      expect(conflict.text).toMatch(/\.spec\.datacenters\.a\.country/);
      await third.attempt('destroy', '--yes', '--skip-preview');

      await a.run('destroy', '--yes', '--skip-preview');
      expect(await datacenters()).toEqual({ b: expect.anything() as unknown, cloud: expect.anything() as unknown });
      expect(await labels()).toEqual({ own: 'label', 'example.com/b': 'US' });
      await b.run('destroy', '--yes', '--skip-preview');
      expect(await cluster.get(SEED)).toBeDefined();
      expect(await labels()).toEqual({ own: 'label' });
    });

    test('what a unit of another stack stands on stays, whatever is destroyed and in which order, until the unit is at L3', async () => {
      const edge5 = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'edge5' } };
      await apply(cluster, [edge5]);
      const ground = await backend.stack(program('ground'), 'ground', { kubeconfig, node: 'edge5' });
      await ground.run('up', '--yes', '--skip-preview');
      const unit = await backend.stack(program('unit'), 'standing', {
        cloudKubeconfig: kubeconfig,
        unit: 'standing',
        nodes: 'edge5',
        level: 'L4',
        tokenSecret: 'filled-by-others',
      });
      await unit.run('up', '--yes', '--skip-preview');
      const state = async (): Promise<unknown> => {
        const kinds = 'clusters.kubermatic.k8c.io/ground nodes/edge5'.split(' ');
        const others = ['machinedeployments.cluster.k8s.io/edge5', 'configmaps/edge-machine-edge5'];
        const { stdout } = await cluster.kubectl(['get', ...kinds, '-o', 'json']);
        const inNamespace = await cluster.kubectl(['get', ...others, '-n', 'kube-system', '-o', 'json']);
        return [stdout, inNamespace.stdout].flatMap((text) =>
          (JSON.parse(text) as { items: KubeObject[] }).items.map(({ metadata: { name, uid, labels } }) => ({
            name,
            uid,
            labels,
          })),
        );
      };
      const before = await state();
      expect(before).toHaveLength(4);
      const ways = [
        ['--skip-preview'],
        ['--skip-preview', '--parallel', '1'],
        ['--run-program'],
        ['--skip-preview', '--target', '**NodePatch**', '--target-dependents'],
        ['--skip-preview', '--target', '**MachineDeployment**', '--target-dependents'],
        ['--skip-preview', '--target', '**kubermatic.k8c.io/v1:Cluster**', '--target-dependents'],
      ];
      for (const way of ways) {
        const { code, text } = await ground.attempt('destroy', '--yes', ...way);
        expect({ way, code: code !== 0 }).toEqual({ way, code: true });
        expect(text).toMatch(
          /binding 'standing-(namespace|metadata)-kins' denied request: .*downgrade it to L3 before deleting/,
        );
        expect(await state()).toEqual(before);
      }
      const alone = await ground.attempt('destroy', '--yes', '--skip-preview', '--target', '**MachineDeployment**');
      expect(alone.text).toMatch(/edge5\/hold' will be destroyed but was not specified in --target list/);
      await ground.configure({ labelled: 'false' });
      expect((await ground.attempt('up', '--yes', '--skip-preview')).code).not.toBe(0);
      expect(await state()).toEqual(before);

      await unit.configure({ level: 'L3' });
      await unit.run('up', '--yes', '--skip-preview');
      await ground.run('destroy', '--yes', '--skip-preview');
      expect(await exists('kubermatic.k8c.io/v1', 'Cluster', 'ground')).toBe(false);
      await unit.run('destroy', '--yes', '--skip-preview');
    });

    testWithRandom('the root example: up, up, update, refresh, destroy', async () => {
      await apply(cluster, [SEED]);
      const stack = await backend.stack(ROOT, 'root', {
        masterKubeconfig: kubeconfig,
        seedKubeconfig: kubeconfig,
        cloudKubeconfig: kubeconfig,
      });
      expect(await stack.run('preview')).toMatch(/DaemonSet\s+shop-site\/shop-site\/server\s+create/);
      await stack.run('up', '--yes', '--skip-preview');
      secrets.push(...(await stack.passwords()));
      expect(await datacenters()).toMatchObject({ 'edge-eu-de': { country: 'DE' } });
      await isSettled(stack);
      expect((await stack.attempt('destroy', '--yes')).text).toMatch(/set autonomyLevel to L3 and run pulumi up/);
      await stack.configure({ autonomyLevel: 'L3' });
      await stack.run('up', '--yes', '--skip-preview');
      await stack.run('destroy', '--yes', '--skip-preview');
      expect(await datacenters()).not.toHaveProperty('edge-eu-de');
    });
  });
});
