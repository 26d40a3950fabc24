import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AutonomyLevel } from '../../lib';
import { scriptsName } from '../../lib/kins/pods/unit-scripts';
import { find } from '../support/render';
import { kinsObjects } from '../support/units';
import { forbidden, permitted } from './support/access';
import { apply, remove, tryDelete } from './support/apply';
import { serviceAccount } from './support/cluster';
import { connect } from './support/connect';
import { endUnit } from './support/end-unit';
import type { KubeObject } from './support/objects';
import { eventually } from './support/poll';
import { run } from './support/process';

const NAMESPACE = 'kins-system';
const cluster = connect();
afterAll(() => {
  cluster.close();
});

describe('accounts', () => {
  const unit = 'accounts';
  const objects = kinsObjects(unit, AutonomyLevel.L4, { credentialsInConfigMap: true });
  const server = serviceAccount(NAMESPACE, 'accounts-server-kins');
  const own = { resource: 'secrets', namespace: NAMESPACE, name: 'accounts-sec-kins' };
  beforeAll(async () => {
    await apply(cluster, objects);
    await permitted(cluster, server, { verb: 'get', ...own });
  });
  afterAll(async () => {
    await endUnit(cluster, unit, objects);
  });

  test('before it starts, a server fills the Secret with its rights; the next ones, at the same time or later, take what is there', async () => {
    const { folder, url, caFile, kubectl } = cluster.access;
    const { stdout } = await cluster.kubectl(['create', 'token', 'accounts-server-kins', '--namespace', NAMESPACE]);
    const scripts = find(objects, 'ConfigMap', scriptsName('server')).data as Record<string, string>;
    /** What the container has: its scripts, its account, and kubectl, whose calls are noted. */
    const container = (): string => {
      const pod = mkdtempSync(join(folder, 'pod-'));
      for (const each of ['tokens', 'mounted', 'state', 'server']) mkdirSync(join(pod, each));
      for (const [name, text] of Object.entries({
        ...scripts,
        'ca.crt': readFileSync(caFile, 'utf8'),
        token: stdout.trim(),
        kubectl: `#!/bin/sh\necho "$*" >>${pod}/calls\nexec ${kubectl} "$@"\n`,
      })) {
        writeFileSync(join(pod, name), text, { mode: 0o700 });
      }
      return pod;
    };
    const start = async (pod: string): Promise<string> => {
      const { hostname, port } = new URL(url);
      const env = {
        PATH: `${pod}:${process.env.PATH}`,
        HOME: pod,
        UNIT: unit,
        KINS_LIB: pod,
        KINS_SCRIPTS: pod,
        KINS_STATE: join(pod, 'state'),
        KINS_SECRETS: join(pod, 'mounted'),
        KINS_TOKENS: join(pod, 'tokens'),
        KINS_WAITING: pod,
        RETRY_SECONDS: '1',
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
    const given = (pod: string): Record<string, string> =>
      Object.fromEntries(
        readdirSync(join(pod, 'tokens')).map((name) => [
          name,
          readFileSync(join(pod, 'tokens', name)).toString('base64'),
        ]),
      );
    const secret = async (): Promise<KubeObject | undefined> =>
      cluster.get(find(objects, 'Secret', 'accounts-sec-kins'));

    const first = container();
    expect(await start(first)).toContain('tokens: made server-token agent-token admin-token\n');
    // By one request: pods wait for it.
    const calls = readFileSync(join(first, 'calls'), 'utf8').trim().split('\n');
    expect(calls).toEqual([expect.stringContaining(' patch secret ')]);
    const made = (await secret())?.data;
    expect(Object.keys(made as object).sort()).toEqual(['admin-token', 'agent-token', 'server-token']);
    expect(given(first)).toEqual(made);
    // Flux removes what a manager named kubectl... has written.
    const entries = (await secret())?.metadata.managedFields ?? [];
    const writers = entries.filter(({ fieldsV1 = {} }) => 'f:data' in (fieldsV1 as object));
    expect(writers.map(({ manager }) => manager)).toEqual(['edge-constructs-kins']);

    const later = container();
    expect(await start(later)).not.toContain('made');
    expect(given(later)).toEqual(made);

    // The unit is ended and begun anew: three servers at once.
    await apply(cluster, kinsObjects(unit, AutonomyLevel.L3, { credentialsInConfigMap: true }));
    await eventually('the Secret may go', async () => {
      return (await tryDelete(cluster, find(objects, 'Secret', own.name))).status === 200;
    });
    await remove(cluster, [find(objects, 'Secret', own.name)]);
    await apply(cluster, objects);
    await permitted(cluster, server, { verb: 'patch', ...own });
    const three = [container(), container(), container()];
    const said = await Promise.all(three.map(start));
    expect(said.filter((text) => text.includes('tokens: made'))).toHaveLength(1);
    const again = (await secret())?.data;
    expect(again).not.toEqual(made);
    for (const pod of three) expect(given(pod)).toEqual(again);
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
    ...['accounts-config-kins', 'accounts-guard-kins', scriptsName('server')].map((name) => ({
      verb: 'patch',
      resource: 'configmaps',
      namespace: NAMESPACE,
      name,
    })),
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
    ...['list', 'create'].map((verb) => ({
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
      name: 'accounts-server-kins',
    },
    { verb: 'get', resource: 'nodes', name: 'edge1' },
    { verb: 'list', resource: 'namespaces' },
  ])('a server may do nothing else: $verb $resource $name', async (action) => {
    await forbidden(cluster, server, action);
  });
});
