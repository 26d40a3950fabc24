import { k8s } from 'cdk8s-plus-27';
import type { KinsPodResources } from '../kins-cluster-props';
import type { KinsModel } from '../model';
import {
  kinsLabels,
  kinsName,
  kinsPaths,
  kinsSelector,
  kinsServersHost,
  KINS_NAMESPACE,
  type KinsPart,
} from '../names';
import type { Replacement } from './replacement';

/** Annotation of pod templates: a hash of the configuration that the pod reads when it starts. */
const CONFIG_HASH_ANNOTATION = 'edge-constructs.io/config-hash';

/** What differs between the workloads of a unit. */
export interface KinsDaemonSet {
  readonly part: KinsPart;
  readonly nodes: readonly string[];
  /** Left out if the pods read no configuration. */
  readonly configHash?: string;
  readonly replacement: Replacement;
  readonly pod: k8s.PodSpec;
}

/** A DaemonSet of a unit, on the named nodes only. */
export function kinsDaemonSet(model: KinsModel, workload: KinsDaemonSet): unknown {
  const { unit } = model;
  const { part, configHash } = workload;
  return k8s.KubeDaemonSet.manifest({
    metadata: {
      name: kinsName(unit, part),
      namespace: KINS_NAMESPACE,
      labels: kinsLabels(unit, part),
    },
    spec: {
      selector: { matchLabels: kinsSelector(unit, part) },
      ...workload.replacement,
      template: {
        metadata: {
          labels: kinsLabels(unit, part),
          ...(configHash === undefined ? {} : { annotations: { [CONFIG_HASH_ANNOTATION]: configHash } }),
        },
        spec: {
          // These pods need nothing of the cloud cluster, neither variables with its Services nor access to its API.
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          priorityClassName: 'system-node-critical',
          affinity: pinnedTo(workload.nodes),
          tolerations: tolerationsOf(model),
          imagePullSecrets: pullSecrets(model),
          hostAliases: serverAliases(model),
          ...workload.pod,
        },
      },
    },
  });
}

/**
 * Selects nodes by the name of their objects, not by the label kubernetes.io/hostname. The two may differ, because of a
 * cloud provider or a hostname override, and then the pods would never start.
 */
function pinnedTo(nodes: readonly string[]): k8s.Affinity {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: nodes.map((node) => ({
          matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }],
        })),
      },
    },
  };
}

/** The taints that pods of the unit tolerate. */
function tolerationsOf({ tolerations }: KinsModel): k8s.Toleration[] {
  return tolerations.map(({ key, value, effect }) => ({
    key,
    operator: value === undefined ? 'Exists' : 'Equal',
    value,
    effect,
  }));
}

/** The Secrets with which the image is pulled. */
function pullSecrets({ imagePullSecrets }: KinsModel): k8s.LocalObjectReference[] | undefined {
  return imagePullSecrets.length === 0 ? undefined : imagePullSecrets.map((name) => ({ name }));
}

/** One name for all servers, so that nodes that join try one after the other, without a DNS server. */
function serverAliases({ unit, addresses, servers }: KinsModel): k8s.HostAlias[] | undefined {
  const declared = servers.flatMap((server) => addresses.get(server) ?? []);
  return declared.length === 0 ? undefined : declared.map((ip) => ({ ip, hostnames: [kinsServersHost(unit)] }));
}

/** The URL through which nodes join. */
export function joinUrl({ unit, addresses, apiPort }: KinsModel): string {
  return addresses.size > 0
    ? `https://${kinsServersHost(unit)}:${apiPort}`
    : `https://${kinsName(unit, 'svc')}.${KINS_NAMESPACE}.svc:443`;
}

/** Each server by its own address, if that is declared. */
export function serverUrls({ servers, addresses, apiPort }: KinsModel): string {
  return servers
    .flatMap((server) => {
      const address = addresses.get(server);
      return address === undefined ? [] : `${server}=https://${address}:${apiPort}`;
    })
    .join(' ');
}

/** Requests and limits of a container. */
export function containerResources(resources: KinsPodResources): k8s.ResourceRequirements {
  const { cpuRequest, memoryRequest, cpuLimit, memoryLimit } = resources;
  return {
    requests: quantities({ cpu: cpuRequest, memory: memoryRequest }),
    limits: quantities({ cpu: cpuLimit, memory: memoryLimit }),
  };
}

function quantities(values: Readonly<Record<string, string | undefined>>): Record<string, k8s.Quantity> | undefined {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, k8s.Quantity.fromString(value)] as const],
  );
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** Denies a process everything that it was not explicitly given. */
export const UNPRIVILEGED: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** Runs one of the unit's scripts. */
export function script(name: string): string[] {
  return ['/bin/sh', `/etc/kins/scripts/${name}`];
}

