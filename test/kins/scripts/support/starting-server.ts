import { parse } from 'yaml';
import { ETCD_LOGS } from './etcd-log';
import { paths } from './node';
import { type World } from './world';

export const JOIN_URL = 'https://test-svc-kins.kins-system.svc:443';
export const HASH = 'c'.repeat(64);
export const DATABASE = 'lib/server/k3s/server/db/etcd/member/wal/0000000000000000-0000000000000000.wal';
export const SERVER_URLS = [
  'edge1=https://192.0.2.1:26443',
  'edge2=https://192.0.2.2:26443',
  'edge3=https://192.0.2.3:26443',
].join(' ');

/** A node after its cri pod has come up, without any data. */
export function prepare(machine: World): void {
  // By which starts keep others off.
  machine.write('lib/server/standby/lock', '');
  machine.folder('state');
  machine.folder('work');
  machine.folder('waiting');
  machine.write('secrets/server-token', 'server-secret');
  machine.write('secrets/agent-token', 'agent-secret');
  machine.write('secrets/admin-token', 'admin-secret');
  machine.write('config/server.yaml', 'https-listen-port: 26443\n');
}

export function env(machine: World, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    UNIT: 'test',
    ...paths(machine),
    NODE_NAME: 'edge1',
    NODE_IP: '192.0.2.1',
    FIRST_SERVER: 'edge1',
    SERVER_COUNT: '3',
    JOIN_URL,
    STATE_CONFIGMAP: 'test-state-kins',
    ...more,
  };
}

interface Marks {
  readonly here: (id: string) => void;
  readonly there: (id: string) => void;
  readonly data: () => void;
}

/** Puts on a node what earlier starts, or the cloud, have left there. */
export const marksOn = (world: World): Marks => ({
  /** What this node knows of the cluster it took part in. */
  here: (id: string): void => {
    world.write('lib/server/k3s/cluster-id', `${id}\n`);
    world.write('lib/server/k3s/ca-hash', `${HASH}\n`);
  },
  /** What the cloud knows of the unit. */
  there: (id: string): void => {
    world.write('state/cluster-id', id);
    world.write('state/ca-hash', HASH);
    world.write('state/ca.crt', 'the CA of the unit\n');
  },
  data: (): void => {
    world.write(DATABASE, ETCD_LOGS.joined);
  },
});
export const hasData = (world: World): boolean => world.has(DATABASE);
export const started = (world: World): boolean => world.log().includes('k3s server --config /work/config.yaml');

/** What K3s was told about founding or joining. */
export function told(machine: World): { config: string; token: string } {
  const { 'cluster-init': founds, server } = parse(machine.read('work/config.yaml')) as Record<string, unknown>;
  const config = founds === true ? 'cluster-init: true' : `server: ${String(server)}`;
  return { config, token: machine.read('work/token') };
}

export const FOUNDS = { config: 'cluster-init: true', token: 'server-secret' };
export const GOES_ON = { config: 'cluster-init: true', token: `K10${HASH}::server:server-secret` };
export const JOINS = {
  config: 'server: https://test-svc-kins.kins-system.svc:443',
  token: `K10${HASH}::server:server-secret`,
};

/** The second of three servers. */
export const onSecond = { NODE_NAME: 'edge2', NODE_IP: '192.0.2.2' };
/** The only server of a unit. */
export const alone = { SERVER_COUNT: '1' };
