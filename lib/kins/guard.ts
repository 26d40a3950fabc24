import type { Manifest } from '../core/edge-object';
import { AutonomyLevel, deletionRefusal, hasOwnCluster } from '../superedge/autonomy-level';
import { kinsConfigMap } from './access';
import { foundingRefusals } from './founding';
import type { KinsModel } from './model';
import {
  COMPONENT_LABEL,
  GIVE_UP_ANNOTATION,
  HOLD_NAMESPACE,
  holdName,
  kinsLabels,
  kinsName,
  KINS_NAMESPACE,
  LEVEL_ANNOTATION,
  METADATA_HOLD_PREFIX,
  UNIT_LABEL,
} from './names';

/** Keeps the guard itself from going away: the API server asks no policy about policies. */
export const GUARD_FINALIZER = 'edge-constructs.io/guard';

const API_VERSION = 'admissionregistration.k8s.io/v1';

/** Says for everybody to see, and for the guard to compare, at which level the unit is. */
export function guardConfigMap(unit: string, level: AutonomyLevel): unknown {
  return kinsConfigMap(unit, 'guard', { level, unit });
}

/**
 * Refuses what would destroy a unit that has its own cluster: deleting its objects, losing its tokens, shrinking from
 * three servers to one. The way out is level L3, whose output puts a policy in place that refuses nothing.
 *
 * The level stands in the policy itself. As a parameter, in a ConfigMap, it would be lost when the API server stops to
 * watch ConfigMaps for policies: it does so after the last policy with such a parameter is gone, and never starts again
 * (seen with Kubernetes 1.36). Everything of the next unit would be refused then, its downgrade too.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function guardPolicy(unit: string, level: AutonomyLevel): Manifest {
  return policy('guard', unit, level, {
    matchConstraints: {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': KINS_NAMESPACE } },
      objectSelector: {
        matchLabels: { [UNIT_LABEL]: unit },
        // What takes the unit off its nodes is of no use any more once the unit has its cluster back.
        matchExpressions: [{ key: COMPONENT_LABEL, operator: 'NotIn', values: ['recycle'] }],
      },
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
      { name: 'data', expression: 'has(object.data) ? dyn(object.data) : dyn({})' },
      { name: 'oldData', expression: 'has(oldObject.data) ? dyn(oldObject.data) : dyn({})' },
    ],
    validations: hasOwnCluster(level) ? protections(unit, level) : [ANYTHING_GOES],
  });
}

function protections(unit: string, level: AutonomyLevel): Validation[] {
  const ofGuard = `oldObject.metadata.name == '${kinsName(unit, 'guard')}'`;
  const ofSecret = `oldObject.metadata.name == '${kinsName(unit, 'sec')}'`;
  const ofState = `oldObject.metadata.name == '${kinsName(unit, 'state')}'`;
  const levelOf = (object: string): string => `${object}.metadata.?annotations[?'${LEVEL_ANNOTATION}'].orValue('')`;
  const shrinks =
    `NodeUnit ${unit} is at L5 and can't be set to L4: two of its three servers would take the majority with them. ` +
    `Keep L5, or save what you need from the edge cluster, set it to L3 and then to L4.`;
  return [
    refusal(`request.operation == 'DELETE'`, deletionRefusal(unit, level)),
    refusal(
      `request.operation == 'UPDATE' && ['${UNIT_LABEL}', '${COMPONENT_LABEL}'].exists(key, ` +
        `object.metadata.?labels[?key].orValue('') != oldObject.metadata.?labels[?key].orValue(''))`,
      `The labels ${UNIT_LABEL} and ${COMPONENT_LABEL} are what guards the objects of NodeUnit ${unit}: ` +
        `keep them, or downgrade the unit to L3.`,
    ),
    refusal(
      `request.operation == 'UPDATE' && ${ofGuard} && variables.oldData[?'level'].orValue('') == 'L5' && ` +
        `variables.data[?'level'].orValue('') == 'L4'`,
      shrinks,
    ),
    // By their own annotation too: who applies goes on after the first refusal, and nothing that pods read may be reached.
    refusal(
      `request.operation == 'UPDATE' && ${levelOf('oldObject')} == 'L5' && ${levelOf('object')} == 'L4'`,
      shrinks,
    ),
    refusal(
      `request.operation == 'UPDATE' && ${ofSecret} && ['server-token', 'agent-token', 'admin-token'].exists(key, ` +
        `key in variables.oldData && !(key in variables.data && variables.data[key] == variables.oldData[key]))`,
      `NodeUnit ${unit} needs the tokens it has: its servers could not read their data with others. ` +
        `Put them back from a copy, and have whoever applies the Secret leave its data alone.`,
    ),
    // Without the mark, the first server would found a second cluster as soon as it has no data.
    refusal(
      `request.operation == 'UPDATE' && ${ofState} && variables.oldData[?'cluster-id'].orValue('') != '' && ` +
        `variables.data[?'cluster-id'].orValue('') != variables.oldData[?'cluster-id'].orValue('') && ` +
        `!(${LATER_LIFE}) && ` +
        `object.metadata.?annotations[?'${GIVE_UP_ANNOTATION}'].orValue('') != variables.oldData[?'cluster-id'].orValue('')`,
      `The mark cluster-id keeps NodeUnit ${unit} from becoming two clusters. To give its cluster up, with all data, set ` +
        `the annotation ${GIVE_UP_ANNOTATION} to the present cluster-id in the same request.`,
    ),
    ...foundingRefusals(unit).map(({ expression, message, messageExpression }) => ({
      ...refusal(expression, message),
      messageExpression,
    })),
  ];
}

/**
 * Whether the mark is of the same cluster as before, and of a later life: a server tells so after it was restored or reset.
 * A mark is the cluster's UID and, after a dot, the number of its life.
 */
