import type { k8s } from 'cdk8s-plus-27';
import { nodeCheck, nodeCheckVolume } from './node-checks';
import { API_NODE_PORT, containerdConfig, hashOf } from '../config-files';
import { localPort, type KinsModel } from '../model';
import { kinsPaths, SERVER_UID } from '../names';
import {
  configVolume,
  containerResources,
  environment,
  hostDirectory,
  kinsDaemonSet,
  PROBE_SECONDS,
  script,
  SMALL_HEAP,
  unitEnvironment,
  UNPRIVILEGED,
} from './pod';
import { BY_HAND } from './replacement';
import { scriptsVolume } from './unit-scripts';

/** Most seconds that a container of the edge cluster gets to stop before the cri pod does; less if its pod says less. */
const STOP_SECONDS = 300;

/**
 * The container runtime of the edge cluster. It holds the running workloads and the network that they live in, so
 * it is only replaced by hand (`OnDelete`): server and agent come and go without them.
 */
export function criDaemonSet(model: KinsModel): unknown {
  const { unit, nodes, image } = model;
  const { lib, run } = kinsPaths(unit);
  return kinsDaemonSet(model, {
    part: 'cri',
    nodes,
    configHash: hashOf({ 'containerd.toml': containerdConfig(model) }),
    replacement: BY_HAND,
    pod: {
      // Its resolv.conf becomes that of the edge cluster: the node's, not the cloud cluster's.
      dnsPolicy: 'Default',
      terminationGracePeriodSeconds: STOP_SECONDS + 15,
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
        configVolume(unit, 'containerd.toml'),
        scriptsVolume('cri'),
      ],
    },
  });
}

function criContainer(model: KinsModel): k8s.Container {
  const { unit, image, hostPorts } = model;
  const { lib, run } = kinsPaths(unit);
  return {
    name: 'containerd',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: script('cri.sh'),
    env: environment({
      ...unitEnvironment(unit),
      POD_IPS: '<status.podIPs>',
      STOP_SECONDS,
      ...SMALL_HEAP,
      // The lock that keeps changes of iptables apart lies in the file system, the rules in the shared network.
      XTABLES_LOCKFILE: `${run}/xtables.lock`,
    }),
    ports: [
      { name: 'api', containerPort: API_NODE_PORT, hostPort: localPort(model), hostIp: '127.0.0.1', protocol: 'TCP' },
      ...hostPorts.map((port) => ({ name: `lan-${port}`, containerPort: port, hostPort: port, protocol: 'TCP' })),
    ],
    lifecycle: { preStop: { exec: { command: script('stop-workloads.sh') } } },
    // Nothing waits for it: it is where people look to see what is wrong.
    readinessProbe: {
      exec: { command: script('registries-ready.sh') },
      periodSeconds: 30,
      timeoutSeconds: PROBE_SECONDS,
      failureThreshold: 1,
    },
    resources: containerResources(model.resources.cri),
    securityContext: { privileged: true },
    volumeMounts: [
      { name: 'lib', mountPath: lib, mountPropagation: 'Bidirectional' },
      { name: 'lib', mountPath: '/var/lib/cni', subPath: 'cni' },
      { name: 'run', mountPath: run, mountPropagation: 'Bidirectional' },
      { name: 'run', mountPath: '/run/flannel', subPath: 'flannel' },
      { name: 'sys', mountPath: '/host/sys', mountPropagation: 'HostToContainer' },
      { name: 'modules', mountPath: '/lib/modules', readOnly: true },
      { name: 'config', mountPath: '/etc/kins/config', readOnly: true },
      { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
    ],
  };
}
