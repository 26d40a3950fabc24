import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AutonomyLevel } from '../../lib';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';
import { forbidden, permitted } from './support/access';
import { apply } from './support/apply';
import { serviceAccount } from './support/cluster';
import { connect } from './support/connect';
import { endUnit } from './support/end-unit';
import { run } from './support/process';

const NAMESPACE = 'kins-system';
const cluster = connect();
afterAll(() => {
  cluster.close();
});

describe('accounts', () => {
  const unit = 'accounts';
  const objects = kinsObjects(unit, AutonomyLevel.L4, { credentialsInConfigMap: true });
  const token = serviceAccount(NAMESPACE, 'accounts-token-kins');
  const server = serviceAccount(NAMESPACE, 'accounts-server-kins');
  const own = { resource: 'secrets', namespace: NAMESPACE, name: 'accounts-sec-kins' };
  beforeAll(async () => {
    await apply(cluster, objects);
    await permitted(cluster, token, { verb: 'get', ...own });
  });
  afterAll(async () => {
    await endUnit(cluster, unit, objects);
  });

  test('the token Job may read and patch its Secret', async () => {
    await permitted(cluster, token, { verb: 'get', ...own });
    await permitted(cluster, token, { verb: 'patch', ...own });
  });

  test.each([
    ...['list', 'watch', 'create', 'update', 'delete', 'deletecollection'].map((verb) => ({ ...own, verb })),
    ...['get', 'patch', 'list'].map((verb) => ({
      verb,
      resource: 'secrets',
      namespace: NAMESPACE,
      name: 'another-sec-kins',
    })),
    ...['get', 'patch'].map((verb) => ({
      verb,
      resource: 'secrets',
      namespace: 'kube-system',
      name: 'accounts-sec-kins',
    })),
    ...['get', 'patch', 'list', 'create'].map((verb) => ({
      verb,
      resource: 'configmaps',
      namespace: NAMESPACE,
      name: 'accounts-state-kins',
    })),
    ...['get', 'list', 'create', 'delete'].map((verb) => ({
      verb,
      resource: 'pods',
      namespace: NAMESPACE,
      name: 'any',
    })),
    { verb: 'create', resource: 'pods/exec', namespace: NAMESPACE, name: 'any' },
    { verb: 'delete', resource: 'daemonsets.apps', namespace: NAMESPACE, name: 'accounts-server-kins' },
    { verb: 'patch', resource: 'daemonsets.apps', namespace: NAMESPACE, name: 'accounts-server-kins' },
    { verb: 'create', resource: 'serviceaccounts/token', namespace: NAMESPACE, name: 'accounts-server-kins' },
    { verb: 'bind', resource: 'roles.rbac.authorization.k8s.io', namespace: NAMESPACE, name: 'accounts-server-kins' },
    {
      verb: 'escalate',
      resource: 'roles.rbac.authorization.k8s.io',
      namespace: NAMESPACE,
      name: 'accounts-token-kins',
    },
    { verb: 'get', resource: 'nodes', name: 'edge1' },
    { verb: 'list', resource: 'namespaces' },
  ])('the token Job may do nothing else: $verb $resource $name', async (action) => {
    await forbidden(cluster, token, action);
  });

  test('the script of the Job fills the Secret with the rights of the Job, and leaves it alone from then on', async () => {
    const { folder, url, caFile, kubectl } = cluster.access;
    const pod = mkdtempSync(join(folder, 'pod-'));
    const calls = join(pod, 'calls');
    // What the Job has: its scripts, its account, and kubectl, whose calls are noted.
    const files = find(objects, 'ConfigMap', 'accounts-token-kins').data as Record<string, string>;
    const { stdout } = await cluster.kubectl(['create', 'token', 'accounts-token-kins', '--namespace', NAMESPACE]);
    for (const [name, text] of Object.entries({
      ...files,
      'ca.crt': readFileSync(caFile, 'utf8'),
      token: stdout.trim(),
      kubectl: `#!/bin/sh\necho "$*" >>${calls}\nexec ${kubectl} "$@"\n`,
    })) {
      writeFileSync(join(pod, name), text, { mode: 0o700 });
    }
    const tokens = async (): Promise<unknown> =>
      (await cluster.get(find(objects, 'Secret', 'accounts-sec-kins')))?.data;
    const managersOf = async (field: string): Promise<unknown> => {
      const secret = await cluster.get(find(objects, 'Secret', 'accounts-sec-kins'));
      const entries = secret?.metadata.managedFields ?? [];
      return entries.filter(({ fieldsV1 = {} }) => field in (fieldsV1 as object)).map(({ manager }) => manager);
    };
    const job = async (): Promise<string> => {
      const { hostname, port } = new URL(url);
      const env = {
        PATH: `${pod}:${process.env.PATH}`,
        HOME: pod,
        KINS_SCRIPTS: pod,
        SERVICE_ACCOUNT: pod,
        KUBERNETES_SERVICE_HOST: hostname,
        KUBERNETES_SERVICE_PORT: port,
        SECRET: own.name,
        NAMESPACE,
      };
      const { code, stderr } = await run('sh', [join(pod, 'tokens.sh')], { env });
      expect(code).toBe(0);
      return stderr;
    };
    expect(await job()).toContain('tokens: made server-token agent-token admin-token\n');
    // By one request: pods wait for it.
    expect(readFileSync(calls, 'utf8').trim().split('\n')).toEqual([expect.stringContaining(' patch secret ')]);
    const made = await tokens();
    // Flux removes what a manager named kubectl... has written.
    expect(await managersOf('f:data')).toEqual(['edge-constructs-kins']);
    expect(Object.keys(made as object).sort()).toEqual(['admin-token', 'agent-token', 'server-token']);
    expect(await job()).not.toContain('made');
    expect(await tokens()).toEqual(made);
  });

  test('a server may tell its state and write the kubeconfigs', async () => {
    for (const verb of ['get', 'patch']) {
      await permitted(cluster, server, { verb, ...own });
      await permitted(cluster, server, {
        verb,
        resource: 'configmaps',
        namespace: NAMESPACE,
        name: 'accounts-state-kins',
      });
      await permitted(cluster, server, {
        verb,
        resource: 'configmaps',
        namespace: NAMESPACE,
        name: 'accounts-cm-kins',
      });
    }
  });

  test.each([
    ...['config', 'scripts', 'guard'].map((part) => ({
      verb: 'patch',
      resource: 'configmaps',
      namespace: NAMESPACE,
      name: `accounts-${part}-kins`,
    })),
    { verb: 'list', resource: 'secrets', namespace: NAMESPACE },
    { verb: 'delete', ...own },
    { verb: 'get', resource: 'nodes', name: 'edge1' },
    { verb: 'list', resource: 'pods', namespace: NAMESPACE },
  ])('a server may do nothing else: $verb $resource $name', async (action) => {
    await forbidden(cluster, server, action);
  });
});
