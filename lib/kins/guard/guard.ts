import type { Manifest } from '../../core/edge-object';
import { hasOwnCluster, type AutonomyLevel } from '../../superedge/autonomy-level';
import { kinsConfigMap } from '../config-maps';
import { GUARD_API_VERSION, GUARD_FINALIZER, guardPolicyName, type GuardPart } from './guard-policies';
import type { KinsModel } from '../model';
import {
  holdName,
  kinsLabels,
  kinsName,
  KINS_NAMESPACE,
  METADATA_HOLD_LABEL,
  metadataHoldOf,
  UNIT_LABEL,
} from '../names';
import { scriptsFor, scriptsName } from '../pods/unit-scripts';

/** Says for everybody to see, and for the guard to compare, at which level the unit is. */
export function guardConfigMap(unit: string, level: AutonomyLevel): unknown {
  return kinsConfigMap(unit, 'guard', { level, unit });
}

/** Puts the objects of a unit under guard, by their label; at L3 none. */
export function guardBinding(model: KinsModel): Manifest {
  return binding('guard', model, { objectSelector: { matchLabels: { [UNIT_LABEL]: model.unit } } });
}

/**
 * Puts under guard what the unit depends on: the namespace, the nodes, what says that a device or a machine of a node is
 * there, the scripts of its pods, and a Secret with tokens that somebody else fills; at L3 nothing.
 */
export function namespaceBinding(model: KinsModel): Manifest {
  const { level, nodes, tokenSecret } = model;
  const standsOn: Readonly<Record<string, readonly string[]>> = {
    namespaces: [KINS_NAMESPACE],
    nodes,
    configmaps: [
      ...nodes.flatMap((node) => [holdName('device', node), holdName('machine', node)]),
      ...scriptsFor(level).map(scriptsName),
    ],
    ...(tokenSecret === undefined ? {} : { secrets: [tokenSecret] }),
  };
  return binding('namespace', model, {
    // All of these have one version only; asked for others, the API server would look at every unit twice.
    matchPolicy: 'Exact',
    resourceRules: Object.entries(standsOn).map(([resource, resourceNames]) => ({
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['DELETE'],
      resources: [resource],
      resourceNames,
    })),
  });
}

/** The same for what a node of the unit was told, from however many sides: those ConfigMaps have a label, and names of their own. */
export function metadataBinding(model: KinsModel): Manifest {
  return binding('metadata', model, {
    matchPolicy: 'Exact',
    objectSelector: {
      matchExpressions: [{ key: METADATA_HOLD_LABEL, operator: 'In', values: model.nodes.map(metadataHoldOf) }],
    },
    resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['DELETE'], resources: ['configmaps'] }],
  });
}

/** Matches nothing. */
const NOTHING = {
  objectSelector: { matchExpressions: ['Exists', 'DoesNotExist'].map((operator) => ({ key: UNIT_LABEL, operator })) },
};

function binding(part: GuardPart | 'metadata', { unit, level }: KinsModel, matchResources: object): Manifest {
  const isKept = hasOwnCluster(level);
  return {
    apiVersion: GUARD_API_VERSION,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: {
      name: kinsName(unit, part),
      labels: kinsLabels(unit, part),
      ...(isKept ? { finalizers: [GUARD_FINALIZER] } : {}),
    },
    spec: {
      policyName: guardPolicyName(part === 'guard' ? 'guard' : 'namespace'),
      // Audit: who tried to delete what, and why it was refused, stays to be read in the API server's audit log.
      validationActions: ['Deny', 'Audit'],
      matchResources: isKept ? matchResources : NOTHING,
    },
  };
}
