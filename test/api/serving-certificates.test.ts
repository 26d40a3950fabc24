import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  EdgeMachine,
  OperatingSystem,
  ServingCertificateApprover,
  type EdgeMachineProps,
  type ServingCertificateApproverProps,
} from '../../lib';
import { ED25519 } from '../kkp/ssh-keys';
import { find, render } from '../support/render';
import { forbidden, permitted } from './support/access';
import { apply, applyServerSide, remove, unchanged } from './support/apply';
import { serviceAccount } from './support/cluster';
import { connect } from './support/connect';
import { describeWithCrds, installCrds } from './support/crds';
import type { KubeObject } from './support/objects';
import { run } from './support/process';

const cluster = connect();
afterAll(() => {
  cluster.close();
});

const APPROVER = 'test-approver';
const USER = serviceAccount('kube-system', APPROVER);
const SIGNER = 'kubernetes.io/kubelet-serving';
const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const SERVING = ['digital signature', 'server auth'];

const approver = (props: ServingCertificateApproverProps = {}): KubeObject[] =>
  render((chart) => {
    new ServingCertificateApprover(chart, APPROVER, props);
  });
const machine = (name: string, props: Partial<EdgeMachineProps> = {}): KubeObject[] =>
  render((chart) => {
    new EdgeMachine(chart, name, {
      operatingSystem: OperatingSystem.UBUNTU_22_04,
      kubeletVersion: '1.33.4',
      sshPublicKeys: [ED25519],
      ...props,
    });
  });

/** What a request asks for, and who makes it. */
interface Request {
  /** Subject as openssl takes it. @default - the node's */
  readonly subject?: string;
  /** Names as openssl takes them; a text that starts with another word is a whole extension. */
  readonly extensions?: readonly string[];
  readonly usages?: readonly string[];
  readonly signer?: string;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly key?: readonly string[];
}

