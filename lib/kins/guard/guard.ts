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

/** Holds the level of the unit, for people to see, and for the guard to compare. */
export function guardConfigMap(unit: string, level: AutonomyLevel): unknown {
  return kinsConfigMap(unit, 'guard', { level, unit });
}

/** Binds the guard to the objects of a unit, by their label; at L3 to nothing. */
export function guardBinding(model: KinsModel): Manifest {
  return binding('guard', model, { objectSelector: { matchLabels: { [UNIT_LABEL]: model.unit } } });
}

/**
 * Binds the guard to what the unit depends on: the namespace, the nodes, the ConfigMaps that stand for the device or the
 * machine of a node, the scripts of its pods, and a Secret with tokens that the user fills; at L3 to nothing.
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
    // All of these kinds have only one version. With `Equivalent`, the API server would evaluate every unit twice.
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

/**
 * The same for the ConfigMaps that stand for metadata of the unit's nodes. A node may have several, so they are selected by
 * label, not by name.
 */
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
      // Audit also records refused requests, with the reason, in the API server's audit log.
      validationActions: ['Deny', 'Audit'],
      matchResources: isKept ? matchResources : NOTHING,
    },
  };
}
