import { attempt, canI, forbidden, permitted } from './support/access';
import { podSecurityViolations, policyWarnings } from './support/admission';
import {
  apply,
  applyServerSide,
  createNamespace,
  remove,
  removeNamespace,
  tryDelete,
  unchanged,
} from './support/apply';
import { serviceAccount } from './support/cluster';
import { connect } from './support/connect';
import { describeWithCrds, installCrds } from './support/crds';
import type { KubeObject } from './support/objects';
import { eventually } from './support/poll';

const cluster = connect();
afterAll(() => {
  cluster.close();
});

const configMap = (namespace: string, data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace },
  data,
});

const deployment = (namespace: string, spec: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web' }] } },
    ...spec,
  },
});

const pod = (namespace: string, securityContext: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'pod', namespace },
  spec: { containers: [{ name: 'main', image: 'main', securityContext }] },
});

describe('the control plane', () => {
  test('is Kubernetes 1.30 or later, and kubectl goes with it', async () => {
    const { code, stdout, stderr } = await cluster.kubectl(['version', '--output=json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' }); // kubectl says there when the two are too far apart
    const { clientVersion, serverVersion } = JSON.parse(stdout) as Record<string, { gitVersion: string }>;
    expect(serverVersion!.gitVersion).toMatch(/^v1\.[3-9]\d\.\d+$/);
    expect(clientVersion!.gitVersion).toMatch(/^v1\.[3-9]\d\.\d+$/);
  });

  test('lets nobody in without a credential', async () => {
    const { code, stderr } = await cluster.kubectl(['--token=wrong', 'get', 'namespaces']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('You must be logged in to the server');
  });
});

describeWithCrds('the upstream CRDs', () => {
  test('are all accepted and served', async () => {
    const names = await installCrds(cluster);
    expect(names).toHaveLength(12);
    const nodeUnit = {
      apiVersion: 'site.superedge.io/v1alpha2',
      kind: 'NodeUnit',
      metadata: { name: 'harness' },
      spec: { type: 'edge', nodes: ['edge1'], unschedulable: false },
    };
    await apply(cluster, [nodeUnit]);
    await unchanged(cluster, [nodeUnit]);
    await remove(cluster, [nodeUnit]);
    expect(await cluster.get(nodeUnit)).toBeUndefined();
  });
});

describe('server-side apply', () => {
  let namespace: string;
  beforeAll(async () => {
    namespace = await createNamespace(cluster);
  });
  afterAll(async () => {
    await removeNamespace(cluster, namespace);
  });

  test('refuses an unknown field', async () => {
    const [result] = await applyServerSide(cluster, [deployment(namespace, { replica: 1 })]);
    expect(result).toMatchObject({ outcome: 'error', object: `Deployment ${namespace}/web` });
    expect(result!.message).toContain('.spec.replica: field not declared in schema');
    expect(await cluster.get(deployment(namespace))).toBeUndefined();
  });

  test('refuses an unknown field of a custom resource', async () => {
    const group = `${namespace}.example.com`;
    const widgets = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: 'Cluster',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    };
    const widget = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'widget' } };
    await apply(cluster, [widgets]);
    try {
      await eventually('widgets are served', async () => (await cluster.get(widget)) === undefined);
      const [refused] = await applyServerSide(cluster, [{ ...widget, spec: { size: 1 } }]);
      expect(refused).toMatchObject({ outcome: 'error', object: 'Widget widget' });
      expect(refused!.message).toContain('.spec: field not declared in schema');
    } finally {
      await remove(cluster, [widgets]);
    }
  });

  test('gives each object its own result', async () => {
    const bad = configMap(namespace, {});
    const results = await applyServerSide(cluster, [{ ...bad, metadata: { ...bad.metadata, name: 'A' } }, bad]);
    expect(results.map(({ outcome, reason }) => ({ outcome, reason }))).toEqual([
      { outcome: 'error', reason: 'Invalid' },
      { outcome: 'serverside-applied', reason: undefined },
    ]);
    await expect(apply(cluster, [{ ...bad, metadata: { ...bad.metadata, name: 'A' } }])).rejects.toThrow(
      `1 of 1 objects were refused:\n  ConfigMap ${namespace}/A: 422`,
    );
  });

  test('reads YAML as kubectl does', async () => {
    const yaml = `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: yaml, namespace: ${namespace} }\n---\n`;
    expect(await applyServerSide(cluster, yaml)).toHaveLength(1);
    const kubectl = ['apply', '--server-side', '--validate=strict', '--field-manager=edge-constructs-test', '-f', '-'];
    const again = await cluster.kubectl(kubectl, { input: yaml });
    expect(again).toEqual({ code: 0, stdout: 'configmap/yaml serverside-applied\n', stderr: '' });
    await expect(applyServerSide(cluster, `${yaml}kind: Pod\nkind: Pod\n`)).rejects.toThrow('Map keys must be unique');
  });

  test('stores nothing in a dry run', async () => {
    const object = { ...configMap(namespace, {}), metadata: { name: 'dry', namespace } };
    expect(await apply(cluster, [object], { dryRun: true })).toHaveLength(1);
    expect(await cluster.get(object)).toBeUndefined();
  });

  test('repeated changes nothing, and a change does not go unseen', async () => {
    const objects = [configMap(namespace, { a: '1' }), deployment(namespace)];
    await apply(cluster, objects);
    await unchanged(cluster, objects);
    await expect(unchanged(cluster, [configMap(namespace, { a: '2' }), deployment(namespace)])).rejects.toThrow(
      `changed by a second apply: ConfigMap ${namespace}/settings`,
    );
    await apply(cluster, [configMap(namespace, { a: '2' })]);
    await expect(unchanged(cluster, objects, { fieldManager: 'another', forceConflicts: true })).rejects.toThrow(
      `changed by a second apply: ConfigMap ${namespace}/settings, Deployment ${namespace}/web`,
    );
  });

  test('takes no field from another manager unless forced', async () => {
    const named = (data: Record<string, string>): KubeObject => {
      return { ...configMap(namespace, data), metadata: { name: 'owned', namespace } };
    };
    await apply(cluster, [named({ a: '1' })], { fieldManager: 'owner' });
    const [refused] = await applyServerSide(cluster, [named({ a: '2' })]);
    expect(refused).toMatchObject({
      outcome: 'error',
      status: 409,
      reason: 'Conflict',
      causes: [{ field: '.data.a' }],
    });
    const [taken] = await apply(cluster, [named({ a: '2' })], { forceConflicts: true });
    expect(taken).toMatchObject({ data: { a: '2' } });
  });
});

