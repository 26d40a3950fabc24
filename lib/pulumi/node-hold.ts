import type * as pulumi from '@pulumi/pulumi';
import { HOLD_NAMESPACE, holdName } from '../kins/names';
import { ManifestResource } from './manifest-resource';

/** What is held. */
export interface Held {
  readonly part: 'device' | 'machine';
  readonly node: pulumi.Output<string>;
  /** Resources that must stay as long as a unit with a cluster of its own runs on the node. */
  readonly resources: readonly pulumi.Resource[];
}

/**
 * A ConfigMap that depends on all that makes a node. So it is the first to be deleted, whatever else the engine deletes at
 * the same time; and the API server refuses that, by the guard of a unit at L4 or L5 that runs on the node, also when the
 * unit is another stack's or comes by GitOps. Then nothing that it depends on is touched.
 */
export function hold(component: string, { part, node, resources }: Held, parent: pulumi.Resource): ManifestResource {
  return new ManifestResource(
    `${component}/hold`,
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: node.apply((name) => holdName(part, name)),
        namespace: HOLD_NAMESPACE,
        labels: { 'app.kubernetes.io/managed-by': 'edge-constructs' },
      },
      data: { node },
    },
    false,
    { parent, dependsOn: [...resources] },
  );
}