const LATER_LIFE =
  `variables.data[?'cluster-id'].orValue('').split('.').size() == 2 && ` +
  `variables.data['cluster-id'].split('.')[0] == variables.oldData['cluster-id'].split('.')[0] && ` +
  `(variables.oldData['cluster-id'].split('.').size() < 2 || ` +
  `int(variables.data['cluster-id'].split('.')[1]) > int(variables.oldData['cluster-id'].split('.')[1]))`;

/**
 * Refuses to delete what the unit stands on: the namespace, the nodes, what says that a device or a machine of a node is
 * there, and a Secret with tokens that somebody else fills. A policy of its own, because it goes by name, not by label.
 *
 * A node whose computer is gone may go: its successor under the same name is another, and the unit goes on with it.
 */
export function namespacePolicy({ unit, level, nodes, tokenSecret }: KinsModel): Manifest {
  const message =
    `NodeUnit ${unit} is at ${level}: downgrade it to ${AutonomyLevel.L3} before deleting the namespace that holds it, ` +
    `its tokens, or a node that it runs on with the device and machine of that node; a node that runs no server may also ` +
    `be taken out of the unit first, and a Node that is not Ready may go`;
  const standsOn = {
    namespaces: [KINS_NAMESPACE],
    nodes,
    // By a condition, which knows those of a node whatever their names are.
    configmaps: [],
    ...(tokenSecret === undefined ? {} : { secrets: [tokenSecret] }),
  };
  return policy('namespace', unit, level, {
    matchConstraints: {
      namespaceSelector: {
        matchExpressions: [
          { key: 'kubernetes.io/metadata.name', operator: 'In', values: [HOLD_NAMESPACE, KINS_NAMESPACE] },
        ],
      },
      resourceRules: Object.entries(hasOwnCluster(level) ? standsOn : { namespaces: [KINS_NAMESPACE] }).map(
        ([resource, resourceNames]) => ({
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['DELETE'],
          resources: [resource],
          ...(resource === 'configmaps' ? {} : { resourceNames }),
        }),
      ),
    },
    ...(hasOwnCluster(level)
      ? { matchConditions: [{ name: 'holds-a-node-of-the-unit', expression: holdsOf(nodes) }] }
      : {}),
    validations: hasOwnCluster(level) ? [refusal(`!(${IS_DEAD_NODE})`, message)] : [ANYTHING_GOES],
  });
}

/** Of ConfigMaps, those that say what a node of the unit has; of other kinds, all that the rules let through. */
function holdsOf(nodes: readonly string[]): string {
  const list = (names: readonly string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}]`;
  const names = nodes.flatMap((node) => [holdName('device', node), holdName('machine', node)]);
  return (
    `request.resource.resource != 'configmaps' || oldObject.metadata.name in ${list(names)} || ` +
    `oldObject.metadata.name.startsWith('${METADATA_HOLD_PREFIX}') && ` +
    `dyn(oldObject).?data[?'node'].orValue('') in ${list(nodes)}`
  );
}

const IS_DEAD_NODE =
  `request.resource.resource == 'nodes' && !dyn(oldObject).?status.?conditions.orValue([]).exists(` +
  `each, each.type == 'Ready' && each.status == 'True')`;

/** What belongs to a unit and must not go while it has a cluster. Pods may: they come back. */
const GUARDED = [
  { group: '', version: 'v1', resources: ['configmaps', 'secrets', 'services', 'serviceaccounts'] },
  { group: 'apps', version: 'v1', resources: ['daemonsets'] },
  { group: 'rbac.authorization.k8s.io', version: 'v1', resources: ['roles', 'rolebindings'] },
  { group: 'networking.k8s.io', version: 'v1', resources: ['networkpolicies'] },
  { group: 'site.superedge.io', version: '*', resources: ['nodeunits'] },
] as const;

interface Validation {
  readonly expression: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
}

const ANYTHING_GOES: Validation = { expression: 'true' };

/** Refuses a request that an expression holds for. */
function refusal(expression: string, message: string): Validation {
  return { expression: `!(${expression})`, message, reason: 'Forbidden' };
}

/** The two policies of a unit. */
export type GuardPart = 'guard' | 'namespace';

function policy(part: GuardPart, unit: string, level: AutonomyLevel, spec: Record<string, unknown>): Manifest {
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicy',
    metadata: guardMetadata(part, unit, level),
    spec: { failurePolicy: 'Fail', ...spec },
  };
}

/** Puts a policy in force. */
export function guardBinding(part: GuardPart, unit: string, level: AutonomyLevel): Manifest {
  return {
    apiVersion: API_VERSION,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: guardMetadata(part, unit, level),
    // Audit: who tried to delete what, and why it was refused, stays to be read in the API server's audit log.
    spec: { policyName: kinsName(unit, part), validationActions: ['Deny', 'Audit'] },
  };
}

function guardMetadata(part: GuardPart, unit: string, level: AutonomyLevel): Manifest['metadata'] {
  return {
    name: kinsName(unit, part),
    labels: kinsLabels(unit, part),
    ...(hasOwnCluster(level) ? { finalizers: [GUARD_FINALIZER] } : {}),
  };
}