describe('access', () => {
  let namespace: string;
  let user: string;
  beforeAll(async () => {
    namespace = await createNamespace(cluster);
    user = serviceAccount(namespace, 'reader');
    const rbac = 'rbac.authorization.k8s.io';
    await apply(cluster, [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader', namespace } },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'Role',
        metadata: { name: 'reader', namespace },
        rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['settings'], verbs: ['get', 'watch'] }],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { name: 'reader', namespace },
        roleRef: { apiGroup: rbac, kind: 'Role', name: 'reader' },
        subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
      },
    ]);
    await permitted(cluster, user, { verb: 'get', resource: 'configmaps', namespace, name: 'settings' });
  });
  afterAll(async () => {
    await removeNamespace(cluster, namespace);
  });

  test('that a role grants is permitted, by review and by request', async () => {
    await permitted(cluster, user, { verb: 'watch', resource: 'configmaps', namespace, name: 'settings' });
    await expect(
      forbidden(cluster, user, { verb: 'get', resource: 'configmaps', namespace, name: 'settings' }),
    ).rejects.toThrow(`${user} may get configmaps settings in ${namespace}`);
  });

  test.each([
    { verb: 'get', resource: 'configmaps', name: 'other' },
    { verb: 'get', resource: 'secrets', name: 'settings' },
    { verb: 'list', resource: 'configmaps' },
    { verb: 'watch', resource: 'configmaps' },
    { verb: 'create', resource: 'configmaps', name: 'settings' },
    { verb: 'update', resource: 'configmaps', name: 'settings' },
    { verb: 'patch', resource: 'configmaps', name: 'settings' },
    { verb: 'delete', resource: 'configmaps', name: 'settings' },
    { verb: 'deletecollection', resource: 'configmaps' },
    { verb: 'update', resource: 'deployments.apps/scale', name: 'web' },
    { verb: 'create', resource: 'serviceaccounts/token', name: 'reader' },
    { verb: 'escalate', resource: 'roles.rbac.authorization.k8s.io', name: 'reader' },
  ])('that no role grants is forbidden: $verb $resource', async (action) => {
    await forbidden(cluster, user, { ...action, namespace });
  });

  test('is tried without leaving anything behind', async () => {
    const action = { verb: 'create', resource: 'configmaps', namespace, name: 'trace' };
    expect(await canI(cluster, 'nobody', action)).toBe(false);
    expect(await attempt(cluster, 'nobody', action)).toMatchObject({ authorized: false, status: 403 });
    await apply(cluster, [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'admin', namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'somebody' }],
      },
    ]);
    await permitted(cluster, 'somebody', action);
    await permitted(cluster, 'somebody', { ...action, verb: 'delete' });
    expect(await attempt(cluster, 'somebody', action)).toMatchObject({ authorized: true, status: 201 });
    expect(await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'trace', namespace } })).toBe(
      undefined,
    );
  });

  test('through kubectl is impersonated, too', async () => {
    const denied = await cluster.kubectl(['get', 'secrets', `--namespace=${namespace}`], { as: user });
    expect(denied.code).toBe(1);
    expect(denied.stderr).toContain(`User "${user}" cannot list resource "secrets"`);
  });
});

