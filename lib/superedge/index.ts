export { AutonomyLevel } from './autonomy-level';
export { SelectorOperator, type LabelSelector, type SelectorRequirement } from './label-selector';
export { NodeGroup } from './node-group';
export { NodeGroupWorkloadType, type NodeGroupProps, type NodeGroupWorkload } from './node-group-props';
export { NodeUnit } from './node-unit';
export { NodeUnitType, type NodeUnitProps } from './node-unit-props';
export { TaintEffect, type NodeTaint, type SetNodeProps } from './set-node';
export { type UnitClusterProps } from './unit-cluster';
