import type { Manifest } from '../core/edge-object';
import { DELETION_ANNOTATION } from '../superedge/labels';
import { deletionRefusal, hasOwnCluster } from '../superedge/autonomy-level';
import { configConfigMap, kinsConfigMap, kubeconfigConfigMap } from './config-maps';
import { apiService } from './api-service';
import { role, roleBinding, serviceAccount, type Grant } from './rbac';
import { agentDaemonSet } from './pods/agent';
import { criDaemonSet } from './pods/cri';
import { foundingAnnotations } from './guard/founding';
import { guardBinding, guardConfigMap, metadataBinding, namespaceBinding } from './guard/guard';
import type { KinsModel } from './model';
import { COMPONENT_LABEL, K3S_VERSION_ANNOTATION, kinsName, LEVEL_ANNOTATION } from './names';
import { prepullDaemonSet } from './pods/prepull';
import { endedDaemonSet, recycleDaemonSet } from './pods/recycle';
import { retiredObjects } from './retired-objects';
import { serverDaemonSet } from './pods/server';
import { unitSecret } from './pods/tokens';

/** An object of a unit, with its place in the tree and in the order of application. */
export interface KinsObject {
  readonly id: string;
  readonly wave: Wave;
  readonly manifest: Manifest;
}

/** The order in which a unit is applied. What all units share comes first. */
export enum Wave {
  /**
   * First what the guard compares: if it refuses the change, clients that apply wave by wave have not changed anything else
   * yet, including the guard.
   */
  LEVEL = -4,
  /** The guard, before anything that it guards. */
  GUARD = -3,
  /** What pods read, and their rights. */
  CONFIGURATION = -2,
  /** The pods. Nothing comes after them, so a node that is switched off does not hold up anything else. */
  WORKLOADS = 0,
}

/** All objects of a unit at its level, in the order of application, without what all units share. */
export function kinsObjects(model: KinsModel): readonly KinsObject[] {
  const objects = hasOwnCluster(model.level)
    ? [...guardObjects(model), ...configuration(model), ...workloads(model)]
    : [...guardObjects(model), ...recycling(model), ...ended(model)];
  return objects.map(({ manifest, ...others }) => ({ ...others, manifest: withAnnotations(manifest, model) }));
}

/** The annotations tell the guard how an object changes, and people why they can't delete it. */
function withAnnotations(manifest: Manifest, model: KinsModel): Manifest {
  const { unit, level } = model;
  const isKept = hasOwnCluster(level) && manifest.metadata.labels?.[COMPONENT_LABEL] !== 'prepull';
  const annotations = {
    ...manifest.metadata.annotations,
    [LEVEL_ANNOTATION]: level,
    ...foundingAnnotations(model),
    [K3S_VERSION_ANNOTATION]: hasOwnCluster(level) ? model.version : '',
    [DELETION_ANNOTATION]: isKept ? `refused: ${deletionRefusal(unit, level)}` : 'allowed',
  };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

function guardObjects(model: KinsModel): KinsObject[] {
  const { unit, level } = model;
  return [
    ...inWave(Wave.LEVEL, { guard: guardConfigMap(unit, level) }),
    ...inWave(Wave.GUARD, {
      'guard-binding': guardBinding(model),
      'namespace-binding': namespaceBinding(model),
      'metadata-binding': metadataBinding(model),
    }),
  ];
}

function configuration(model: KinsModel): KinsObject[] {
  const { unit, credentialsInConfigMap } = model;
  return inWave(Wave.CONFIGURATION, {
    config: configConfigMap(model),
    state: filledInTheCluster(kinsConfigMap(unit, 'state')),
    kubeconfig: credentialsInConfigMap ? filledInTheCluster(kubeconfigConfigMap(model)) : kubeconfigConfigMap(model),
    secret: filledInTheCluster(unitSecret(unit)),
    'server-account': serviceAccount(unit, 'server'),
    'server-role': role(unit, 'server', serverGrants(model)),
    'server-role-binding': roleBinding(unit, 'server'),
    service: apiService(model),
  });
}

/**
 * Pods write into this object, and Flux is told to keep that: by default it reverts what field managers named `kubectl`
 * have written.
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
 */
function filledInTheCluster(object: unknown): Manifest {
  const manifest = object as Manifest;
  const annotations = { ...manifest.metadata.annotations, 'kustomize.toolkit.fluxcd.io/ssa': 'Merge' };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

/** Servers fill the Secret, record that the unit has formed, and keep the kubeconfigs up to date. */
function serverGrants({ unit, credentialsInConfigMap }: KinsModel): Grant[] {
  return [
    { resource: 'secrets', names: [kinsName(unit, 'sec')] },
    {
      resource: 'configmaps',
      names: [kinsName(unit, 'state'), ...(credentialsInConfigMap ? [kinsName(unit, 'cm')] : [])],
    },
  ];
}

function workloads(model: KinsModel): KinsObject[] {
  const { prepullImage } = model;
  return inWave(Wave.WORKLOADS, {
    cri: criDaemonSet(model),
    server: serverDaemonSet(model),
    agent: agentDaemonSet(model),
    ...(prepullImage === undefined ? {} : { prepull: prepullDaemonSet(model, prepullImage) }),
  });
}

function recycling(model: KinsModel): KinsObject[] {
  return inWave(Wave.WORKLOADS, {
    agent: endedDaemonSet(model, 'agent'),
    cri: endedDaemonSet(model, 'cri'),
    server: endedDaemonSet(model, 'server'),
    prepull: endedDaemonSet(model, 'prepull'),
    recycle: recycleDaemonSet(model),
  });
}

/**
 * The objects that only L4 and L5 need, without their content. They are rendered at L3, too, so that deleting the output of
 * L3 removes all of the unit, and so that no object still claims L4 or L5 when the unit is given a cluster again.
 */
function ended(model: KinsModel): KinsObject[] {
  return [
    ...configuration(model).map(({ id, manifest }) => ({
      id,
      wave: Wave.WORKLOADS,
      manifest: withoutContent(manifest),
    })),
    ...inWave(Wave.WORKLOADS, retiredObjects(model)),
  ];
}

/**
 * Removes the content of an object, except what Kubernetes requires: the role of a binding, the ports of a Service, the pod
 * selector of a policy. Fields are left out rather than set to empty values, which API servers drop, so that tools would
 * report a difference forever.
 */
function withoutContent(manifest: Manifest): Manifest {
  return Object.fromEntries(
    Object.entries(manifest).filter(([field]) => field !== 'data' && field !== 'rules'),
  ) as unknown as Manifest;
}

function inWave(wave: Wave, manifests: Readonly<Record<string, unknown>>): KinsObject[] {
  return Object.entries(manifests).map(([id, manifest]) => ({ id, wave, manifest: manifest as Manifest }));
}