describe('admission', () => {
  let namespace: string;
  beforeAll(async () => {
    namespace = await createNamespace(cluster, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  });
  afterAll(async () => {
    await removeNamespace(cluster, namespace);
  });

  test('by a ValidatingAdmissionPolicy denies what it matches once the API server has taken it in', async () => {
    const name = `deny.${namespace}`;
    const policy = [
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name },
        spec: {
          matchConstraints: {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
            resourceRules: [
              { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE', 'DELETE'] },
            ],
          },
          validations: [{ expression: "request.operation != 'DELETE'", message: 'this stays' }],
        },
      },
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name },
        spec: { policyName: name, validationActions: ['Deny'] },
      },
    ];
    const kept = configMap(namespace, {});
    await apply(cluster, [kept, ...policy]);
    try {
      const denied = await eventually('the policy denies', async () => {
        const response = await tryDelete(cluster, kept);
        return response.status === 200 ? undefined : response;
      });
      expect(denied.body).toMatchObject({
        reason: 'Invalid',
        message: expect.stringContaining('this stays') as string,
      });
      expect(await cluster.get(kept)).toBeDefined();
      await unchanged(cluster, policy);
    } finally {
      await remove(cluster, policy);
    }
    await eventually('the policy is gone', async () => (await tryDelete(cluster, kept)).status === 200);
  });

  (cluster.access.controllers ? test : test.skip)('checks the types in the expressions of a policy', async () => {
    const policy = (name: string, expression: string): KubeObject => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['daemonsets'], operations: ['*'] }],
        },
        validations: [{ expression }],
      },
    });
    const good = policy(`good.${namespace}`, "object.spec.updateStrategy.type == 'OnDelete'");
    const bad = policy(`bad.${namespace}`, 'object.spec.replicas > 1');
    await apply(cluster, [good, bad]);
    try {
      expect(await policyWarnings(cluster, good)).toEqual([]);
      expect(await policyWarnings(cluster, bad)).toEqual([expect.stringContaining("undefined field 'replicas'")]);
    } finally {
      await remove(cluster, [good, bad]);
    }
  });

  test('by Pod Security restricted refuses a privileged pod and takes a restricted one', async () => {
    const restricted = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    };
    const [refused] = await applyServerSide(cluster, [pod(namespace, { privileged: true })]);
    expect(refused).toMatchObject({ outcome: 'error', status: 403, reason: 'Forbidden' });
    expect(refused!.message).toContain('violates PodSecurity "restricted:latest": privileged');
    const [taken] = await applyServerSide(cluster, [pod(namespace, restricted)], { dryRun: true });
    expect(taken).toMatchObject({ outcome: 'serverside-applied', warnings: [] });
  });

  test('by Pod Security names every check that a workload does not pass', async () => {
    const volumes = [{ name: 'data', hostPath: { path: '/var/lib/data' } }];
    const spec = { containers: [{ name: 'main', image: 'main' }], hostNetwork: true, volumes };
    const daemons: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'daemons' },
      spec: {
        selector: { matchLabels: { app: 'daemons' } },
        template: { metadata: { labels: { app: 'daemons' } }, spec },
      },
    };
    const checks = async (level: string): Promise<string[]> => {
      return (await podSecurityViolations(cluster, daemons, level)).map(({ check }) => check);
    };
    expect(await podSecurityViolations(cluster, daemons, 'baseline')).toEqual([
      { check: 'host namespaces', detail: 'hostNetwork=true' },
      { check: 'hostPath volumes', detail: 'volume "data"' },
    ]);
    expect(await checks('privileged')).toEqual([]);
    expect(await checks('restricted')).toEqual([
      'host namespaces',
      'allowPrivilegeEscalation != false',
      'unrestricted capabilities',
      'restricted volume types',
      'runAsNonRoot != true',
      'seccompProfile',
    ]);
  });

  test('takes a privileged pod where no policy forbids it', async () => {
    const free = await createNamespace(cluster);
    const [taken] = await applyServerSide(cluster, [pod(free, { privileged: true })], { dryRun: true });
    expect(taken).toMatchObject({ outcome: 'serverside-applied' });
    await removeNamespace(cluster, free);
  });

  (cluster.access.controllers ? test : test.skip)('lets a deleted namespace really go away', async () => {
    const name = await createNamespace(cluster);
    await apply(cluster, [configMap(name, {})]);
    await remove(cluster, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }]);
    expect(await cluster.get(configMap(name, {}))).toBeUndefined();
  });
});
