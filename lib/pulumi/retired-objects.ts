import { Chart } from 'cdk8s';
import type { Manifest } from '../core/edge-object';
import { KinsCluster } from '../kins/kins-cluster';
import { retiredPolicy, retiredScripts } from '../kins/retired-objects';
import { hasOwnCluster } from '../superedge/autonomy-level';

/** An object that is not in the chart, with the path that its construct had. */
export interface RetiredObject {
  readonly path: string;
  readonly manifest: Manifest;
  /** Fields that keep their value from the state. */
  readonly ignoreChanges?: string[];
}

/**
 * Objects that version 0.1 made for each unit and that Pulumi could not delete if they were removed from the program:
 * policies, whose finalizers nobody removes, and scripts, which the guard keeps for pods of that version. So they stay in
 * the program, the policies without content, as long as stacks of that version may be updated. At L3 they are in the chart.
 */
export function retiredObjects(chart: Chart): readonly RetiredObject[] {
  return chart.node
    .findAll()
    .filter((each): each is KinsCluster => each instanceof KinsCluster && Chart.of(each) === chart)
    .filter(({ autonomyLevel }) => hasOwnCluster(autonomyLevel))
    .flatMap(({ node, name }) => [
      ...(['guard', 'namespace'] as const).map((part) => ({
        path: `${node.path}/${part}-policy`,
        manifest: retiredPolicy(part, name),
      })),
      // The guard compares annotations in its metadata.
      {
        path: `${node.path}/scripts`,
        manifest: retiredScripts(name),
        ignoreChanges: ['data', 'metadata'],
      },
    ]);
}