/** How long a probe may take, in seconds: a shell is slow to start if the node or its disk is busy. */
export const PROBE_SECONDS = 10;

/**
 * Ready once a file exists and, if a port is given, a process listens on it in the network of the unit. `ready.sh` explains
 * what else this does while a pod waits for the state of the unit.
 */
export function readyWith(file: string, port?: number): k8s.Probe {
  const listens = port === undefined ? [] : [port.toString(16).toUpperCase().padStart(4, '0')];
  return {
    exec: { command: [...script('ready.sh'), file, ...listens] },
    periodSeconds: 5,
    timeoutSeconds: PROBE_SECONDS,
    failureThreshold: 1,
  };
}

/** An environment of constants. A field of Kubernetes' downward API in angle brackets stands for its value. */
export function environment(values: Readonly<Record<string, string | number>>): k8s.EnvVar[] {
  return Object.entries(values).map(([name, value]) => {
    const field = /^<(.+)>$/.exec(String(value))?.[1];
    return field === undefined
      ? { name, value: String(value) }
      : { name, valueFrom: { fieldRef: { fieldPath: field } } };
  });
}

/**
 * For the programs of K3s: makes Go collect garbage twice as often as by default. On the small computers of a site, memory
 * is scarcer than the little CPU time that this takes.
 */
export const SMALL_HEAP = { GOGC: '50' } as const;

/** Marks a process as the unit's, for the recycler, and tells it where the unit's files are. */
export function unitEnvironment(unit: string): Readonly<Record<string, string>> {
  const { lib, run } = kinsPaths(unit);
  return { KINS_UNIT: unit, KINS_LIB: lib, KINS_RUN: run, NODE_NAME: '<spec.nodeName>' };
}

/**
 * Tells a part which revision of its DaemonSet the pod is of, and what it needs to ask whether it may change to that.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#controller-revision-hash
 */
export function upgradeEnvironment(model: KinsModel): Readonly<Record<string, string | number>> {
  return { KINS_REVISION: "<metadata.labels['controller-revision-hash']>", SERVER_COUNT: model.servers.length };
}

/** Tells a part whether its node shall start it by itself when no pod comes. */
export function standbyEnvironment({ bootWhileDark }: KinsModel): Readonly<Record<string, string>> {
  return { BOOT_WHILE_DARK: bootWhileDark ? 'yes' : 'no' };
}

/** A folder of the node, made if it is missing. */
export function hostDirectory(name: string, path: string): k8s.Volume {
  return { name, hostPath: { path, type: 'DirectoryOrCreate' } };
}

/** The lock file of programs that change the packet filter of a node. */
const PACKET_FILTER_LOCK = '/run/xtables.lock';

/**
 * The node's own lock, for pods that change its packet filter. With a lock of their own, they could undo changes of others.
 */
export function packetFilterLock(): k8s.Volume {
  return { name: 'packet-filter-lock', hostPath: { path: PACKET_FILTER_LOCK, type: 'FileOrCreate' } };
}

/** Where a container finds {@link packetFilterLock}. */
export const PACKET_FILTER_LOCK_MOUNT: k8s.VolumeMount = { name: 'packet-filter-lock', mountPath: PACKET_FILTER_LOCK };

/** A folder in memory that is gone with the pod. */
export function memory(name: string): k8s.Volume {
  return { name, emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('8Mi') } };
}

/** The unit's configuration files: the named ones or, if none is named, all, including those that are added later. */
export function configVolume(unit: string, ...files: readonly string[]): k8s.Volume {
  const items = files.map((file) => ({ key: file, path: file }));
  return {
    name: 'config',
    configMap: { name: kinsName(unit, 'config'), ...(items.length === 0 ? {} : { items }) },
  };
}

/** The state of the edge cluster, which is empty until it has formed. */
export function stateVolume(unit: string): k8s.Volume {
  return { name: 'state', configMap: { name: kinsName(unit, 'state'), defaultMode: 0o444, optional: true } };
}

/** Some of the unit's tokens. Unless the volume is optional, the pod starts only when the Secret has them all. */
export function tokensVolume(
  model: KinsModel,
  name: string,
  tokens: readonly string[],
  options: { readonly optional?: true } = {},
): k8s.Volume {
  return {
    name,
    secret: {
      secretName: model.tokenSecret ?? kinsName(model.unit, 'sec'),
      defaultMode: 0o440,
      items: tokens.map((token) => ({ key: token, path: token })),
      ...options,
    },
  };
}
