import { selectorManifest, type LabelSelector } from './label-selector';
import type { NodeGroupWorkload } from './node-group-props';

/** A group's checked props. */
export interface NodeGroupModel {
  readonly name: string;
  readonly unitNames: readonly string[];
  readonly selector?: LabelSelector;
  readonly autoFindNodeKeys: readonly string[];
  readonly workload: readonly NodeGroupWorkload[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** `spec` of a NodeGroup, v1alpha2. */
export interface NodeGroupSpec {
  readonly nodeUnits?: readonly string[];
  readonly selector?: LabelSelector;
  readonly autoFindNodeKeys?: readonly string[];
  readonly workload?: readonly NodeGroupWorkload[];
}

/** The spec of a group's resource. */
export function nodeGroupSpec({ unitNames, selector, autoFindNodeKeys, workload }: NodeGroupModel): NodeGroupSpec {
  return {
    ...(unitNames.length === 0 ? {} : { nodeUnits: unitNames }),
    ...(selector === undefined ? {} : { selector: selectorManifest(selector) }),
    ...(autoFindNodeKeys.length === 0 ? {} : { autoFindNodeKeys }),
    ...(workload.length === 0
      ? {}
      : {
          workload: workload.map((each) => ({
            name: each.name,
            type: each.type,
            ...(each.selector === undefined ? {} : { selector: selectorManifest(each.selector) }),
          })),
        }),
  };
}
