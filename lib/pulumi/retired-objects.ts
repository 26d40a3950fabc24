import { Chart } from 'cdk8s';
import type { Manifest } from '../core/edge-object';
import { KinsCluster } from '../kins/kins-cluster';
import { retiredPolicy, retiredScripts } from '../kins/retired-objects';
import { hasOwnCluster } from '../superedge/autonomy-level';

/** An object of which the chart knows nothing, with the path that its construct had. */
export interface RetiredObject {
  readonly path: string;
  readonly manifest: Manifest;
  /** Fields that stay as the state has them. */
  readonly ignoreChanges?: string[];
}

/**
 * What version 0.1 made for each unit and Pulumi could not delete, were it in the program no more: policies, for the end of
 * whose finalizers it would wait in vain, and scripts, which the guard keeps for pods of that version. So they stay in it,
 * the policies without anything in them, as long as stacks of that version may be updated. At L3 they are in the chart.
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
      // What the guard compares is in its metadata.
      {
        path: `${node.path}/scripts`,
        manifest: retiredScripts(name),
        ignoreChanges: ['data', 'metadata'],
      },
    ]);
}
