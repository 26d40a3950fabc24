import { k8s } from 'cdk8s-plus-27';
import { serverCheck } from './node-checks';
import { localUrl, serverConfig, SERVER_WORK } from '../config-files';
import { hashOf } from '../hashes';
import type { KinsModel } from '../model';
import { kinsName, kinsPaths, kinsServiceNames, KINS_NAMESPACE, SERVER_UID } from '../names';
import {
  configVolume,
  containerResources,
  environment,
  hostDirectory,
  joinUrl,
  kinsDaemonSet,
  PROBE_SECONDS,
  memory,
  readyWith,
  script,
  serverUrls,
  SMALL_HEAP,
  standbyEnvironment,
  upgradeEnvironment,
  stateVolume,
  unitEnvironment,
  UNPRIVILEGED,
} from './pod';
import { BESIDE_THE_EARLIER } from './replacement';
import { serverTokens } from './tokens';
import { scriptsVolume } from './unit-scripts';

const PUBLISH_WORK: k8s.VolumeMount = { name: 'publish-work', mountPath: '/run/kins-publish' };

/** The service account of the pod, at the path where programs expect it. */
const CLOUD: k8s.VolumeMount = {
  name: 'cloud',
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  readOnly: true,
};

/** Through a file here, one container tells the probe of another that it is waiting for the state of the unit. */
const WAITING = '/run/kins-waiting';

/**
 * The control plane: `k3s server` without an agent, on the node's network, as an unprivileged user. It uses the node's
 * network because members of etcd are identified by their addresses, and a pod's address changes with the pod.
 */
