import type { Manifest } from '../../core/edge-object';
import { NEVER_PRUNED_ANNOTATIONS } from '../../core/sync-wave';
import { AUTONOMY_LEVEL_ANNOTATION, DELETION_ANNOTATION } from '../../superedge/labels';
import { AutonomyLevel, deletionRefusal } from '../../superedge/autonomy-level';
import { celAnnotation, celLabel, celText } from './cel';
import { shortHashOf } from '../hashes';
import { foundingRefusals } from './founding';
import { versionRefusals } from './version-step';
import {
  COMPONENT_LABEL,
  GIVE_UP_ANNOTATION,
  HOLD_NAMESPACE,
  KINS_NAMESPACE,
  LEVEL_ANNOTATION,
  UNIT_LABEL,
} from '../names';

/** Keeps the guard itself from being removed, because the API server does not apply policies to policies. */
export const GUARD_FINALIZER = 'edge-constructs.io/guard';

export const GUARD_API_VERSION = 'admissionregistration.k8s.io/v1';

/** The two policies of the guard. */
export type GuardPart = 'guard' | 'namespace';

/**
 * The policies that guard the units of a cluster. All units share them, because each compiled policy costs the API server
 * more than a megabyte of memory. What differs between units is in their bindings and on their objects.
 *
 * Their names contain a hash of their content. So each unit has the guard of the version of this library that rendered it,
 * and no version changes the policies of another. Nobody removes old ones, because units may still need them.
 *
 * The level is not a parameter of the policy. Once the last policy with a ConfigMap as its parameter is gone, the API
 * server of Kubernetes 1.36 stops watching ConfigMaps for policies and never resumes. It would then refuse all changes of
 * the next unit, including its downgrade.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function guardPolicies(): readonly (readonly [GuardPart, Manifest])[] {
  return (Object.keys(SPECS) as GuardPart[]).map((part) => [
    part,
    {
      apiVersion: GUARD_API_VERSION,
      kind: 'ValidatingAdmissionPolicy',
      metadata: {
        name: guardPolicyName(part),
        annotations: {
          ...NEVER_PRUNED_ANNOTATIONS,
          // Several Kustomizations may contain it, and each would write its own labels into it at every reconciliation.
          'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent',
        },
        labels: {
          'app.kubernetes.io/component': part,
          'app.kubernetes.io/managed-by': 'edge-constructs',
          'app.kubernetes.io/name': 'kins',
        },
        finalizers: [GUARD_FINALIZER],
      },
      spec: SPECS[part],
    },
  ]);
}

/** Name of a policy that guards all units of this version of the library. */
export function guardPolicyName(part: GuardPart): string {
  return `kins-${part}-${shortHashOf(SPECS[part])}`;
}

interface Validation {
  readonly expression: string;
  readonly message: string;
  readonly messageExpression?: string;
  readonly reason: string;
}

/**
 * Refuses requests for which an expression is true. `{unit}` and `{level}` in the text are replaced with those of the
 * object.
 */
function refusal(expression: string, text: string): Validation {
  return {
    expression: `!(${expression})`,
    // For API servers that can't evaluate `messageExpression`.
    message: text.replace('{unit}', 'of this object').replace('{level}', 'L4 or L5'),
    messageExpression: celText(text),
    reason: 'Forbidden',
  };
}

const isNamed = (part: string): string => `oldObject.metadata.name == variables.unit + '-${part}-kins'`;

const SHRINKS =
  `NodeUnit {unit} is at L5 and can't be set to L4: two of its three servers would take the majority with them. ` +
  `Keep L5, or save what you need from the edge cluster, set it to L3 and then to L4.`;

/**
 * Whether a new mark is of the same cluster, but of a later life, which servers report after a restore or a reset. A mark
 * consists of the cluster's UID and, after a dot, the number of its life.
 */
