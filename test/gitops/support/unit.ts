import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../api/support/cluster';
import type { KubeObject } from '../../api/support/objects';
import { run } from '../../api/support/process';
import { scriptsName } from '../../../lib/kins/pods/unit-scripts';

export const KINS_NAMESPACE = 'kins-system';

const KINDS = [
  ...['configmaps', 'secrets', 'services', 'serviceaccounts', 'daemonsets.apps'],
  ...['roles.rbac.authorization.k8s.io', 'rolebindings.rbac.authorization.k8s.io'],
  ...['networkpolicies.networking.k8s.io', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
].join(',');

/** Everything of a unit that is in the cluster. */
export async function objectsOf(cluster: Cluster, unit: string): Promise<readonly KubeObject[]> {
  const selector = `--selector=edge-constructs.io/unit=${unit}`;
  const args = ['get', KINDS, '--namespace', KINS_NAMESPACE, selector, '--output=json', '--show-managed-fields'];
  const { code, stdout, stderr } = await cluster.kubectl(args);
  if (code !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { items: KubeObject[] }).items;
}

/** Which version of what is there: two answers are equal when nothing was written in between. */
export async function versionsOf(cluster: Cluster, unit: string): Promise<Readonly<Record<string, string>>> {
  const objects = await objectsOf(cluster, unit);
  return Object.fromEntries(
    objects.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.resourceVersion ?? '']),
  );
}

/** `Kind name` of everything of a unit, sorted. */
export async function namesOf(cluster: Cluster, unit: string): Promise<readonly string[]> {
  return Object.keys(await versionsOf(cluster, unit)).sort();
}

/** The data of a Secret or ConfigMap of the unit. */
export async function dataOf(cluster: Cluster, kind: string, name: string): Promise<Readonly<Record<string, string>>> {
  const object = await cluster.get({ apiVersion: 'v1', kind, metadata: { name, namespace: KINS_NAMESPACE } });
  return (object?.data ?? {}) as Record<string, string>;
}

/**
 * Writes what the pods of a unit write, in their place: the script that fills the Secret as it is, and of the script beside
 * the server the functions that write, with the account of the server pod.
 */
export async function actAsPods(cluster: Cluster, unit: string): Promise<void> {
  const server = await pod(cluster, unit, 'server', scriptsName('server'));
  await script(server, ['tokens.sh'], {
    UNIT: unit,
    KINS_LIB: server.folder,
    KINS_STATE: server.folder,
    // Nothing was there when the pod came.
    KINS_SECRETS: join(server.folder, 'mounted'),
    KINS_TOKENS: join(server.folder, 'tokens'),
    KINS_WAITING: server.folder,
    SECRET: `${unit}-sec-kins`,
  });
  const publish = readFileSync(join(server.folder, 'publish.sh'), 'utf8');
  const end = publish.indexOf('\nwrite_cloud_kubeconfig\n');
  if (end < 0) throw new Error('publish.sh has another end than this expects');
  writeFileSync(
    join(server.folder, 'once.sh'),
    `${publish.slice(0, end)}\nwrite_cloud_kubeconfig\ncd "$KINS_LIB"\npublish_state ${unit}-uid ${unit}-hash\npublish_kubeconfigs\n`,
  );
  await script(server, ['once.sh'], {
    UNIT: unit,
    KINS_LIB: server.folder,
    KINS_WORK: server.folder,
    KINS_SECRETS: server.folder,
    NODE_NAME: 'first',
    FIRST_SERVER: 'first',
    STATE_CONFIGMAP: `${unit}-state-kins`,
    SECRET: `${unit}-sec-kins`,
    DIRECT_URL: 'https://192.0.2.1:26443',
    SERVICE_URL: `https://${unit}-svc-kins.kins-system:443`,
    LOCAL_URL: 'https://127.0.0.1:26445',
    CREDENTIALS_CONFIGMAP: `${unit}-cm-kins`,
  });
}

interface Pod {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The files that a pod has: its scripts, its account, what a server has on its disk, and kubectl. */
async function pod(cluster: Cluster, unit: string, account: string, scripts: string): Promise<Pod> {
  const { folder: parent, url, caFile, kubectl } = cluster.access;
  const folder = mkdtempSync(join(parent, 'pod-'));
  const { stdout, stderr } = await cluster.kubectl([
    ...['create', 'token', `${unit}-${account}-kins`, '--namespace', KINS_NAMESPACE],
  ]);
  if (stdout === '') throw new Error(stderr);
  const files = {
    ...(await dataOf(cluster, 'ConfigMap', scripts)),
    'ca.crt': readFileSync(caFile, 'utf8'),
    token: stdout.trim(),
    'admin-token': 'admin',
    kubectl: `#!/bin/sh\nexec ${kubectl} "$@"\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o700 });
  await run('sh', [
    '-c',
    `mkdir -p ${folder}/tokens ${folder}/server/tls && cp ${caFile} ${folder}/server/tls/server-ca.crt`,
  ]);
  const { hostname, port } = new URL(url);
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    HOME: folder,
    KINS_SCRIPTS: folder,
    SERVICE_ACCOUNT: folder,
    NAMESPACE: KINS_NAMESPACE,
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
  };
  return { folder, env };
}

async function script({ folder, env }: Pod, [name = '']: readonly string[], more: object): Promise<void> {
  const { code, stderr } = await run('sh', [join(folder, name)], { env: { ...env, ...more } });
  if (code !== 0) throw new Error(`${name} failed: ${stderr}`);
}
