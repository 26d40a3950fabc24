import { labelKey, labelValue } from '../core/grammars/names';
import { enumOf, firstOf, listOf, mapOf, optional, problem, rule, shape } from '../core/rules';
import type { Rule } from '../core/rule';
import { hasOwnCluster, type AutonomyLevel } from './autonomy-level';
import { KINS_ROLE_LABEL, KINS_TAINT_KEY, NODE_UNIT_LABEL_VALUE } from './labels';
import { annotations, withEntries } from './metadata-rules';

/**
 * What a taint does to pods that do not tolerate it.
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
 */
export enum TaintEffect {
  /** New pods stay away. Not possible in a NodeUnit: SuperEdge drops such taints at L3 and sets its own at L4 and L5. */
  NO_SCHEDULE = 'NoSchedule',
  /** New pods stay away if they can go elsewhere. */
  PREFER_NO_SCHEDULE = 'PreferNoSchedule',
  /** New pods stay away, and pods that are there already are evicted. */
  NO_EXECUTE = 'NoExecute',
}

/** A taint for all nodes of a unit. */
export interface NodeTaint {
  /** The taint's key, a label key. `kins` is SuperEdge's own. */
  readonly key: string;
  /** The taint's value, a label value. @default - no value */
  readonly value?: string;
  /** What it does. */
  readonly effect: TaintEffect;
}

/**
 * What SuperEdge puts on every node of a unit, and removes when the node leaves it.
 *
 * Nodes that a selector has selected keep it if the unit has no `nodes`: SuperEdge cleans up only units with a list.
 */
export interface SetNodeProps {
  /** Labels for the nodes. @default - none besides those that SuperEdge writes itself */
  readonly labels?: Readonly<Record<string, string>>;

  /**
   * Annotations for the nodes. By mistake, SuperEdge compares them with the nodes' labels. If there are any, it writes
   * every node again at each of its passes (about every 30 seconds), so prefer labels.
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>>;

  /**
   * One taint for the nodes, at L3. If there were more, SuperEdge would write them twice to a node that already has a
   * taint, which the API server rejects. At L4 and L5, that one taint is SuperEdge's own.
   * @default - none at L3, `kins:NoSchedule` at L4 and L5
   */
  readonly taints?: readonly NodeTaint[];
}

/** The rule for {@link SetNodeProps} in a unit of this name and level. */
export function setNode(unitName: string, level: AutonomyLevel | undefined): Rule {
  return shape({
    labels: optional(withEntries(mapOf(labelKey(), labelValue()), (...entry) => reservedLabel(unitName, ...entry))),
    annotations: optional(annotations()),
    taints: optional(hasOwnCluster(level) ? noTaints(String(level)) : taintsAtL3()),
  });
}

function reservedLabel(unitName: string, key: string, value: unknown, field: string): ReturnType<Rule> {
  if (key === KINS_ROLE_LABEL) {
    return [
      problem(
        field,
        value,
        `any label except ${KINS_ROLE_LABEL}, which would make every node of the unit a K3s server`,
        'Label the nodes that should be servers by other means.',
      ),
    ];
  }
  if (key === unitName && value !== NODE_UNIT_LABEL_VALUE) {
    return [
      problem(
        field,
        value,
        `'${NODE_UNIT_LABEL_VALUE}', which SuperEdge writes to the label with the unit's name`,
        'Leave it out, or choose another key.',
      ),
    ];
  }
  if (key !== unitName && value === NODE_UNIT_LABEL_VALUE) {
    return [
      problem(
        field,
        value,
        `any value except ${NODE_UNIT_LABEL_VALUE}, by which SuperEdge recognizes the members of the unit '${key}'`,
        'Choose another value.',
      ),
    ];
  }
  return [];
}

function taintsAtL3(): Rule {
  const taint = firstOf(
    shape({
      key: labelKey(),
      value: optional(labelValue()),
      effect: enumOf(TaintEffect, 'TaintEffect'),
    }),
    rule(
      (value) => (value as NodeTaint).key !== KINS_TAINT_KEY,
      `any key except ${KINS_TAINT_KEY}, which SuperEdge sets at L4 and L5 and removes at L3`,
      'Choose another key.',
    ),
    (value, field) => {
      const { effect } = value as NodeTaint;
      return effect === TaintEffect.NO_SCHEDULE
        ? [
            problem(
              `${field}.effect`,
              effect,
              `'${TaintEffect.PREFER_NO_SCHEDULE}', '${TaintEffect.NO_EXECUTE}'; at L3 SuperEdge silently drops all NoSchedule taints of a unit`,
              'Choose another effect, or taint the nodes by other means.',
            ),
          ]
        : [];
    },
  );
  return listOf(taint, {
    max: 1,
    remedy:
      'SuperEdge writes several taints twice to a node that has one already, the API server refuses that, and the unit stays as it is.',
  });
}

function noTaints(level: string): Rule {
  return rule(
    (value) => Array.isArray(value) && value.length === 0,
    `none at ${level}, where SuperEdge sets its own taint ${KINS_TAINT_KEY}:NoSchedule; it cannot set two on a node that has one already`,
    'Leave it out, or taint the nodes by other means.',
  );
}