const LATER_LIFE =
  `variables.data[?'cluster-id'].orValue('').split('.').size() == 2 && ` +
  `variables.data['cluster-id'].split('.')[0] == variables.oldData['cluster-id'].split('.')[0] && ` +
  `(variables.oldData['cluster-id'].split('.').size() < 2 || ` +
  `int(variables.data['cluster-id'].split('.')[1]) > int(variables.oldData['cluster-id'].split('.')[1]))`;

const PROTECTIONS: readonly Validation[] = [
  refusal(
    `request.operation == 'DELETE' && !(${celLabel('oldObject', COMPONENT_LABEL)} == 'scripts' && ` +
      `${celAnnotation('oldObject', DELETION_ANNOTATION)} == 'allowed')`,
    deletionRefusal('{unit}', '{level}'),
  ),
  refusal(
    `request.operation == 'UPDATE' && ['${UNIT_LABEL}', '${COMPONENT_LABEL}'].exists(key, ` +
      `object.metadata.?labels[?key].orValue('') != oldObject.metadata.?labels[?key].orValue(''))`,
    `The labels ${UNIT_LABEL} and ${COMPONENT_LABEL} are what guards the objects of NodeUnit {unit}: ` +
      `keep them, or downgrade the unit to L3.`,
  ),
  refusal(
    `request.operation == 'UPDATE' && ${isNamed('guard')} && variables.oldData[?'level'].orValue('') == 'L5' && ` +
      `variables.data[?'level'].orValue('') == 'L4'`,
    SHRINKS,
  ),
  // Every object is also checked by its own annotation: clients continue with other objects after the first refusal, and
  // must not be able to change anything that pods read.
  refusal(
    `request.operation == 'UPDATE' && ${celAnnotation('oldObject', LEVEL_ANNOTATION)} == 'L5' && ` +
      `${celAnnotation('object', LEVEL_ANNOTATION)} == 'L4'`,
    SHRINKS,
  ),
  refusal(
    `request.operation == 'UPDATE' && ${isNamed('sec')} && ['server-token', 'agent-token', 'admin-token'].exists(key, ` +
      `key in variables.oldData && !(key in variables.data && variables.data[key] == variables.oldData[key]))`,
    `NodeUnit {unit} needs the tokens it has: its servers could not read their data with others. ` +
      `Put them back from a copy, and have whoever applies the Secret leave its data alone.`,
  ),
  // Without the mark, a first server that loses its data would found a second cluster.
  refusal(
    `request.operation == 'UPDATE' && ${isNamed('state')} && variables.oldData[?'cluster-id'].orValue('') != '' && ` +
      `variables.data[?'cluster-id'].orValue('') != variables.oldData[?'cluster-id'].orValue('') && ` +
      `!(${LATER_LIFE}) && ` +
      `${celAnnotation('object', GIVE_UP_ANNOTATION)} != variables.oldData[?'cluster-id'].orValue('')`,
    `The mark cluster-id keeps NodeUnit {unit} from becoming two clusters. To give up its cluster, with all its data, set ` +
      `the annotation ${GIVE_UP_ANNOTATION} to the current cluster-id in the same request.`,
  ),
  ...[...foundingRefusals(), ...versionRefusals()].map(({ expression, message, messageExpression }) => ({
    ...refusal(expression, message),
    messageExpression,
  })),
];

/**
 * The objects of a unit that must not be deleted while it has a cluster. Not Pods, which come back, nor NetworkPolicies:
 * only earlier versions of units had one, and it selects no pods any more.
 */
const GUARDED = [
  { group: '', version: 'v1', resources: ['configmaps', 'secrets', 'services', 'serviceaccounts'] },
  { group: 'apps', version: 'v1', resources: ['daemonsets'] },
  { group: 'rbac.authorization.k8s.io', version: 'v1', resources: ['roles', 'rolebindings'] },
  { group: 'site.superedge.io', version: '*', resources: ['nodeunits'] },
] as const;

