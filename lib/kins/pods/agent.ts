import type { k8s } from 'cdk8s-plus-27';
import { agentConfig, kubeletConfig } from '../config-files';
import { hashOf } from '../hashes';
import { localPort, type KinsModel } from '../model';
import { kinsPaths, KINS_LIB_ROOT } from '../names';
import { overlayPort } from '../node-network';
import {
  configVolume,
  containerResources,
  environment,
  hostDirectory,
  joinUrl,
  kinsDaemonSet,
  memory,
  readyWith,
  script,
  serverUrls,
  SMALL_HEAP,
  standbyEnvironment,
  upgradeEnvironment,
  stateVolume,
  tokensVolume,
  unitEnvironment,
  UNPRIVILEGED,
} from './pod';
import { BESIDE_THE_EARLIER } from './replacement';
import { registriesVolume, REGISTRY_SECRETS } from '../registries';
import { scriptsVolume } from './unit-scripts';

/** Where the agent keeps the files that its start script writes; in memory only. */
const AGENT_WORK = '/run/kins-agent';

/** Where the kubelet listens, in the network of the unit. */
const KUBELET_PORT = 10250;

/** Through files here, the agent asks the container that has the administrator's token to let the node in. */
const ADMISSION = '/run/kins-admission';

/**
 * The kubelet and kube-proxy of the edge cluster, in the network of the unit. It can be replaced at any time without
 * touching the workloads, because those belong to the node.
 */
export function agentDaemonSet(model: KinsModel): unknown {
  const { unit, nodes } = model;
  const { lib, run, access } = kinsPaths(unit);
  return kinsDaemonSet(model, {
    part: 'agent',
    nodes,
    configHash: hashOf({ 'agent.yaml': agentConfig(model), 'kubelet.yaml': kubeletConfig(model) }),
    replacement: BESIDE_THE_EARLIER,
    pod: {
      hostNetwork: true,
      // Nodes join through a Service, whose name the cloud cluster's DNS resolves.
      dnsPolicy: 'ClusterFirstWithHostNet',
      // As process 1, K3s would start a second process of itself and only reap its zombies, which wastes 40 MiB.
      shareProcessNamespace: true,
      containers: [agentContainer(model), accessContainer(model)],
      volumes: [
        hostDirectory('lib', lib),
        hostDirectory('run', run),
        hostDirectory('access', access),
        hostDirectory('agent', `${lib}/agent`),
        { name: 'sys', hostPath: { path: '/sys', type: 'Directory' } },
        { name: 'modules', hostPath: { path: '/lib/modules', type: 'DirectoryOrCreate' } },
        // The folder of all units, because archives of images are beside them.
        hostDirectory('kins', KINS_LIB_ROOT),
        memory('work'),
        memory('admission'),
        // All files, so that the settings of registries that are added later reach pods that already run.
        configVolume(unit),
        scriptsVolume('agent'),
        stateVolume(unit),
        // Agents never have the server token. The administrator's goes to the container that puts it on the node.
        tokensVolume(model, 'agent-token', ['agent-token']),
        tokensVolume(model, 'admin-token', ['admin-token']),
        ...registriesVolume(model),
      ],
    },
  });
}

function agentContainer(model: KinsModel): k8s.Container {
  const { unit, image } = model;
  const { lib, run, cgroup } = kinsPaths(unit);
  return {
    name: 'agent',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: script('agent.sh'),
    env: environment({
      ...unitEnvironment(unit),
      ...meetingPoints(model),
      ...standbyEnvironment(model),
      ...upgradeEnvironment(model),
      SERVER_URLS: serverUrls(model),
      API_PORT: model.apiPort,
      LOCAL_PORT: localPort(model),
      OVERLAY_PORT: overlayPort(model),
      CGROUP: cgroup,
      KINS_WAITING: AGENT_WORK,
      XTABLES_LOCKFILE: `${run}/xtables.lock`,
      ...SMALL_HEAP,
    }),
    readinessProbe: readyWith(`${AGENT_WORK}/open`, KUBELET_PORT),
    resources: containerResources(model.resources.agent),
    securityContext: { privileged: true },
    volumeMounts: [
      { name: 'lib', mountPath: lib, mountPropagation: 'Bidirectional' },
      // Holds the password by which the servers recognize the node.
      { name: 'lib', mountPath: '/etc/rancher/node', subPath: 'node' },
      { name: 'run', mountPath: run, mountPropagation: 'HostToContainer' },
      { name: 'run', mountPath: '/run/flannel', subPath: 'flannel' },
      { name: 'sys', mountPath: '/host/sys', mountPropagation: 'HostToContainer' },
      { name: 'modules', mountPath: '/lib/modules', readOnly: true },
      { name: 'kins', mountPath: '/host/kins', readOnly: true, mountPropagation: 'HostToContainer' },
      { name: 'work', mountPath: AGENT_WORK },
      { name: 'admission', mountPath: ADMISSION },
      { name: 'config', mountPath: '/etc/kins/config', readOnly: true },
      { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
      { name: 'state', mountPath: '/etc/kins/state', readOnly: true },
      { name: 'agent-token', mountPath: '/etc/kins/secrets', readOnly: true },
      ...registriesVolume(model).map(({ name }) => ({ name, mountPath: REGISTRY_SECRETS, readOnly: true })),
    ],
  };
}

/** The addresses at which a node reaches servers. */
function meetingPoints(model: KinsModel): Readonly<Record<string, string>> {
  return {
    NODE_IP: '<status.hostIP>',
    SERVERS: model.servers.join(','),
    JOIN_URL: joinUrl(model),
    OWN_URL: `https://$(NODE_IP):${model.apiPort}`,
  };
}

function accessContainer(model: KinsModel): k8s.Container {
  const { unit, image } = model;
  const { lib, access } = kinsPaths(unit);
  return {
    name: 'access',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: script('access.sh'),
    env: environment({ ...unitEnvironment(unit), ...meetingPoints(model), HOME: ADMISSION }),
    resources: containerResources({ cpuRequest: '5m', memoryRequest: '8Mi' }),
    securityContext: UNPRIVILEGED,
    volumeMounts: [
      { name: 'access', mountPath: access },
      { name: 'agent', mountPath: `${lib}/agent`, readOnly: true },
      { name: 'admission', mountPath: ADMISSION },
      { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
      { name: 'admin-token', mountPath: '/etc/kins/secrets', readOnly: true },
    ],
  };
}
