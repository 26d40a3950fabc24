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
import { kinsName, LEVEL_ANNOTATION } from './names';
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

/** The order in which a unit is applied. What all units share comes before all of them. */
export enum Wave {
  /**
   * What the guard compares first: when it refuses the change, who applies wave by wave has touched nothing, the guard
   * itself neither.
   */
  LEVEL = -4,
  /** Nothing of a unit may exist unguarded. */
  GUARD = -3,
  /** What pods read and may do. */
  CONFIGURATION = -2,
  /** The pods. Nothing comes after them, so a node that is off holds nobody else up. */
  WORKLOADS = 0,
}

/** All objects of a unit at its level, in the order of application, without what all units share. */
export function kinsObjects(model: KinsModel): readonly KinsObject[] {
  const objects = hasOwnCluster(model.level)
    ? [...guardObjects(model), ...configuration(model), ...workloads(model)]
    : [...guardObjects(model), ...recycling(model), ...ended(model)];
  return objects.map(({ manifest, ...others }) => ({ ...others, manifest: withAnnotations(manifest, model) }));
}

/** The guard knows by the annotations from what to what an object is changed; people, why they can't delete it. */
function withAnnotations(manifest: Manifest, model: KinsModel): Manifest {
  const { unit, level } = model;
  const annotations = {
    ...manifest.metadata.annotations,
    [LEVEL_ANNOTATION]: level,
    ...foundingAnnotations(model),
    [DELETION_ANNOTATION]: hasOwnCluster(level) ? `refused: ${deletionRefusal(unit, level)}` : 'allowed',
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
 * Pods write into it, and Flux keeps what they write: by default it takes back what a `kubectl` has written since.
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
 */
function filledInTheCluster(object: unknown): Manifest {
  const manifest = object as Manifest;
  const annotations = { ...manifest.metadata.annotations, 'kustomize.toolkit.fluxcd.io/ssa': 'Merge' };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

/** A server fills the Secret, tells that the unit has formed, and keeps the kubeconfigs up to date. */
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
  return inWave(Wave.WORKLOADS, {
    cri: criDaemonSet(model),
    server: serverDaemonSet(model),
    agent: agentDaemonSet(model),
  });
}

function recycling(model: KinsModel): KinsObject[] {
  return inWave(Wave.WORKLOADS, {
    agent: endedDaemonSet(model, 'agent'),
    cri: endedDaemonSet(model, 'cri'),
    server: endedDaemonSet(model, 'server'),
    recycle: recycleDaemonSet(model),
  });
}

/**
 * What only L4 and L5 need, without what is in it. Rendered at L3, so that deleting what L3 renders leaves nothing of the unit
 * behind, and so that nothing says it is of L4 or L5 when the unit is given a cluster again.
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
 * Not without what Kubernetes requires, though: the role of a binding, the ports of a Service, the pods of a policy. Fields
 * are left out, not emptied: API servers keep none that is empty, and who compares would see a change for ever.
 */
function withoutContent(manifest: Manifest): Manifest {
  return Object.fromEntries(
    Object.entries(manifest).filter(([field]) => field !== 'data' && field !== 'rules'),
  ) as unknown as Manifest;
}

function inWave(wave: Wave, manifests: Readonly<Record<string, unknown>>): KinsObject[] {
  return Object.entries(manifests).map(([id, manifest]) => ({ id, wave, manifest: manifest as Manifest }));
}
