import { Chart } from 'cdk8s';
import type { Manifest } from '../core/edge-object';
import { retiredPolicy } from '../kins/retired';
import { KinsCluster } from '../kins/kins-cluster';
import { hasOwnCluster } from '../superedge/autonomy-level';

/** An object of which the chart knows nothing, with the path that its construct had. */
export interface RetiredObject {
  readonly path: string;
  readonly manifest: Manifest;
}

/**
 * The policies that version 0.1 made for each unit. They have a finalizer, for whose end Pulumi would wait in vain when they are
 * in the program no more: so they stay in it, without anything in them, as long as stacks of that version may be updated.
 * At L3 they are in the chart.
 */
export function retiredPolicies(chart: Chart): readonly RetiredObject[] {
  return chart.node
    .findAll()
    .filter((each): each is KinsCluster => each instanceof KinsCluster && Chart.of(each) === chart)
    .filter(({ autonomyLevel }) => hasOwnCluster(autonomyLevel))
    .flatMap(({ node, unitName }) =>
      (['guard', 'namespace'] as const).map((part) => ({
        path: `${node.path}/${part}-policy`,
        manifest: retiredPolicy(part, unitName),
      })),
    );
}
