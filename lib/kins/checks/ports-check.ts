import type { PropsCheck } from '../../core/props-check';
import { API_NODE_PORT } from '../config-files';

/** Ports of a node that etcd, the controller manager and the scheduler of a server listen on. */
const SERVER_PORTS = [2379, 2380, 2381, 2382, 10257, 10258, 10259] as const;

/** Ports of a node that kubelet and kube-proxy of the cloud cluster listen on. */
const NODE_PORTS = [10248, 10249, 10250, 10256] as const;

/** Ports that K3s or its parts take within the network of the unit. */
const AGENT_PORTS = [6444, 10010, 10248, 10249, 10250, 10256] as const;

/** The usual port; nothing is known here about SSH servers that listen on another one. */
const SSH_PORT = 22;

/** Checks the ports of nodes that a unit uses. */
export function checkPorts(check: PropsCheck, apiPort: number, hostPorts: readonly number[] | undefined): void {
  const api = check.areFine('apiPort') ? [apiPort, apiPort + 1, apiPort + 2, apiPort + 3] : [];
  const given = check.hasShape('hostPorts') ? (hostPorts ?? []) : [];
  const taken = [...SERVER_PORTS, ...NODE_PORTS].find((port) => api.includes(port));
  if (taken !== undefined) {
    const user = (NODE_PORTS as readonly number[]).includes(taken) ? 'the cloud cluster' : 'a server';
    check.add(
      'apiPort',
      apiPort,
      `a port that is free along with the next three; ${user} needs ${taken} itself`,
      'Choose another port.',
    );
  }
  given.forEach((port, index) => {
    const user = api.includes(port) ? 'apiPort' : portUser(port);
    if (port === SSH_PORT) {
      check.add(
        `hostPorts[${index}]`,
        port,
        'a port that the node does not need itself; nobody could log in to the node by SSH any more',
        'Choose another port: all traffic to it goes to the edge cluster.',
      );
    } else if (user !== undefined) {
      check.add(
        `hostPorts[${index}]`,
        port,
        `a port that the unit does not need itself; ${user} uses it`,
        'Choose another port.',
      );
    }
  });
}

function portUser(port: number): string | undefined {
  if ((SERVER_PORTS as readonly number[]).includes(port)) return 'the control plane';
  if (port === API_NODE_PORT) return "the edge cluster's API";
  return (AGENT_PORTS as readonly number[]).includes(port) ? 'the agent' : undefined;
}
