import * as pulumi from '@pulumi/pulumi';
import { ClusterObjects } from './cluster-objects';
import { fieldOf, isKnownText, kubeconfigOf } from './known';
import { ownStack, STACK_ANNOTATION } from './stack-owner';
import { ToldError } from './told-error';

/**
 * Refuses to create a unit that exists already and does not belong to this stack, in previews too. This runs before the
 * unit's guard is created, which comes before everything else, so nothing of the unit has been touched by then.
 */
export function ownerHook(resource: string, provider: pulumi.ProviderResource): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `owner of ${resource}`,
    async ({ newInputs }) => {
      const { name, namespace } = await fieldOf(newInputs, 'metadata');
      const { unit } = await fieldOf(newInputs, 'data');
      const kubeconfig = await kubeconfigOf(provider);
      if (kubeconfig === undefined || !isKnownText(name) || !isKnownText(namespace)) return;
      const key = { apiVersion: 'v1', kind: 'ConfigMap', name, namespace };
      const live = await new ClusterObjects(kubeconfig).get(key);
      if (live === undefined) return;
      const refusal = foreignUnit(String(unit), key, live.metadata?.annotations?.[STACK_ANNOTATION]);
      if (refusal !== undefined) throw new ToldError(refusal);
    },
    { onDryRun: true },
  );
}

/** Why this stack can't create a unit that exists already; `undefined` if this stack itself began to create it. */
export function foreignUnit(
  unit: string,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  owner: string | undefined,
): string | undefined {
  if (owner === ownStack()) return undefined;
  const there = `Unit ${unit} is already in the cluster and`;
  if (owner !== undefined && owner !== '') {
    return (
      `${there} belongs to stack ${owner}; this is ${ownStack()}. Give the new unit another name, or move that one here with its ` +
      'state, with pulumi state move: see "A unit that another stack has" in docs/pulumi.md.'
    );
  }
  return (
    `${there} no stack claims it: it was applied by GitOps or kubectl, or by an older version of this library. Give ` +
    `the new unit another name. If stack ${ownStack()} created it, and was interrupted: kubectl --namespace ${namespace} annotate ` +
    `configmap ${name} ${STACK_ANNOTATION}=${ownStack()}`
  );
}
