import { k8s } from 'cdk8s-plus-27';
import type { Manifest } from '../core/edge-object';
import { kinsConfigMap } from './config-maps';
import { role, roleBinding, serviceAccount } from './rbac';
import { GUARD_API_VERSION, type GuardPart } from './guard/guard-policies';
import type { KinsModel } from './model';
import { kinsLabels, kinsName, kinsSelector, KINS_NAMESPACE } from './names';

/**
 * What a unit had in versions before and has no more, without what was in it. Rendered at L3, so that deleting what L3
 * renders leaves nothing of those versions behind.
 */
export function retiredObjects({ unit, tokenSecret }: KinsModel): Readonly<Record<string, unknown>> {
  return {
    scripts: retiredScripts(unit),
    'recycle-scripts': kinsConfigMap(unit, 'recycle'),
    ...(tokenSecret === undefined ? tokenObjects(unit) : {}),
    'cri-network-policy': retiredNetworkPolicy(unit, 'cri'),
    'guard-policy': retiredPolicy('guard', unit),
    'namespace-policy': retiredPolicy('namespace', unit),
  };
}

/**
 * Scripts of the unit's own. Pods of versions before mount them until they are replaced, on a node that is off for months; so at
 * L4 and L5 the guard keeps it until somebody says that it may go.
 */
export function retiredScripts(unit: string): Manifest {
  return kinsConfigMap(unit, 'scripts') as Manifest;
}

/** Of the Job that filled the unit's Secret. The Jobs themselves had another name in each version. */
function tokenObjects(unit: string): Readonly<Record<string, unknown>> {
  return {
    'token-scripts': kinsConfigMap(unit, 'token'),
    'token-account': serviceAccount(unit, 'token'),
    'token-role': role(unit, 'token'),
    'token-role-binding': roleBinding(unit, 'token'),
    'token-network-policy': retiredNetworkPolicy(unit, 'token'),
  };
}

/** Without what was in it. It selects no pod of today: those are on the network of the node, where no policy applies. */
function retiredNetworkPolicy(unit: string, part: 'cri' | 'token'): unknown {
  return k8s.KubeNetworkPolicy.manifest({
    metadata: { name: kinsName(unit, part), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, part) },
    spec: { podSelector: { matchLabels: kinsSelector(unit, part) }, policyTypes: ['Ingress'] },
  });
}

/**
 * A policy that a unit of version 0.1 had for itself, without what was in it and without its finalizer, so that it can be
 * deleted. No binding leads to it any more.
 */
export function retiredPolicy(part: GuardPart, unit: string): Manifest {
  return {
    apiVersion: GUARD_API_VERSION,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: kinsName(unit, part), labels: kinsLabels(unit, part) },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['DELETE'],
            resources: ['configmaps'],
            resourceNames: [kinsName(unit, 'guard')],
          },
        ],
      },
      validations: [{ expression: 'true' }],
    },
  };
}
