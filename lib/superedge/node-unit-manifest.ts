import { KINS_NAMESPACE, KINS_TAINT_KEY, NODE_UNIT_LABEL_VALUE } from './labels';
import { AutonomyLevel, hasOwnCluster } from './autonomy-level';
import { selectorManifest, type LabelSelector } from './label-selector';
import type { NodeUnitType } from './node-unit-props';
import { TaintEffect, type NodeTaint } from './set-node';

/** A unit's checked props, defaults filled in. */
export interface NodeUnitModel {
  readonly name: string;
  readonly level: AutonomyLevel;
  readonly type: NodeUnitType;
  readonly unschedulable: boolean;
  readonly nodes: readonly string[];
  readonly selector?: LabelSelector;
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly nodeAnnotations: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What the rest of the app says about a unit. */
export interface NodeUnitSurroundings {
  /** Names of the NodeGroups the unit is a member of. */
  readonly groups: readonly string[];
  /** Whether a KinsCluster acts on the unit, so that SuperEdge must not. */
  readonly isHandedOver: boolean;
}

/** `spec` of a NodeUnit, v1alpha2. */
export interface NodeUnitSpec {
  readonly autonomyLevel: AutonomyLevel;
  readonly nodes?: readonly string[];
  readonly selector?: LabelSelector;
  readonly type: NodeUnitType;
  readonly unschedulable: boolean;
  readonly setNode?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly taints?: readonly NodeTaint[];
  };
  readonly unitCredentialConfigMapRef?: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly unitClusterInfo?: { readonly parameters: Readonly<Record<string, string>> };
}

/**
 * Whether the manifest contains what SuperEdge's controller would write into it, which is so only if the controller acts on
 * it.
 */
export function isPredeclared(model: NodeUnitModel, { isHandedOver }: NodeUnitSurroundings): boolean {
  return hasOwnCluster(model.level) && !isHandedOver;
}

/** The spec of a unit's resource. */
export function nodeUnitSpec(model: NodeUnitModel, surroundings: NodeUnitSurroundings): NodeUnitSpec {
  const setNode = nodeSettings(model, surroundings);
  return {
    autonomyLevel: surroundings.isHandedOver ? AutonomyLevel.L3 : model.level,
    ...(model.nodes.length === 0 ? {} : { nodes: model.nodes }),
    ...(model.selector === undefined ? {} : { selector: selectorManifest(model.selector) }),
    type: model.type,
    unschedulable: model.unschedulable,
    ...(Object.keys(setNode).length === 0 ? {} : { setNode }),
    // Declared before the controller writes it: SuperEdge's node agent crashes on an L4 or L5 unit without it.
    ...(isPredeclared(model, surroundings)
      ? {
          unitCredentialConfigMapRef: {
            kind: 'ConfigMap',
            namespace: KINS_NAMESPACE,
            name: `${model.name}-cm-kins`,
          },
        }
      : {}),
    ...(Object.keys(model.parameters).length === 0 ? {} : { unitClusterInfo: { parameters: model.parameters } }),
  };
}

/**
 * The controller writes its labels and its taint into the spec by a full update. Declaring the same values keeps GitOps
 * from removing them again, and pods from coming and going.
 */
function nodeSettings(model: NodeUnitModel, surroundings: NodeUnitSurroundings): NonNullable<NodeUnitSpec['setNode']> {
  const predeclared = isPredeclared(model, surroundings);
  const labels = {
    ...model.nodeLabels,
    ...(predeclared
      ? {
          [model.name]: NODE_UNIT_LABEL_VALUE,
          ...Object.fromEntries(surroundings.groups.map((group) => [group, model.name])),
        }
      : {}),
  };
  const taints = predeclared ? [{ key: KINS_TAINT_KEY, effect: TaintEffect.NO_SCHEDULE }] : model.taints;
  return {
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(model.nodeAnnotations).length === 0 ? {} : { annotations: model.nodeAnnotations }),
    ...(taints.length === 0 ? {} : { taints }),
  };
}
