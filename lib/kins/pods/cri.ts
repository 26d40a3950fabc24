import type { k8s } from 'cdk8s-plus-27';
import { nodeCheck, nodeCheckVolume } from './node-checks';
import { API_NODE_PORT, cniConfig, containerdConfig, flannelBackend } from '../config-files';
import { hashOf } from '../hashes';
import { localPort, type KinsModel } from '../model';
import { kinsPaths, SERVER_UID } from '../names';
import { nodeNetwork, overlayPort, UPLINK } from '../node-network';
import {
  configVolume,
  containerResources,
  environment,
  hostDirectory,
  kinsDaemonSet,
  memory,
  PACKET_FILTER_LOCK_MOUNT,
  packetFilterLock,
  PROBE_SECONDS,
  script,
  SMALL_HEAP,
  stateVolume,
  standbyEnvironment,
  upgradeEnvironment,
  unitEnvironment,
  UNPRIVILEGED,
} from './pod';
import { BESIDE_THE_EARLIER } from './replacement';
import { scriptsVolume } from './unit-scripts';

/** Where the script of the pod keeps its files; in memory only. */
const CRI_WORK = '/run/kins-cri';

/**
 * Makes the network of the unit on its nodes, and keeps the container runtime of the edge cluster running there. Neither
 * belongs to the pod, so the pod can be replaced while workloads run.
 */
export function criDaemonSet(model: KinsModel): unknown {
  const { unit, nodes, image } = model;
  const { lib, run } = kinsPaths(unit);
  return kinsDaemonSet(model, {
    part: 'cri',
    nodes,
    configHash: hashOf({ 'cni.conflist': cniConfig(model), 'containerd.toml': containerdConfig(model) }),
    replacement: BESIDE_THE_EARLIER,
    pod: {
      hostNetwork: true,
      // Processes that it starts outlive it, so they must not be in namespaces that end with it.
      hostPid: true,
      // The edge cluster gets the resolv.conf of this pod, which must be the node's, not the cloud cluster's.
      dnsPolicy: 'Default',
      terminationGracePeriodSeconds: 10,
      initContainers: [
        nodeCheck(model),
        {
          name: 'prepare',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: script('prepare.sh'),
          env: environment({ ...unitEnvironment(unit), SERVER_UID }),
          securityContext: {
            ...UNPRIVILEGED,
            capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] },
          },
          volumeMounts: [
            { name: 'lib', mountPath: lib },
            { name: 'run', mountPath: run },
            { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
          ],
        },
      ],
      containers: [criContainer(model)],
      volumes: [
        hostDirectory('lib', lib),
        hostDirectory('run', run),
        { name: 'sys', hostPath: { path: '/sys', type: 'Directory' } },
        { name: 'modules', hostPath: { path: '/lib/modules', type: 'DirectoryOrCreate' } },
        nodeCheckVolume(),
        packetFilterLock(),
        memory('work'),
        configVolume(unit, 'addresses', 'cni.conflist', 'containerd.toml', 'upgrades'),
        stateVolume(unit),
        scriptsVolume('cri'),
      ],
    },
  });
}

function criContainer(model: KinsModel): k8s.Container {
  const { unit, image } = model;
  const { lib, run, cgroup } = kinsPaths(unit);
  return {
    name: 'containerd',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: script('cri.sh'),
    env: environment({
      ...unitEnvironment(unit),
      ...planeEnvironment(model),
      ...standbyEnvironment(model),
      ...upgradeEnvironment(model),
      KINS_WAITING: CRI_WORK,
      SERVER_UID,
      CGROUP: cgroup,
      ...SMALL_HEAP,
    }),
    readinessProbe: {
      exec: { command: script('registries-ready.sh') },
      periodSeconds: 10,
      timeoutSeconds: PROBE_SECONDS,
      failureThreshold: 1,
    },
    resources: containerResources(model.resources.cri),
    securityContext: { privileged: true },
    volumeMounts: [
      { name: 'lib', mountPath: lib, mountPropagation: 'Bidirectional' },
      { name: 'run', mountPath: run, mountPropagation: 'Bidirectional' },
      { name: 'sys', mountPath: '/host/sys', mountPropagation: 'HostToContainer' },
      { name: 'modules', mountPath: '/lib/modules', readOnly: true },
      PACKET_FILTER_LOCK_MOUNT,
      { name: 'work', mountPath: CRI_WORK },
      { name: 'state', mountPath: '/etc/kins/state', readOnly: true },
      { name: 'config', mountPath: '/etc/kins/config', readOnly: true },
      { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
    ],
  };
}

/** The parameters of the unit's network on every node. */
function planeEnvironment(model: KinsModel): Readonly<Record<string, string | number>> {
  const { unit, hostPorts, apiPort } = model;
  const { link, linkAddresses, vni } = nodeNetwork(unit);
  return {
    NODE_IP: '<status.hostIP>',
    LINK: link,
    LINK_HERE: linkAddresses[0],
    LINK_THERE: linkAddresses[1],
    UPLINK,
    VNI: vni,
    OVERLAY_PORT: overlayPort(model),
    FLANNEL_BACKEND: flannelBackend(model),
    API_PORT: apiPort,
    LOCAL_PORT: localPort(model),
    API_NODE_PORT,
    HOST_PORTS: hostPorts.join(' '),
  };
}
