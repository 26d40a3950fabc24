import * as pulumi from '@pulumi/pulumi';
import type { NodeTaint } from '../superedge';
import { LONGEST_ANSWER_MS, within } from './answers';
import { ClusterObjects } from './cluster-objects';
import { takeoverHook } from './node-owner';
import { ManifestResource } from './manifest-resource';
import { hasHooks } from './unit-protection';
import { FORMER_TAINTS_ANNOTATION, NodeTaints, parseTaints, TAINTS_ANNOTATION, taintsText } from './node-taints';

/** Metadata and taints of a node that the kubelet does not set. */
export interface NodeSettings {
  readonly nodeLabels?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly nodeAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly nodeTaints?: readonly NodeTaint[];
}

/**
 * The node of a device. It is created before the device joins, so that no pod is scheduled there before the labels and
 * taints are set. It is deleted after the device has been cleaned, because a running kubelet would create it again.
 */
export class DeviceNode {
  readonly resource: ManifestResource;

  /** Whether the node has its taints; unknown in a preview in which the node or the kubeconfig is unknown. */
  readonly isTainted: pulumi.Output<boolean>;

  constructor(
    component: string,
    node: pulumi.Output<string>,
    { nodeLabels, nodeAnnotations, nodeTaints = [] }: NodeSettings,
    kubeconfig: pulumi.Output<string>,
    options: pulumi.CustomResourceOptions,
  ) {
    const noted = nodeTaints.length === 0 ? {} : { [TAINTS_ANNOTATION]: taintsText(nodeTaints) };
    const annotations =
      nodeAnnotations === undefined && nodeTaints.length === 0 ? undefined : { ...nodeAnnotations, ...noted };
    this.resource = new ManifestResource(
      `${component}/node`,
      { apiVersion: 'v1', kind: 'Node', metadata: { name: node, labels: nodeLabels, annotations } },
      false,
      { ...options, ...(hasHooks() ? { hooks: hooksOf(component, node, kubeconfig) } : {}) },
    );
    // At each update, because others who change the list of taints may have removed some.
    this.isTainted = pulumi.all([this.resource.id, node, kubeconfig]).apply(async ([, name, text]) => {
      if (!pulumi.runtime.isDryRun() && nodeTaints.length > 0) await taintsOf(name, text).ensure(nodeTaints);
      return true;
    });
  }
}

function hooksOf(
  component: string,
  node: pulumi.Output<string>,
  kubeconfig: pulumi.Output<string>,
): pulumi.ResourceHookBinding {
  return {
    beforeCreate: [takeoverHook(component, kubeconfig)],
    afterUpdate: [removal(component, node, kubeconfig)],
  };
}

function taintsOf(node: string, kubeconfig: string): NodeTaints {
  return new NodeTaints(new ClusterObjects(kubeconfig), node);
}

/** Removes taints that were declared before and no longer are. */
function removal(
  component: string,
  node: pulumi.Output<string>,
  kubeconfig: pulumi.Output<string>,
): pulumi.ResourceHook {
  return new pulumi.ResourceHook(`${component}: taints that are declared no more`, async ({ oldInputs, newInputs }) => {
    const still = declaredIn(newInputs).map(({ key, effect }) => `${key}:${effect}`);
    const gone = declaredIn(oldInputs).filter(({ key, effect }) => !still.includes(`${key}:${effect}`));
    if (gone.length === 0) return;
    const known = new Promise<NodeTaints>((resolve) => {
      pulumi.all([node, kubeconfig]).apply(([name, text]) => {
        resolve(taintsOf(name, text));
      });
    });
    await (await within(LONGEST_ANSWER_MS, known)).remove(gone);
  });
}

function declaredIn(inputs: Readonly<Record<string, unknown>> = {}): ReturnType<typeof parseTaints> {
  const { metadata } = inputs as { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
  const { annotations } = metadata ?? {};
  return parseTaints(annotations?.[TAINTS_ANNOTATION] ?? annotations?.[FORMER_TAINTS_ANNOTATION] ?? '');
}
