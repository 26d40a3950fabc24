import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { EdgeCluster, EdgeDatacenter, EdgeMachine, IpFamily, OperatingSystem, Seed } from '../../lib';
import { ED25519 } from '../kkp/ssh-keys';
import { apply, applyServerSide, createNamespace, remove, removeNamespace, unchanged } from './support/apply';
import { connect } from './support/connect';
import { describeWithCrds, installCrds } from './support/crds';
import type { KubeObject } from './support/objects';
import { run } from './support/process';

const cluster = connect();
afterAll(() => {
  cluster.close();
});

interface SeedObject extends KubeObject {
  readonly spec: { readonly kubeconfig: object; readonly country: string; readonly datacenters: object };
}

function rendered(declare: (chart: Chart) => void): KubeObject[] {
  const chart = new Chart(new App(), 'chart');
  declare(chart);
  return chart.toJson() as KubeObject[];
}

describeWithCrds('a Seed', () => {
  let namespace: string;
  beforeAll(async () => {
    await installCrds(cluster);
  });
  beforeEach(async () => {
    namespace = await createNamespace(cluster);
  });
  afterEach(async () => {
    await removeNamespace(cluster, namespace);
  });

  /** As KKP's documentation has it: with other datacenters and settings that are no business of ours. */
  const existing = (): SeedObject => ({
    apiVersion: 'kubermatic.k8c.io/v1',
    kind: 'Seed',
    metadata: { name: 'kubermatic', namespace },
    spec: {
      kubeconfig: { name: 'kubeconfig-kubermatic', namespace },
      country: 'DE',
      datacenters: { 'hetzner-nbg1': { country: 'DE', spec: { hetzner: { datacenter: 'nbg1-dc3', network: 'kkp' } } } },
    },
  });
  const partial = (...names: string[]): KubeObject[] =>
    rendered((chart) => {
      const seed = new Seed(chart, 'seed', { namespace, country: 'DE' });
      for (const name of names) new EdgeDatacenter(chart, name, { seed, location: name });
    });
  const live = async (): Promise<SeedObject> => (await cluster.get(existing())) as SeedObject;
  const edge = (name: string): object => ({ [name]: { location: name, spec: { edge: {} } } });

  test('is added to one that somebody else owns, takes nothing from it, and a second time changes nothing', async () => {
    await apply(cluster, [existing()], { fieldManager: 'administrator' });
    await apply(cluster, partial('plant7', 'plant8'));
    await unchanged(cluster, partial('plant7', 'plant8'));
    expect((await live()).spec).toEqual({
      ...existing().spec,
      datacenters: { ...existing().spec.datacenters, ...edge('plant7'), ...edge('plant8') },
    });
    // The owner applies again without knowing of the edge, and takes nothing either.
    await apply(cluster, [existing()], { fieldManager: 'administrator' });
    expect((await live()).spec.datacenters).toHaveProperty('plant7');
  });

  test('loses a datacenter that is no longer declared, and no other', async () => {
    await apply(cluster, [existing()], { fieldManager: 'administrator' });
    await apply(cluster, partial('plant7', 'plant8'));
    await apply(cluster, partial('plant8'));
    expect((await live()).spec.datacenters).toEqual({ ...existing().spec.datacenters, ...edge('plant8') });
    await apply(cluster, partial());
    expect((await live()).spec).toEqual(existing().spec);
  });

  test('gives the last datacenter back only where nobody else owns the map; the guide says what to do where somebody does', async () => {
    const { spec, ...seed } = existing();
    const head = { apiVersion: seed.apiVersion, kind: seed.kind, metadata: seed.metadata };
    const add = (name: string): Promise<unknown> =>
      apply(cluster, [{ ...head, spec: { datacenters: edge(name) } }], { fieldManager: 'pulumi' });
    // What Pulumi does with a Patch that is destroyed.
    const giveBack = async (): Promise<unknown> =>
      (await applyServerSide(cluster, [head], { fieldManager: 'pulumi' }))[0];
    const merge = (body: object): Promise<unknown> =>
      cluster.request('PATCH', `/apis/kubermatic.k8c.io/v1/namespaces/${namespace}/seeds/kubermatic`, {
        contentType: 'application/merge-patch+json',
        query: { fieldManager: 'edge-constructs' },
        body,
      });
    await apply(cluster, [{ ...head, spec: { ...spec, datacenters: {} } }], { fieldManager: 'administrator' });
    await add('edge-eu-de');
    expect(await giveBack()).toMatchObject({
      status: 422,
      message: expect.stringContaining('spec.datacenters in body must be of type object: "null"') as unknown,
    });
    expect((await live()).spec.datacenters).toEqual(edge('edge-eu-de'));

    // As the guide says.
    const guide = await readFile(join(__dirname, '../../docs/pulumi.md'), 'utf8');
    const [, patch = ''] = /patch seed kubermatic --type=merge --patch '([^']*)'/.exec(guide) ?? [];
    await merge(JSON.parse(patch) as object);
    expect(await giveBack()).toMatchObject({ status: 200 });
    expect((await live()).spec.datacenters).toEqual({});

    // As an EdgeDatacenter does before it adds the first one.
    await merge({ spec: { datacenters: null } });
    await add('edge-eu-de');
    expect(await giveBack()).toMatchObject({ status: 200 });
    const { datacenters, ...others } = (await live()).spec;
    expect([datacenters, others]).toEqual([undefined, { kubeconfig: spec.kubeconfig, country: 'DE' }]);
  });

  test('is refused where there is none: a partial Seed cannot make one', async () => {
    const [result] = await applyServerSide(cluster, partial('plant7'));
    expect(result).toMatchObject({ status: 422, causes: [{ field: 'spec.kubeconfig' }] });
  });

  test('with a kubeconfig makes one', async () => {
    const whole = rendered((chart) => {
      const seed = new Seed(chart, 'seed', {
        namespace,
        country: 'DE',
        kubeconfig: { name: 'k' },
        location: 'Hamburg',
      });
      new EdgeDatacenter(chart, 'plant7', {
        seed,
        node: { registryMirrors: { 'docker.io': ['mirror.plant7.local'] } },
      });
    });
    await apply(cluster, whole);
    await unchanged(cluster, whole);
  });

  describe('that was made by client-side apply', () => {
    const kubectlApply = async (objects: KubeObject[], ...args: string[]): Promise<string> => {
      // Documents, as in a rendered file: kubectl checks a List by itself, and misses the kubeconfig.
      const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
      const { code, stderr } = await cluster.kubectl(['apply', ...args, '--filename=-'], { input });
      if (code !== 0) throw new Error(stderr);
      return stderr;
    };
    const serverSide = ['--server-side', '--field-manager=kubectl-edge-constructs'];

    test('is safe after the step that docs/kkp.md asks for: its owner applies it server-side', async () => {
      await kubectlApply([existing()]);
      await kubectlApply([existing()], '--server-side');
      expect(await kubectlApply(partial('plant7'), ...serverSide)).toBe('');
      expect(await kubectlApply(partial('plant8'), ...serverSide)).toBe('');
      expect((await live()).spec).toEqual({
        ...existing().spec,
        datacenters: { ...existing().spec.datacenters, ...edge('plant8') },
      });
      const managers = (await live()).metadata.managedFields ?? [];
      // Argo CD moves the fields of this manager, as kubectl does.
      expect(managers.map(({ manager }) => manager)).not.toContain('kubectl-client-side-apply');
    });

    test('is what kubectl takes over as a whole otherwise, which only the required kubeconfig stops', async () => {
      await kubectlApply([existing()]);
      expect(await kubectlApply(partial('plant7'), ...serverSide)).toContain('spec.kubeconfig');
      expect((await live()).spec.datacenters).toHaveProperty('hetzner-nbg1');
    });
  });
});

