import * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { LONGEST_ANSWER_MS, within } from './answers';

/** What an input holds; `undefined` as long as it is not known. Hooks ask this: they can wait, and must not for ever. */
export async function known<T>(input: pulumi.Input<T> | undefined): Promise<T | undefined> {
  const sent: unknown = await pulumi.runtime.serializeProperty('input', input);
  if (sent === undefined || sent === pulumi.runtime.unknownValue) return undefined;
  return within(
    LONGEST_ANSWER_MS,
    new Promise<T>((resolve) => {
      pulumi.output(input).apply((value) => {
        resolve(value as T);
      });
    }),
  );
}

/** A field of what the engine hands to a hook: one of which something is secret comes as an Output. */
export async function fieldOf(inputs: Readonly<Record<string, unknown>> = {}, field: string): Promise<Fields> {
  const value = inputs[field];
  const fields = pulumi.Output.isInstance(value) ? await known(value as pulumi.Output<Fields>) : (value as Fields);
  return fields ?? {};
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether a field of what the engine hands to a hook is a text that is known. */
export function isKnownText(value: unknown): value is string {
  return typeof value === 'string' && value !== pulumi.runtime.unknownValue;
}

/** What the program gave the provider; `undefined` when it is not known, or not here: then the cluster is the first to tell. */
export async function kubeconfigOf(provider: pulumi.ProviderResource): Promise<string | undefined> {
  const { kubeconfig } = provider as unknown as { readonly kubeconfig?: pulumi.Input<string> };
  const text = await known(kubeconfig);
  // The provider takes a path, too.
  return typeof text === 'string' && !text.includes('\n') && !text.includes('{') ? readFileSync(text, 'utf8') : text;
}
