import { linkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { NODE, paths } from './node';
import { World } from './world';

/** The CA hash that the state of the unit has. */
export const HASH = 'c'.repeat(64);

/** A socket that other machines get a link to, since only a process can make one. */
let listening: World;
let server: Server;

beforeAll(async () => {
  listening = new World();
  server = createServer();
  await new Promise<void>((done) => server.listen(listening.at('socket'), done));
});
afterAll(async () => {
  await new Promise((done) => server.close(done));
  listening.dispose();
});

/** The socket of a containerd that lives. */
export const containerdSocket = (): string => listening.at('socket');

/** Trees of cgroups as the kernel shows them, with the unit's own not made yet. */
export const cgroups = {
  v1: (machine: World): void => {
    machine.folder('cgroup/memory');
    machine.write('cgroup/cpuset/cpuset.cpus', '0-3\n');
    machine.write('cgroup/cpuset/cpuset.mems', '0\n');
  },
  v2: (machine: World): void => {
    machine.write('cgroup/cgroup.controllers', 'cpuset cpu memory pids\n');
    machine.write('cgroup/cgroup.subtree_control', '');
  },
};

/** A node that has been part of the unit, with the cri pod on it. */
export function prepareAgent(machine: World): void {
  cgroups.v1(machine);
  machine.folder('work');
  machine.folder('waiting');
  machine.folder('admission');
  machine.folder('lib/releases/r2');
  machine.write('run/net', '');
  machine.write('lib/node/password', 'of this disk');
  machine.write('mounts', '/sys/fs/cgroup\n/sys/fs/cgroup/memory\n');
  machine.write('lib/node/machine-id', 'abc');
  machine.write('run/resolv.conf', 'nameserver 192.0.2.53\n');
  machine.write('run/address', '10.216.0.2\n');
  linkSync(containerdSocket(), machine.at('run/containerd.sock'));
  machine.write('state/ca-hash', HASH);
  machine.write('secrets/agent-token', 'agent-secret');
  machine.write('config/agent.yaml', 'pause-image: pause\n');
}

/** The environment of the agent's container. */
export const agentEnvironment = (
  machine: World,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  ...paths(machine),
  ...NODE,
  CGROUP: 'kins-test',
  KINS_RELEASE: 'r2',
  ...more,
});

/** What the edge cluster says of the node. */
export const nodeAt = (address: string): string => `{"status": {"addresses": [{"address": "${address}"}]}}\n`;

/** The node has another address than it had when the edge cluster was told last. */
export function joinedAtOtherAddress(machine: World): void {
  machine.write('lib/agent/agent/kubelet.kubeconfig', 'of this node');
  machine.write('run/address', '192.0.2.20\n');
  machine.write('node.json', nodeAt('192.0.2.10'));
}
