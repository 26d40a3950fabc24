import type { Manifest } from '../core/edge-object';
import { AutonomyLevel, hasOwnCluster } from '../superedge/autonomy-level';
import { kinsConfigMap } from './access';
import { kinsLabels, kinsName, KINS_NAMESPACE, UNIT_LABEL } from './names';

/** Keeps the guard itself from going away: the API server asks no policy about policies. */
export const GUARD_FINALIZER = 'edge-constructs.io/guard';

const API_VERSION = 'admissionregistration.k8s.io/v1';

/** What the policy is asked about: the unit's level. */
export function guardConfigMap(unit: string, level: AutonomyLevel): unknown {
  return kinsConfigMap(unit, 'guard', { level, unit });
}

/**
 * Refuses what would destroy a unit that has its own cluster: deleting its objects, losing its tokens, shrinking from
 * three servers to one. The way out is level L3.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function guardPolicy(unit: string, level: AutonomyLevel): Manifest {
  return policy('guard', unit, level, {
    matchConstraints: {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': KINS_NAMESPACE } },
      // By label, not in an expression: when the guard's ConfigMap is missing, expressions are not asked any more, and
      // the objects of all other units would be locked too.
      objectSelector: { matchLabels: { [UNIT_LABEL]: unit } },
      resourceRules: GUARDED.map(({ group, version, resources }) => ({
        apiGroups: [group],
        apiVersions: [version],
        operations: ['DELETE', 'UPDATE'],
        resources: [...resources],
      })),
    },
    matchConditions: [
      {
        name: 'namespace-is-not-going-away',
        // Once the namespace may go, its contents may: the order in which they do is nobody's choice.
        expression: 'namespaceObject == null || !has(namespaceObject.metadata.deletionTimestamp)',
      },
    ],
    variables: [
      LEVEL_VARIABLE,
      { name: 'data', expression: 'has(object.data) ? dyn(object.data) : dyn({})' },
      { name: 'oldData', expression: 'has(oldObject.data) ? dyn(oldObject.data) : dyn({})' },
    ],
    validations: [
      {
        expression: `request.operation != 'DELETE' || ${IS_FREE}`,
        messageExpression: `'NodeUnit ${unit} is at ' + variables.level + ': downgrade it to ${AutonomyLevel.L3} before deleting it'`,
        reason: 'Forbidden',
      },
      {
        expression: `request.operation != 'UPDATE' || ${IS_FREE} || object.metadata.?labels[?'${UNIT_LABEL}'].orValue('') == '${unit}'`,
        message: `The label ${UNIT_LABEL} is what guards the objects of NodeUnit ${unit}: keep it, or downgrade the unit to L3.`,
        reason: 'Forbidden',
      },
      {
        expression:
          `request.operation != 'UPDATE' || oldObject.metadata.name != '${kinsName(unit, 'guard')}' || ` +
          `!(variables.oldData[?'level'].orValue('') == 'L5' && variables.data[?'level'].orValue('') == 'L4')`,
        message:
          `NodeUnit ${unit} is at L5 and can't be set to L4: two of its three servers would take the majority with ` +
          `them. Keep L5, or save what you need from the edge cluster, set it to L3 and then to L4.`,
        reason: 'Forbidden',
      },
      {
        expression:
          `request.operation != 'UPDATE' || oldObject.metadata.name != '${kinsName(unit, 'sec')}' || ${IS_FREE} || ` +
          `['server-token', 'agent-token', 'admin-token'].all(key, !(key in variables.oldData) || ` +
          `(key in variables.data && variables.data[key] == variables.oldData[key]))`,
        message:
          `NodeUnit ${unit} needs the tokens it has: its servers could not read their data with others. ` +
          `Apply the Secret server-side and without data, so that what is in it stays.`,
        reason: 'Forbidden',
      },
    ],
  });
}

/** Refuses to delete the namespace, and with it the unit. A policy of its own, because it goes by name, not by label. */
export function namespacePolicy(unit: string, level: AutonomyLevel): Manifest {
  return policy('namespace', unit, level, {
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['DELETE'],
          resources: ['namespaces'],
          resourceNames: [KINS_NAMESPACE],
        },
      ],
    },
    variables: [LEVEL_VARIABLE],
    validations: [
      {
        expression: IS_FREE,
        messageExpression: `'NodeUnit ${unit} is at ' + variables.level + ': downgrade it to ${AutonomyLevel.L3} before deleting the namespace that holds it'`,
        reason: 'Forbidden',
      },
    ],
  });
}

/** What belongs to a unit and must not go while it has a cluster. Pods may: they come back. */
const GUARDED = [
  { group: '', version: 'v1', resources: ['configmaps', 'secrets', 'services', 'serviceaccounts'] },
  { group: 'apps', version: 'v1', resources: ['daemonsets'] },
  { group: 'rbac.authorization.k8s.io', version: 'v1', resources: ['roles', 'rolebindings'] },
  { group: 'networking.k8s.io', version: 'v1', resources: ['networkpolicies'] },
  { group: 'site.superedge.io', version: '*', resources: ['nodeunits'] },
] as const;

const LEVEL_VARIABLE = { name: 'level', expression: `params.?data[?'level'].orValue('unknown')` };
const IS_FREE = `variables.level == '${AutonomyLevel.L3}'`;

function policy(part: GuardPart, unit: string, level: AutonomyLevel, spec: Record<string, unknown>): Manifest {
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicy',
    metadata: guardMetadata(part, unit, level),
    spec: { failurePolicy: 'Fail', paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, ...spec },
  };
}

/** Puts a policy in force, with the unit's own ConfigMap as its parameter. */
export function guardBinding(part: GuardPart, unit: string, level: AutonomyLevel): Manifest {
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: guardMetadata(part, unit, level),
    spec: {
      policyName: kinsName(unit, part),
      paramRef: {
        name: kinsName(unit, 'guard'),
        namespace: KINS_NAMESPACE,
        // A guard that is missing protects all the more; at L3 nothing is left to protect, in whatever order it goes.
        parameterNotFoundAction: hasOwnCluster(level) ? 'Deny' : 'Allow',
      },
      validationActions: ['Deny'],
    },
  };
}

/** The two policies of a unit. */
export type GuardPart = 'guard' | 'namespace';

function guardMetadata(part: GuardPart, unit: string, level: AutonomyLevel): Manifest['metadata'] {
  return {
    name: kinsName(unit, part),
    labels: kinsLabels(unit, part),
    ...(hasOwnCluster(level) ? { finalizers: [GUARD_FINALIZER] } : {}),
  };
}
