import type { Manifest } from '../../core/edge-object';
import { NEVER_PRUNED_ANNOTATIONS } from '../../core/sync-wave';
import { AUTONOMY_LEVEL_ANNOTATION, DELETION_ANNOTATION } from '../../superedge/labels';
import { AutonomyLevel, deletionRefusal } from '../../superedge/autonomy-level';
import { celAnnotation, celLabel, celText } from './cel';
import { shortHashOf } from '../hashes';
import { foundingRefusals } from './founding';
import {
  COMPONENT_LABEL,
  GIVE_UP_ANNOTATION,
  HOLD_NAMESPACE,
  KINS_NAMESPACE,
  LEVEL_ANNOTATION,
  UNIT_LABEL,
} from '../names';

/** Keeps the guard itself from going away: the API server evaluates no policy for policies. */
export const GUARD_FINALIZER = 'edge-constructs.io/guard';

export const GUARD_API_VERSION = 'admissionregistration.k8s.io/v1';

/** The two policies of the guard. */
export type GuardPart = 'guard' | 'namespace';

/**
 * The policies that guard the units of a cluster, once for all of them: compiled, they cost the API server a megabyte and
 * more. What is different from unit to unit stands in its bindings, and on its objects.
 *
 * They are named by what is in them. So units that were rendered by different versions of this library have the guard of
 * their own version each, and no version changes the policies of another, which nobody removes: a unit may need them still.
 *
 * The level is not a parameter. The API server of Kubernetes 1.36 stops watching ConfigMaps for policies after the last
 * policy with such a parameter is gone, and never starts again; it would refuse everything of the next unit then, its
 * downgrade too.
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
          // Several Kustomizations may bring it; each would write its own name into it at every reconciliation.
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

/** Refuses a request that an expression holds for. In the text, `{unit}` and `{level}` stand for those of the object. */
function refusal(expression: string, text: string): Validation {
  return {
    expression: `!(${expression})`,
    // Of an API server that can't work out the other.
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
 * Whether the mark is of the same cluster as before, and of a later life: a server tells so after it was restored or reset.
 * A mark is the cluster's UID and, after a dot, the number of its life.
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
  // By their own annotation too: who applies goes on after the first refusal, and nothing that pods read may be reached.
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
  // Without the mark, the first server would found a second cluster as soon as it has no data.
  refusal(
    `request.operation == 'UPDATE' && ${isNamed('state')} && variables.oldData[?'cluster-id'].orValue('') != '' && ` +
      `variables.data[?'cluster-id'].orValue('') != variables.oldData[?'cluster-id'].orValue('') && ` +
      `!(${LATER_LIFE}) && ` +
      `${celAnnotation('object', GIVE_UP_ANNOTATION)} != variables.oldData[?'cluster-id'].orValue('')`,
    `The mark cluster-id keeps NodeUnit {unit} from becoming two clusters. To give up its cluster, with all its data, set ` +
      `the annotation ${GIVE_UP_ANNOTATION} to the current cluster-id in the same request.`,
  ),
  ...foundingRefusals().map(({ expression, message, messageExpression }) => ({
    ...refusal(expression, message),
    messageExpression,
  })),
];

/**
 * What belongs to a unit and must not go while it has a cluster. Pods may: they come back. NetworkPolicies, too: units had one in
 * versions before, which selects none of their pods any more.
 */
const GUARDED = [
  { group: '', version: 'v1', resources: ['configmaps', 'secrets', 'services', 'serviceaccounts'] },
  { group: 'apps', version: 'v1', resources: ['daemonsets'] },
  { group: 'rbac.authorization.k8s.io', version: 'v1', resources: ['roles', 'rolebindings'] },
  { group: 'site.superedge.io', version: '*', resources: ['nodeunits'] },
] as const;

/**
 * Refuses what would destroy a unit that has its own cluster: deleting its objects, losing its tokens, shrinking from
 * three servers to one. The way out is level L3, whose output has a binding that leads nowhere.
 */
const GUARD = {
  failurePolicy: 'Fail',
  matchConstraints: {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': KINS_NAMESPACE } },
    objectSelector: {
      matchExpressions: [
        { key: UNIT_LABEL, operator: 'Exists' },
        // What takes the unit off its nodes is of no use any more once the unit has its cluster back, and what filled its
        // Secret in versions before is of none at all.
        { key: COMPONENT_LABEL, operator: 'NotIn', values: ['recycle', 'token'] },
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
      // Once the namespace may go, its contents may: the order in which they do is nobody's choice.
      expression: 'namespaceObject == null || !has(namespaceObject.metadata.deletionTimestamp)',
    },
  ],
  variables: [
    {
      name: 'unit',
      // An object that is given the label has none before.
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
 * Refuses to delete what a unit depends on, by the names in its binding. A policy of its own, because it goes by name, not
 * by label. The API server names the binding before the message, and so the unit.
 *
 * A node whose computer is gone may go: its successor under the same name is another, and the unit goes on with it.
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
