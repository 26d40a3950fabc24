import { createHash } from 'node:crypto';
import type { World } from './world';

export const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
export const HASH = createHash('sha256').update(CA).digest('hex');

/** The first server of a unit, serving for the first time; the cloud knows nothing of it. */
export function prepare(machine: World): void {
  machine.write('lib/server/k3s/server/tls/server-ca.crt', CA);
  machine.write('lib/server/kubeconfig.yaml', 'kind: Config\n');
  machine.write('secrets/admin-token', 'admin-secret');
  machine.write('edge-id', 'uid-1');
  machine.folder('work');
  for (const object of ['configmap-test-state-kins', 'configmap-test-cm-kins', 'secret-test-sec-kins']) {
    machine.write(`cloud/${object}/.version`, '1\n');
  }
}

/** The environment of the script. */
export function env(machine: World, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    UNIT: 'test',
    NAMESPACE: 'kins-system',
    NODE_NAME: 'edge1',
    FIRST_SERVER: 'edge1',
    KINS_LIB: machine.at('lib'),
    KINS_SECRETS: machine.at('secrets'),
    KINS_WORK: machine.at('work'),
    STATE_CONFIGMAP: 'test-state-kins',
    SECRET: 'test-sec-kins',
    DIRECT_URL: 'https://192.0.2.1:26443',
    SERVICE_URL: 'https://test-svc-kins.kins-system:443',
    LOCAL_URL: 'https://127.0.0.1:26445',
    PROXY_URL: 'http://tunnel.example.com:8080',
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    KUBERNETES_SERVICE_PORT: '443',
    SERVICE_ACCOUNT: '/account',
    ...more,
  };
}

/** The marks of this node, by which it knows its cluster. */
export const marksHere = (machine: World): (string | null)[] =>
  ['cluster-id', 'ca-hash'].map((mark) =>
    machine.has(`lib/server/k3s/${mark}`) ? machine.read(`lib/server/k3s/${mark}`) : null,
  );
