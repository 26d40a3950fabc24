import * as pulumi from '@pulumi/pulumi';
import { COMPONENT_LABEL, kinsName, KINS_NAMESPACE, UNIT_LABEL } from '../kins/names';
import { hasOwnCluster, type AutonomyLevel } from '../superedge/autonomy-level';
import { ClusterObjects, type LiveObject } from './cluster-objects';
import { fieldOf, isKnownText, kubeconfigOf } from './known';
import { ownStack, STACK_ANNOTATION } from './stack-owner';
import { ToldError } from './told-error';

/**
 * Annotation of a unit's guard: the nodes of the unit, so that the guard is changed, before everything else, when they
 * change.
 */
export const NODES_ANNOTATION = 'edge-constructs.io/nodes';

/**
 * Refuses a unit, or more nodes of it, when another unit of the cluster runs on one of them: two K3s clusters would compete
 * for the ports of the node. Within a program, the constructs detect that; this detects units of other stacks, of GitOps
 * and of kubectl.
 */
export function nodesHook(resource: string, provider: pulumi.ProviderResource): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `nodes of ${resource}`,
    async ({ newInputs }) => {
      const { annotations } = await fieldOf(newInputs, 'metadata');
      const { unit, level } = await fieldOf(newInputs, 'data');
      const nodes = (annotations as Readonly<Record<string, unknown>> | undefined)?.[NODES_ANNOTATION];
      const kubeconfig = await kubeconfigOf(provider);
      if (kubeconfig === undefined || !isKnownText(unit) || !isKnownText(nodes)) return;
      if (!hasOwnCluster(level as AutonomyLevel)) return;
      const isSecret = pulumi.Output.isInstance(newInputs?.metadata);
      await refuseShared(new ClusterObjects(kubeconfig), { unit, nodes: nodes.split(','), isSecret });
    },
    { onDryRun: true },
  );
}

interface Wanted {
  readonly unit: string;
  readonly nodes: readonly string[];
  /** Whether names of nodes must not be shown. */
  readonly isSecret: boolean;
}

async function refuseShared(objects: ClusterObjects, { unit, nodes, isSecret }: Wanted): Promise<void> {
  for (const agent of await agentsOf(objects)) {
    const other = agent.metadata?.labels?.[UNIT_LABEL] ?? '';
    const shared = other === unit ? [] : nodesOf(agent).filter((node) => nodes.includes(node));
    if (shared.length === 0) continue;
    const guard = { apiVersion: 'v1', kind: 'ConfigMap', name: kinsName(other, 'guard'), namespace: KINS_NAMESPACE };
    const owner = (await objects.get(guard))?.metadata?.annotations?.[STACK_ANNOTATION];
    const which = isSecret
      ? `${shared.length} of its nodes`
      : `${shared.length === 1 ? 'node' : 'nodes'} ${shared.join(', ')}`;
    throw new ToldError(
      `Unit ${unit} can't have ${which}: unit ${other} runs there, ` +
        `${whoseUnit(owner)}. A node has one unit: name another here, or take it out of that one first ("Remove a node" in ` +
        'docs/kins.md), apply that, and then this. Nothing has been changed.',
    );
  }
}

function whoseUnit(owner: string | undefined): string {
  if (owner === undefined || owner === '')
    return 'which was applied by GitOps or kubectl, or by an older version of this library';
  return owner === ownStack() ? 'which also belongs to this stack' : `which belongs to stack ${owner}`;
}

async function agentsOf(objects: ClusterObjects): Promise<readonly LiveObject[]> {
  const kind = { apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: KINS_NAMESPACE };
  try {
    return await objects.list(kind, `${COMPONENT_LABEL}=agent`);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 403) throw error;
    await pulumi.log.warn(
      `Whether other units run on the same nodes is not known: the kubeconfig of the provider is not allowed to list DaemonSets in ` +
        `namespace ${KINS_NAMESPACE}.`,
    );
    return [];
  }
}

/** The nodes that a workload of a unit is pinned to; empty if the unit has ended. */
function nodesOf({ spec }: LiveObject): readonly string[] {
  const terms =
    spec?.template?.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ??
    [];
  // Always metadata.name, the only field of nodes that Kubernetes supports here.
  return terms.flatMap(({ matchFields = [] }) => matchFields.flatMap(({ values = [] }) => values));
}
