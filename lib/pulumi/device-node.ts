import * as pulumi from '@pulumi/pulumi';
import type { NodeTaint } from '../superedge';
import type { ClusterObjects } from './cluster-objects';
import { ManifestResource } from './manifest-resource';
import { hasHooks } from './unit-protection';
import { NodeTaints, parseTaints, TAINTS_ANNOTATION, taintsText } from './node-taints';

/** What a node gets that the kubelet does not give it. */
export interface NodeSettings {
  readonly nodeLabels?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly nodeAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly nodeTaints?: readonly NodeTaint[];
}

/**
 * The node of a device. It is made before the device joins, so that no pod gets there without its labels and taints, and so
 * that it is deleted after the device has been cleaned: a running kubelet would make it anew.
 */
export class DeviceNode {
  readonly resource: ManifestResource;

  /** Whether the node has its taints. */
  readonly isTainted: pulumi.Output<boolean>;

  constructor(
    component: string,
    node: string,
    { nodeLabels, nodeAnnotations, nodeTaints = [] }: NodeSettings,
    objects: ClusterObjects,
    options: pulumi.CustomResourceOptions,
  ) {
    const taints = new NodeTaints(objects, node);
    const noted = nodeTaints.length === 0 ? {} : { [TAINTS_ANNOTATION]: taintsText(nodeTaints) };
    const annotations =
      nodeAnnotations === undefined && nodeTaints.length === 0 ? undefined : { ...nodeAnnotations, ...noted };
    this.resource = new ManifestResource(
      `${component}/node`,
      { apiVersion: 'v1', kind: 'Node', metadata: { name: node, labels: nodeLabels, annotations } },
      false,
      { ...options, ...(hasHooks() ? { hooks: { afterUpdate: [removal(component, taints)] } } : {}) },
    );
    // At each update, because whoever changes the list of taints may have dropped some.
    this.isTainted = this.resource.metadata.apply(async () => {
      if (!pulumi.runtime.isDryRun() && nodeTaints.length > 0) await taints.ensure(nodeTaints);
      return true;
    });
  }
}

/** Removes taints that were declared before and are no more. */
function removal(component: string, taints: NodeTaints): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`${component}: taints that are declared no more`, async ({ oldInputs, newInputs }) => {
    const still = declaredIn(newInputs).map(({ key, effect }) => `${key}:${effect}`);
    const gone = declaredIn(oldInputs).filter(({ key, effect }) => !still.includes(`${key}:${effect}`));
    if (gone.length > 0) await taints.remove(gone);
  });
}

function declaredIn(inputs: Readonly<Record<string, unknown>> = {}): ReturnType<typeof parseTaints> {
  const { metadata } = inputs as { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
  return parseTaints(metadata?.annotations?.[TAINTS_ANNOTATION] ?? '');
}