/**
 * Refuses what would destroy a unit that has its own cluster: deleting its objects, losing its tokens, shrinking from three
 * servers to one. To end a unit, set its level to L3, at which its binding matches nothing.
 */
const GUARD = {
  failurePolicy: 'Fail',
  matchConstraints: {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': KINS_NAMESPACE } },
    objectSelector: {
      matchExpressions: [
        { key: UNIT_LABEL, operator: 'Exists' },
        // The recycler may go once the unit has its cluster back, and what copies a release in advance once that is not
        // wanted any more. So may the Job that filled the Secret in earlier versions.
        { key: COMPONENT_LABEL, operator: 'NotIn', values: ['prepull', 'recycle', 'token'] },
      ],
    },
    resourceRules: GUARDED.map(({ group, version, resources }) => ({
      apiGroups: [group],
      apiVersions: [version],
      operations: ['DELETE', 'UPDATE'],
      resources: [...resources],
      scope: '*',
    })),
    matchPolicy: 'Equivalent',
  },
  matchConditions: [
    {
      name: 'namespace-is-not-going-away',
      // If the deletion of the namespace was allowed, so is that of its contents, whose order nobody can choose.
      expression: 'namespaceObject == null || !has(namespaceObject.metadata.deletionTimestamp)',
    },
  ],
  variables: [
    {
      name: 'unit',
      // An object that only now gets the label did not have it before.
      expression:
        `${celLabel('oldObject', UNIT_LABEL)} == '' && request.operation == 'UPDATE' ? ` +
        `${celLabel('object', UNIT_LABEL)} : ${celLabel('oldObject', UNIT_LABEL)}`,
    },
    {
      name: 'level',
      expression:
        `(['${LEVEL_ANNOTATION}', '${AUTONOMY_LEVEL_ANNOTATION}'].map(key, ` +
        `oldObject.metadata.?annotations[?key].orValue('')).filter(each, each != '') + ['L4 or L5'])[0]`,
    },
    { name: 'data', expression: 'has(object.data) ? dyn(object.data) : dyn({})' },
    { name: 'oldData', expression: 'has(oldObject.data) ? dyn(oldObject.data) : dyn({})' },
  ],
  validations: PROTECTIONS,
};

const IS_DEAD_NODE =
  `request.resource.resource == 'nodes' && !dyn(oldObject).?status.?conditions.orValue([]).exists(` +
  `each, each.type == 'Ready' && each.status == 'True')`;

/**
 * Refuses to delete what a unit depends on. A separate policy, because bindings select these objects by name, not by label.
 * The API server puts the name of the binding, and so of the unit, before the message.
 *
 * A node whose computer is gone may be deleted: another computer can join under the same name, and the unit continues with
 * it.
 */
const NAMESPACE = {
  failurePolicy: 'Fail',
  matchConstraints: {
    namespaceSelector: {
      matchExpressions: [
        { key: 'kubernetes.io/metadata.name', operator: 'In', values: [HOLD_NAMESPACE, KINS_NAMESPACE] },
      ],
    },
    objectSelector: {},
    resourceRules: [
      {
        apiGroups: [''],
        apiVersions: ['v1'],
        operations: ['DELETE'],
        resources: ['configmaps', 'namespaces', 'nodes', 'secrets'],
        scope: '*',
      },
    ],
    matchPolicy: 'Equivalent',
  },
  validations: [
    {
      expression: IS_DEAD_NODE,
      message:
        `The NodeUnit that this binding is named after has a cluster of its own: downgrade it to ${AutonomyLevel.L3} before ` +
        `deleting the namespace that holds it, its tokens, the scripts of its pods, or a node that it runs on with the device and machine of that ` +
        `node; a node that runs no server may also be taken out of the unit first, and a Node that is not Ready may go`,
      reason: 'Forbidden',
    },
  ],
};

const SPECS: Readonly<Record<GuardPart, Readonly<Record<string, unknown>>>> = { guard: GUARD, namespace: NAMESPACE };