describeWithCrds('an EdgeCluster and its machines', () => {
  beforeAll(async () => {
    await installCrds(cluster);
  });

  test('are taken by the API server, and a second time change nothing', async () => {
    const objects = rendered((chart) => {
      new EdgeCluster(chart, 'smallest', { datacenter: 'plant7', version: '1.33.4' });
      new EdgeCluster(chart, 'dual', {
        datacenter: 'plant7',
        version: '1.33.4',
        projectId: 'p',
        clusterNetwork: { ipFamily: IpFamily.DUAL_STACK },
      });
    });
    objects.push(
      ...rendered((chart) => {
        for (const operatingSystem of Object.values(OperatingSystem)) {
          new EdgeMachine(chart, operatingSystem.replace('.', '-'), {
            operatingSystem,
            kubeletVersion: '1.33.4',
            sshPublicKeys: [ED25519],
            labels: { site: 'plant7' },
            kubelet: { maxPods: 30, evictionHard: { 'memory.available': '50Mi' } },
          });
        }
      }),
    );
    try {
      await apply(cluster, objects);
      await unchanged(cluster, objects);
    } finally {
      await remove(cluster, objects);
    }
  });
});

test("a machine's script is fetched by the command that people are given, into a file of their own", async () => {
  const script = '#!/bin/sh\necho "größer als" | cat\n';
  const [folder, namespace] = [await mkdtemp(join(tmpdir(), 'script-')), 'cloud-init-settings'];
  const chart = new Chart(new App(), 'chart');
  const { provisioningScript } = new EdgeMachine(chart, 'edge1', {
    operatingSystem: OperatingSystem.UBUNTU_22_04,
    kubeletVersion: '1.33.4',
    sshPublicKeys: [ED25519],
  });
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: provisioningScript.secretName, namespace },
    data: { [provisioningScript.key]: Buffer.from(script).toString('base64') },
  };
  const home: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  try {
    await apply(cluster, [home, secret]);
    // The command says kubectl and nothing of whose: that is left to the user's settings, here to a wrapper.
    const { kubectl, kubeconfig } = cluster.access;
    await writeFile(join(folder, 'kubectl'), `#!/bin/sh\nexec '${kubectl}' --kubeconfig='${kubeconfig}' "$@"\n`);
    await chmod(join(folder, 'kubectl'), 0o755);
    const { code, stderr } = await run('sh', ['-c', `cd '${folder}' && ${provisioningScript.kubectlCommand}`], {
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await readFile(join(folder, 'edge1.sh'), 'utf8')).toBe(script);
    expect((await stat(join(folder, 'edge1.sh'))).mode & 0o777).toBe(0o600);
  } finally {
    await remove(cluster, [secret]);
    await removeNamespace(cluster, namespace);
    await rm(folder, { recursive: true });
  }
});