export function serverDaemonSet(model: KinsModel): unknown {
  const { unit, servers } = model;
  const tokens = serverTokens(model, PUBLISH_WORK, CLOUD);
  return kinsDaemonSet(model, {
    part: 'server',
    nodes: servers,
    configHash: hashOf({ 'server.yaml': serverConfig(model) }),
    replacement: BESIDE_THE_EARLIER,
    pod: {
      hostNetwork: true,
      // As process 1, K3s would start a second process of itself and only reap its zombies, which wastes 40 MiB.
      shareProcessNamespace: true,
      dnsPolicy: 'ClusterFirstWithHostNet',
      serviceAccountName: kinsName(unit, 'server'),
      securityContext: {
        runAsUser: SERVER_UID,
        runAsGroup: SERVER_UID,
        fsGroup: SERVER_UID,
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      // The check comes first, because with a wrong clock the cloud's API can't be used.
      initContainers: [serverCheck(model), ...tokens.initContainers, releaseKeeper(model)],
      containers: [serverContainer(model), publishContainer(model)],
      volumes: [
        hostDirectory('data', kinsPaths(unit).server),
        ...keptReleases(unit),
        memory('server-work'),
        memory('publish-work'),
        memory('waiting'),
        { name: 'tmp', emptyDir: {} },
        { name: 'rancher', emptyDir: {} },
        configVolume(unit, 'server.yaml', 'upgrades'),
        scriptsVolume('server'),
        stateVolume(unit),
        ...tokens.volumes,
        cloudAccess(),
      ],
    },
  });
}

function serverContainer(model: KinsModel): k8s.Container {
  const { unit, servers, image, apiPort } = model;
  return {
    name: 'server',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: script('server.sh'),
    env: environment({
      ...unitEnvironment(unit),
      UNIT: unit,
      NODE_IP: '<status.hostIP>',
      FIRST_SERVER: servers[0] ?? '',
      ...upgradeEnvironment(model),
      JOIN_URL: joinUrl(model),
      SERVER_URLS: serverUrls(model),
      STATE_CONFIGMAP: kinsName(unit, 'state'),
      ...standbyEnvironment(model),
      HOME: SERVER_WORK,
      ...SMALL_HEAP,
    }),
    readinessProbe: {
      tcpSocket: { port: k8s.IntOrString.fromNumber(apiPort) },
      periodSeconds: 5,
      timeoutSeconds: PROBE_SECONDS,
    },
    livenessProbe: isStillMember(unit),
    resources: containerResources(model.resources.server),
    securityContext: UNPRIVILEGED,
    volumeMounts: [
      { name: 'data', mountPath: kinsPaths(unit).server },
      { name: 'server-work', mountPath: SERVER_WORK },
      // K3s' programs of before, for the way back.
      { name: 'releases', mountPath: `${kinsPaths(unit).lib}/releases`, readOnly: true },
      { name: 'waiting', mountPath: WAITING },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'rancher', mountPath: '/etc/rancher' },
      { name: 'config', mountPath: '/etc/kins/config', readOnly: true },
      { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
      { name: 'state', mountPath: '/etc/kins/state', readOnly: true },
      { name: 'tokens', mountPath: '/etc/kins/secrets', readOnly: true },
    ],
  };
}

/**
 * Copies the programs of the server to its node, from where the node starts it when no pod comes, and goes back to it when
 * another release fails. Runs as root, because the control plane's user must not own what root executes there, but without
 * capabilities.
 */
function releaseKeeper(model: KinsModel): k8s.Container {
  const { unit, image } = model;
  return {
    name: 'release',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: script('keep-release.sh'),
    env: environment(unitEnvironment(unit)),
    resources: containerResources({ cpuRequest: '10m', memoryRequest: '32Mi' }),
    securityContext: { ...UNPRIVILEGED, runAsUser: 0, runAsGroup: 0, runAsNonRoot: false },
    volumeMounts: [
      ...keptReleases(unit).map(({ name, hostPath }) => ({ name, mountPath: hostPath?.path ?? '' })),
      { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
    ],
  };
}

/** The volume that {@link releaseKeeper} writes to. */
function keptReleases(unit: string): k8s.Volume[] {
  const { lib } = kinsPaths(unit);
  return [hostDirectory('releases', `${lib}/releases`), hostDirectory('standby', `${lib}/standby`)];
}

/**
 * Fails for a server that the others have removed from etcd, which K3s does to one that was away for five minutes while it
 * joined. K3s then writes a file, logs that it should be restarted, and continues without etcd. After a restart it joins
 * again.
 */
function isStillMember(unit: string): k8s.Probe {
  const removed = `${kinsPaths(unit).server}/k3s/server/db/etcd/tombstone`;
  return {
    exec: { command: ['sh', '-c', `test ! -e ${removed}`] },
    // After a restart, K3s needs a moment until it removes the file.
    initialDelaySeconds: 120,
    periodSeconds: 30,
    timeoutSeconds: PROBE_SECONDS,
    failureThreshold: 2,
  };
}

function publishContainer(model: KinsModel): k8s.Container {
  const { unit, servers, image, apiPort, addresses } = model;
  const first = servers[0] ?? '';
  return {
    name: 'publish',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: script('publish.sh'),
    env: environment({
      ...unitEnvironment(unit),
      UNIT: unit,
      NODE_IP: '<status.hostIP>',
      NAMESPACE: KINS_NAMESPACE,
      STATE_CONFIGMAP: kinsName(unit, 'state'),
      SECRET: kinsName(unit, 'sec'),
      FIRST_SERVER: first,
      DIRECT_URL: `https://${addresses.get(first) ?? '$(NODE_IP)'}:${apiPort}`,
      SERVICE_URL: `https://${kinsServiceNames(unit)[1] ?? ''}:443`,
      PROXY_URL: model.tunnelProxyUrl,
      LOCAL_URL: localUrl(model),
      CREDENTIALS_CONFIGMAP: model.credentialsInConfigMap ? kinsName(unit, 'cm') : '',
      HOME: PUBLISH_WORK.mountPath,
    }),
    // Ready means that this server answers, and that it belongs to the unit's own cluster.
    readinessProbe: readyWith(`${PUBLISH_WORK.mountPath}/ready`),
    resources: containerResources({ cpuRequest: '10m', memoryRequest: '64Mi' }),
    securityContext: UNPRIVILEGED,
    volumeMounts: [
      { name: 'data', mountPath: kinsPaths(unit).server },
      PUBLISH_WORK,
      { name: 'waiting', mountPath: WAITING },
      { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
      { name: 'tokens', mountPath: '/etc/kins/secrets', readOnly: true },
      CLOUD,
    ],
  };
}

/** The service account that Kubernetes would mount into every container, only for those that talk to the cloud. */
function cloudAccess(): k8s.Volume {
  return {
    name: 'cloud',
    projected: {
      defaultMode: 0o440,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardApi: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  };
}
