import * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { LONGEST_ANSWER_MS, within } from './answers';
import { ClusterObjects } from './cluster-objects';
import { ToldError } from './told-error';

/** Annotation of a unit's guard: the project and the stack that the unit belongs to. */
export const STACK_ANNOTATION = 'edge-constructs.io/stack';

type Manifest = Readonly<Record<string, unknown>>;

/** A unit's guard that says to which stack the unit belongs. */
export function withStack(manifest: Manifest): Record<string, unknown> {
  const metadata = manifest.metadata as { readonly annotations?: object };
  return {
    ...manifest,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [STACK_ANNOTATION]: own() } },
  };
}

/**
 * Refuses to make a unit that is there already and not this stack's, in previews too. Nothing of it has been touched then:
 * its guard, of which this is asked, is made before all the rest.
 */
export function ownerHook(resource: string, provider: pulumi.ProviderResource): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `owner of ${resource}`,
    async ({ newInputs }) => {
      const { metadata, data } = (newInputs ?? {}) as {
        readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
        readonly data?: { readonly unit?: unknown };
      };
      const { name, namespace } = metadata ?? {};
      const kubeconfig = await kubeconfigOf(provider);
      if (kubeconfig === undefined || !isKnown(name) || !isKnown(namespace)) return;
      const key = { apiVersion: 'v1', kind: 'ConfigMap', name, namespace };
      const live = await new ClusterObjects(kubeconfig).get(key);
      if (live === undefined) return;
      const refusal = foreignUnit(String(data?.unit), key, live.metadata?.annotations?.[STACK_ANNOTATION]);
      if (refusal !== undefined) throw new ToldError(refusal);
    },
    { onDryRun: true },
  );
}

/** Why a unit that is there can't be made by this stack; `undefined` when it was this one that began to make it. */
export function foreignUnit(
  unit: string,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  owner: string | undefined,
): string | undefined {
  if (owner === own()) return undefined;
  const there = `Unit ${unit} is in the cluster already and`;
  if (owner !== undefined && owner !== '') {
    return (
      `${there} belongs to stack ${owner}; this is ${own()}. Give the new unit another name, or move that one here with its ` +
      'state, by pulumi state move: see "A unit that another stack has" in docs/pulumi.md.'
    );
  }
  return (
    `${there} no stack says that it is its own: it came by GitOps or kubectl, or by an older version of this library. Give ` +
    `the new unit another name. If stack ${own()} made it, and was interrupted: kubectl --namespace ${namespace} annotate ` +
    `configmap ${name} ${STACK_ANNOTATION}=${own()}`
  );
}

function own(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}

function isKnown(value: unknown): value is string {
  return typeof value === 'string' && value !== pulumi.runtime.unknownValue;
}

/** What the program gave the provider; `undefined` when it is not known, or not here: then the cluster is the first to tell. */
async function kubeconfigOf(provider: pulumi.ProviderResource): Promise<string | undefined> {
  const { kubeconfig } = provider as unknown as { readonly kubeconfig?: pulumi.Input<string> };
  if (kubeconfig === undefined) return undefined;
  const sent: unknown = await pulumi.runtime.serializeProperty('kubeconfig', kubeconfig);
  if (sent === undefined || sent === pulumi.runtime.unknownValue) return undefined;
  const text = await within(
    LONGEST_ANSWER_MS,
    new Promise<string>((resolve) => {
      pulumi.output(kubeconfig).apply(resolve);
    }),
  );
  // The provider takes a path, too.
  return typeof text === 'string' && !text.includes('\n') && !text.includes('{') ? readFileSync(text, 'utf8') : text;
}