describeWithCrds('the approver of serving certificates', () => {
  let folder: string;
  let count = 0;
  const objects: KubeObject[] = [];
  const made: string[] = [];

  beforeAll(async () => {
    await installCrds(cluster);
    folder = await mkdtemp(join(tmpdir(), 'approver-'));
    objects.push(
      ...approver(),
      ...machine('cert1'),
      ...machine('cert2'),
      ...machine('cert3', { approveServingCertificates: false }),
      ...machine('cert4', { addresses: ['192.0.2.40', 'fd00::40'] }),
      ...machine('cert-absent'),
      // KKP's API server asks its Node authorizer, which the one of these tests does not have.
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'test-nodes' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }],
      },
    );
    await apply(cluster, objects);
    const { body } = await cluster.request('GET', '/api/v1/namespaces/default/services/kubernetes');
    const [ofApiServer = ''] = (body as { spec: { clusterIPs: string[] } }).spec.clusterIPs;
    await addNode('cert1', ['192.0.2.1', 'fd00::1', '192.0.2.99', ofApiServer, '127.0.0.1']);
    await addNode('cert2', ['192.0.2.2', '192.0.2.99']);
    await addNode('cert3', ['192.0.2.3']);
    await addNode('cert4', ['192.0.2.40', 'fd00::40', '192.0.2.41']);
    await addNode('cert5', ['192.0.2.5']);
    await permitted(cluster, USER, { verb: 'list', resource: 'nodes' });
    await permitted(cluster, USER, { verb: 'list', resource: 'machinedeployments.cluster.k8s.io', namespace: 'kube-system' }); // prettier-ignore
    await permitted(cluster, USER, { verb: 'get', resource: 'services', namespace: 'default', name: 'kubernetes' });
    await writeFile(join(folder, 'approve.sh'), scriptOf(find(approver(), 'ConfigMap', APPROVER)));
    await writeFile(join(folder, 'config'), await kubeconfig());
  });
  afterAll(async () => {
    await remove(cluster, objects);
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const name of made.splice(0)) await cluster.request('DELETE', `${REQUESTS}/${name}`);
  });

  async function addNode(name: string, addresses: readonly string[]): Promise<void> {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
    objects.push(node);
    await apply(cluster, [node]);
    const status = {
      addresses: [
        ...addresses.map((address) => ({ type: 'InternalIP', address })),
        { type: 'Hostname', address: name },
      ],
    };
    await cluster.request('PATCH', `/api/v1/nodes/${name}/status`, {
      contentType: 'application/merge-patch+json',
      body: { status },
    });
  }

  async function kubeconfig(): Promise<string> {
    const { body } = await cluster.request('POST', `/api/v1/namespaces/kube-system/serviceaccounts/${APPROVER}/token`, {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } },
    });
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'pod',
      contexts: [{ name: 'pod', context: { cluster: 'pod', user: 'pod' } }],
      clusters: [
        { name: 'pod', cluster: { server: cluster.access.url, 'certificate-authority': cluster.access.caFile } },
      ],
      users: [{ name: 'pod', user: { token: (body as { status: { token: string } }).status.token } }],
    });
  }

  async function pemOf(node: string, request: Request): Promise<string> {
    const { subject = `/O=system:nodes/CN=system:node:${node}`, extensions = [`subjectAltName=DNS:${node}`] } = request;
    const config = join(folder, 'openssl.cnf');
    const section = extensions.length === 0 ? '' : `[wanted]\n${extensions.join('\n')}\n`;
    await writeFile(config, `[req]\ndistinguished_name=name\n[name]\n${section}`);
    const key = request.key ?? ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const wanted = extensions.length === 0 ? [] : ['-reqexts', 'wanted'];
    const { code, stdout, stderr } = await run(
      'openssl',
      ['req', '-new', '-nodes', '-newkey', ...key, '-keyout', join(folder, 'key'), '-config', config, '-subj', subject, ...wanted], // prettier-ignore
      {},
    );
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  /** Makes a request as the kubelet of a node does, and returns its name. */
  async function ask(node: string, request: Request = {}): Promise<string> {
    const { usages = SERVING, signer = SIGNER, user = `system:node:${node}`, groups = ['system:nodes'] } = request;
    const name = `test-request-${++count}`;
    const { code, stderr } = await cluster.kubectl(
      [...[...groups, 'system:authenticated'].map((group) => `--as-group=${group}`), 'create', '-f', '-'],
      {
        as: user,
        input: JSON.stringify({
          apiVersion: 'certificates.k8s.io/v1',
          kind: 'CertificateSigningRequest',
          metadata: { name },
          spec: { request: Buffer.from(await pemOf(node, request)).toString('base64'), signerName: signer, usages },
        }),
      },
    );
    if (code !== 0) throw new Error(stderr);
    made.push(name);
    return name;
  }

  async function look(shell: readonly string[] = ['dash'], path = ''): Promise<{ code: number; said: string }> {
    const [program = 'sh', ...args] = shell;
    const { code, stdout, stderr } = await run(program, [...args, join(folder, 'approve.sh')], {
      env: {
        PATH: `${path}${dirname(cluster.access.kubectl)}:${process.env.PATH ?? ''}`,
        KUBECONFIG: join(folder, 'config'),
        HOME: folder,
      },
    });
    return { code, said: stdout + stderr };
  }

  async function conditions(name: string): Promise<readonly string[]> {
    const { body } = await cluster.request('GET', `${REQUESTS}/${name}`);
    return ((body as { status: { conditions?: { type: string }[] } }).status.conditions ?? []).map(({ type }) => type);
  }

  const good: readonly (readonly [string, string, Request])[] = [
    ['a name and addresses of the node', 'cert1', { extensions: ['subjectAltName=DNS:cert1,IP:192.0.2.1,IP:fd00::1'] }],
    ['a name alone', 'cert2', {}],
    ['an RSA key', 'cert2', { key: ['rsa:2048'], usages: ['key encipherment', ...SERVING] }],
    ['declared addresses', 'cert4', { extensions: ['subjectAltName=DNS:cert4,IP:192.0.2.40,IP:fd00::40'] }],
  ];
  test.each(good)('approves %s', async (_, node, request) => {
    const name = await ask(node, request);
    expect(await look()).toEqual({ code: 0, said: `approved ${name} of node ${node}\n` });
    expect(await conditions(name)).toEqual(['Approved']);
    // Once is enough.
    expect(await look()).toEqual({ code: 0, said: '' });
  });

  const bad: readonly (readonly [string, string, Request, string])[] = [
    ["another node's name", 'cert1', { extensions: ['subjectAltName=DNS:cert1,DNS:cert2'] }, 'it is for another name than cert1'],
    ['two names in one', 'cert1', { extensions: ['subjectAltName=@n', '[n]', 'DNS.1=cert1\\,DNS:evil'] }, 'it is for another name than cert1'],
    ["another node's subject", 'cert1', { user: 'system:node:cert2' }, 'it was made by another than it names'],
    ['a user outside the group of nodes', 'cert1', { groups: ['system:masters'] }, 'it was not made by a node'],
    ['a second organization', 'cert1', { subject: '/O=system:nodes/O=system:masters/CN=system:node:cert1' }, 'it is not written as a kubelet writes it'],
    ['another organization', 'cert1', { subject: '/O=system:masters/CN=system:node:cert1' }, 'its organization is not system:nodes'],
    ['a further part of the subject', 'cert1', { subject: '/C=DE/O=system:nodes/CN=system:node:cert1' }, 'it is not written as a kubelet writes it'],
    ['an address that is not the node\'s', 'cert1', { extensions: ['subjectAltName=IP:198.51.100.1'] }, 'it is for an address that node cert1 does not have'],
    ['an address that another node has, too', 'cert1', { extensions: ['subjectAltName=IP:192.0.2.99'] }, 'it is for an address that node cert2 has, too'],
    ['the address of the API server', 'cert1', { extensions: ['subjectAltName=IP:10.96.0.1'] }, 'it is for an address of the API server'],
    ['loopback', 'cert1', { extensions: ['subjectAltName=IP:127.0.0.1'] }, 'it is for an address that other hosts have, too'],
    ['an address that was not declared', 'cert4', { extensions: ['subjectAltName=IP:192.0.2.41'] }, 'it is for an address that node cert4 does not have'],
    ['a mail address', 'cert1', { extensions: ['subjectAltName=DNS:cert1,email:a@example.com'] }, 'it is not written as a kubelet writes it'],
    ['a URI', 'cert1', { extensions: ['subjectAltName=DNS:cert1,URI:https://cert1'] }, 'it is not written as a kubelet writes it'],
    ['a certificate authority', 'cert1', { extensions: ['subjectAltName=DNS:cert1', 'basicConstraints=CA:TRUE'] }, 'it is not written as a kubelet writes it'],
    ['no name at all', 'cert1', { extensions: [] }, 'it is not written as a kubelet writes it'],
    ['a certificate for clients, too', 'cert1', { usages: [...SERVING, 'client auth'] }, 'its usages are not those of a serving certificate'],
    ['a machine whose owner wants to look', 'cert3', {}, 'machine cert3 wants its certificates approved by hand'],
    ['a node that is no machine', 'cert5', {}, 'node cert5 is no machine'],
    ['a machine without a node', 'cert-absent', {}, 'node cert-absent does not exist'],
  ]; // prettier-ignore
  test.each(bad)('leaves %s', async (_, node, request, cause) => {
    const name = await ask(node, request);
    for (const shell of [['dash'], ['busybox', 'ash']]) {
      expect(await look(shell)).toEqual({ code: 0, said: `left ${name}: ${cause}\n` });
    }
    expect(await conditions(name)).toEqual([]);
  });

  test('does not look at requests for other signers', async () => {
    const name = await ask('cert1', {
      signer: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
      extensions: [],
    });
    expect(await look()).toEqual({ code: 0, said: '' });
    expect(await conditions(name)).toEqual([]);
  });

  test('deals with all requests of a look, the good and the bad', async () => {
    const names = [await ask('cert1'), await ask('cert5'), await ask('cert2')];
    const { code, said } = await look();
    expect(code).toBe(0);
    expect(said.split('\n').sort()).toEqual(
      ['', `approved ${names[0]!} of node cert1`, `approved ${names[2]!} of node cert2`, `left ${names[1]!}: node cert5 is no machine`].sort(), // prettier-ignore
    );
  });

  test('approves only what it has looked at', async () => {
    const name = await ask('cert1');
    // Something changes after the look: the API server refuses, and the next look decides anew.
    const kubectl = `#!/bin/sh\ncase "$*" in *replace*) KUBECONFIG='${cluster.access.kubeconfig}' '${cluster.access.kubectl}' label csr ${name} changed=yes >/dev/null ;; esac\nexec '${cluster.access.kubectl}' "$@"\n`;
    await writeFile(join(folder, 'kubectl'), kubectl);
    await chmod(join(folder, 'kubectl'), 0o755);
    const { code, said } = await look(['dash'], `${folder}:`);
    expect(code).toBe(1);
    expect(said).toContain(`failed: ${name} of node cert1 could not be approved`);
    expect(await conditions(name)).toEqual([]);
    expect((await look()).code).toBe(0);
    expect(await conditions(name)).toEqual(['Approved']);
  });

  test('may do no more than it needs', async () => {
    const csr = 'certificatesigningrequests.certificates.k8s.io';
    for (const verb of ['create', 'update', 'patch', 'delete']) {
      await forbidden(cluster, USER, { verb, resource: csr, name: 'any' });
      await forbidden(cluster, USER, { verb, resource: 'nodes', name: 'cert1' });
      await forbidden(cluster, USER, { verb, resource: 'machinedeployments.cluster.k8s.io', namespace: 'kube-system', name: 'cert1' }); // prettier-ignore
    }
    for (const resource of ['secrets', 'configmaps', 'pods', 'serviceaccounts']) {
      for (const verb of ['get', 'list', 'create', 'delete']) {
        await forbidden(cluster, USER, { verb, resource, namespace: 'kube-system', name: 'any' });
      }
    }
    await forbidden(cluster, USER, { verb: 'get', resource: 'services', namespace: 'default', name: 'other' });
    // The right to update approvals is worth nothing without that for the signer.
    const name = await ask('cert1', {
      signer: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
      extensions: [],
    });
    const { status, body } = await cluster.request('PUT', `${REQUESTS}/${name}/approval`, {
      as: USER,
      body: {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name },
        status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test' }] },
      },
    });
    expect(status).toBe(403);
    expect((body as { message: string }).message).toContain('signerName "kubernetes.io/kube-apiserver-client-kubelet"');
  });

  test('its objects apply, warn of nothing, and change nothing the second time', async () => {
    const results = await applyServerSide(cluster, approver());
    expect(results.flatMap(({ warnings }) => warnings)).toEqual([]);
    await unchanged(cluster, approver());
  });
});

function scriptOf(configMap: KubeObject): string {
  return (configMap as unknown as { data: Record<string, string> }).data['approve.sh']!;
}
