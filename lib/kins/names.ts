import { createHash } from 'node:crypto';
import { derive } from '../core/placeholders/placeholder';
import { KINS_NAMESPACE, UNIT_LABEL } from '../superedge/labels';

export { KINS_NAMESPACE, UNIT_LABEL };

/** Label of every object and pod of a unit that says which part of it this is. */
export const COMPONENT_LABEL = 'edge-constructs.io/component';

/** Annotation of a unit's objects: the level that they were rendered for. */
export const LEVEL_ANNOTATION = 'edge-constructs.io/level';

/** Annotation of a unit's objects: the K3s release that they were rendered for; empty if it is not known, and at L3. */
export const K3S_VERSION_ANNOTATION = 'edge-constructs.io/k3s-version';

/** Annotation of the state of a unit: the id of a cluster that an administrator gives up. */
export const GIVE_UP_ANNOTATION = 'edge-constructs.io/give-up';

/** User and group of the control plane's processes: no known distribution has an account with this number. */
export const SERVER_UID = 10001;

/** Longest name of a unit: SuperEdge derives names of 63 characters from one of 35. */
export const LONGEST_UNIT_NAME = 35;

/** The parts of a unit; an object's name is `<unit>-<part>-kins`. */
export type KinsPart =
  | 'server'
  | 'cri'
  | 'agent'
  | 'svc'
  | 'cm'
  | 'sec'
  | 'config'
  | 'scripts'
  | 'state'
  | 'guard'
  | 'namespace'
  | 'metadata'
  | 'token'
  | 'tokens'
  | 'recycle'
  | 'prepull';

/** The name of an object of a unit. */
export function kinsName(unit: string, part: KinsPart): string {
  return `${unit}-${part}-kins`;
}

/** The labels of an object or pod of a unit. */
export function kinsLabels(unit: string, component: string): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/instance': unit,
    'app.kubernetes.io/managed-by': 'edge-constructs',
    'app.kubernetes.io/name': 'kins',
    [COMPONENT_LABEL]: component,
    [UNIT_LABEL]: unit,
  };
}

/** The labels by which pods of a component are selected; they never change, since a selector is immutable. */
export function kinsSelector(unit: string, component: string): Readonly<Record<string, string>> {
  return { [COMPONENT_LABEL]: component, [UNIT_LABEL]: unit };
}

/** Folder of all units on a node. */
export const KINS_LIB_ROOT = '/var/lib/kins';

/** Id of the namespace `kins-system` in a chart that has units. */
export const NAMESPACE_ID = 'kins-namespace';

/**
 * Construct ids of what all units of a chart share: the namespace, the policies of the guard, and the scripts of their
 * pods.
 */
export const SHARED_ID = /^kins-(?:namespace|[a-z-]+-(?:policy|scripts))$/;

/** Name of the folder there in which a site puts archives of images, so no unit can have it. */
export const IMAGES_FOLDER = 'images';

/** Where a unit keeps its files on a node. */
export interface KinsPaths {
  /** Files that outlive a reboot. */
  readonly lib: string;
  /** Files in memory, which do not. */
  readonly run: string;
  /** The data of the control plane; belongs to {@link SERVER_UID}. */
  readonly server: string;
  /** CA and credential that the kubeconfig on the node refers to. */
  readonly access: string;
  /** The cgroup of the edge cluster's pods, below the cgroup root. */
  readonly cgroup: string;
}

/** The paths of a unit on its nodes. */
export function kinsPaths(unit: string): KinsPaths {
  const lib = `${KINS_LIB_ROOT}/${unit}`;
  return { lib, run: `/run/kins/${unit}`, server: `${lib}/server`, access: `${lib}/access`, cgroup: `kins-${unit}` };
}

/** Names by which the API server of a unit is reached from the cloud, for its certificate. */
export function kinsServiceNames(unit: string): readonly string[] {
  const service = kinsName(unit, 'svc');
  return [
    service,
    `${service}.${KINS_NAMESPACE}`,
    `${service}.${KINS_NAMESPACE}.svc`,
    `${service}.${KINS_NAMESPACE}.svc.cluster.local`,
  ];
}

/** Stands for all servers in the `/etc/hosts` of the pods, when the addresses of the servers are declared. */
export function kinsServersHost(unit: string): string {
  return `${unit}-servers-kins`;
}

/** Namespace of the ConfigMaps that {@link holdName} names: one that every cluster has. */
export const HOLD_NAMESPACE = 'kube-system';

/**
 * Name of the ConfigMap that stands for a node's device, or its machine. It is deleted before anything else of them, so
 * that the guard of a unit that runs on the node can refuse that in time.
 */
export function holdName(part: 'device' | 'machine', node: string): string {
  return `edge-${part}-${node}`;
}

/** Prefix of the names of ConfigMaps that stand for metadata of a node, which may be set in several places. */
export const METADATA_HOLD_PREFIX = 'edge-metadata-';

/** Label of those ConfigMaps, by which the guard of a unit selects them: the node, in a form that always fits a label. */
export const METADATA_HOLD_LABEL = 'edge-constructs.io/metadata-of';

/** The value of {@link METADATA_HOLD_LABEL} for a node: its name may be longer than a label. */
export function metadataHoldOf(node: string): string {
  return derive('label of a node', node, (name) => createHash('sha256').update(name).digest('hex').slice(0, 32));
}
