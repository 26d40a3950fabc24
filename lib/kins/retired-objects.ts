import { k8s } from 'cdk8s-plus-27';
import type { Manifest } from '../core/edge-object';
import { kinsConfigMap } from './config-maps';
import { role, roleBinding, serviceAccount } from './rbac';
import { GUARD_API_VERSION, type GuardPart } from './guard/guard-policies';
import type { KinsModel } from './model';
import { kinsLabels, kinsName, kinsSelector, KINS_NAMESPACE } from './names';

/**
 * Objects that units had in earlier versions of this library, without their content. They are rendered at L3, so that
 * deleting the output of L3 also removes what those versions have left.
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
 * The ConfigMap with scripts of a single unit. Pods of earlier versions mount it until they are replaced, which may take
 * months if a node is switched off. So at L4 and L5 the guard keeps it until an administrator allows its removal.
 */
export function retiredScripts(unit: string): Manifest {
  return kinsConfigMap(unit, 'scripts') as Manifest;
}

/** Objects of the Job that filled the unit's Secret. The Job itself had another name in each version. */
function tokenObjects(unit: string): Readonly<Record<string, unknown>> {
  return {
    'token-scripts': kinsConfigMap(unit, 'token'),
    'token-account': serviceAccount(unit, 'token'),
    'token-role': role(unit, 'token'),
    'token-role-binding': roleBinding(unit, 'token'),
    'token-network-policy': retiredNetworkPolicy(unit, 'token'),
  };
}

/**
 * A NetworkPolicy, without its content. It affects no pods of today, because they use the node's network, where no policy
 * applies.
 */
function retiredNetworkPolicy(unit: string, part: 'cri' | 'token'): unknown {
  return k8s.KubeNetworkPolicy.manifest({
    metadata: { name: kinsName(unit, part), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, part) },
    spec: { podSelector: { matchLabels: kinsSelector(unit, part) }, policyTypes: ['Ingress'] },
  });
}

/**
 * A policy of a single unit of version 0.1, without its content and its finalizer, so that it can be deleted. No binding
 * refers to it any more.
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
