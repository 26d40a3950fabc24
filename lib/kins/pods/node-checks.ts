import type { k8s } from 'cdk8s-plus-27';
import { flannelBackend } from '../config-files';
import { localPort, type KinsModel } from '../model';
import { kinsPaths } from '../names';
import { nodeNetwork, overlayPort } from '../node-network';
import { environment, script, unitEnvironment, UNPRIVILEGED } from './pod';

/** Where the checking containers find the service account of the server pod. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Ports of the node that parts of K3s always listen on. */
const SERVER_PORTS = [
  '2379:etcd',
  '2380:etcd',
  '2381:etcd',
  '2382:etcd',
  '10257:controller-manager',
  '10258:cloud-controller-manager',
  '10259:scheduler',
] as const;

/**
 * Checks the node before anything of the unit starts on it. It tries out what K3s will do (interfaces, iptables, an overlay
 * file system), so it needs the same rights as the container runtime.
 */
export function nodeCheck(model: KinsModel): k8s.Container {
  const { unit, image, bootWhileDark, hostPorts, clusterCidr, serviceCidr, nodeCidr } = model;
  const { lib } = kinsPaths(unit);
  return {
    name: 'check',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: script('check.sh'),
    env: environment({
      ...unitEnvironment(unit),
      UNIT: unit,
      CHECKS: `architecture cgroups kernel disk networks ports${bootWhileDark ? ' boot' : ''}`,
      NODE_ROOT: '/host/proc/1/root',
      HAS_RUN: `${lib}/agent/agent/server-ca.crt`,
      CLUSTER_CIDR: clusterCidr,
      SERVICE_CIDR: serviceCidr,
      NODE_CIDR: nodeCidr,
      // The unit's own interface, whose routes are no conflict.
      OWN_LINK: nodeNetwork(unit).link,
      ROUTES: '/host/proc/1/net/route',
      FLANNEL_BACKEND: flannelBackend(model),
      OVERLAY_PORT: overlayPort(model),
      NET: '/host/proc/1/net',
      PORTS: [`${localPort(model)}:kubeconfig`, ...hostPorts.map((port) => `${port}:hostPorts`)].join(' '),
      PORTS_BLOCK: 'no',
      PORT_REMEDY:
        'its traffic now goes to the edge cluster, not to that program: have it listen on another port, or choose ' +
        'another one for the unit',
    }),
    securityContext: { privileged: true },
    volumeMounts: [
      { name: 'lib', mountPath: lib },
      { name: 'sys', mountPath: '/host/sys', readOnly: true },
      { name: 'proc', mountPath: '/host/proc', readOnly: true },
      { name: 'modules', mountPath: '/lib/modules', readOnly: true },
      { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
    ],
  };
}

/** The volume that {@link nodeCheck} needs besides those that its pod already has. */
export function nodeCheckVolume(): k8s.Volume {
  return { name: 'proc', hostPath: { path: '/proc', type: 'Directory' } };
}

/** Checks what matters only to a server, which takes no privileges. */
export function serverCheck({ unit, image, apiPort }: KinsModel): k8s.Container {
  return {
    name: 'check',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: script('check.sh'),
    env: environment({
      ...unitEnvironment(unit),
      UNIT: unit,
      NODE_IP: '<status.hostIP>',
      CHECKS: 'ports clock',
      HAS_RUN: `${kinsPaths(unit).server}/k3s/cluster-id`,
      PART_LOCK: `${kinsPaths(unit).server}/standby/lock`,
      NET: '/proc/net',
      PORTS: [`${apiPort}:apiPort`, `${apiPort + 1}:apiPort+1`, ...SERVER_PORTS].join(' '),
      PORT_REMEDY: 'stop that program or have it listen elsewhere; apiPort can be changed',
      TOKEN: `${ACCOUNT}/token`,
    }),
    securityContext: UNPRIVILEGED,
    volumeMounts: [
      { name: 'data', mountPath: kinsPaths(unit).server, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
      { name: 'cloud', mountPath: ACCOUNT, readOnly: true },
    ],
  };
}
