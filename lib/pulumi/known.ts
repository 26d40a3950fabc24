import * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { LONGEST_ANSWER_MS, within } from './answers';

/** The value of an input; `undefined` if it is not known. For hooks, which can wait for it, but not forever. */
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

/** A field of the inputs that the engine passes to a hook. If a part of the field is secret, it comes as an Output. */
export async function fieldOf(inputs: Readonly<Record<string, unknown>> = {}, field: string): Promise<Fields> {
  const value = inputs[field];
  const fields = pulumi.Output.isInstance(value) ? await known(value as pulumi.Output<Fields>) : (value as Fields);
  return fields ?? {};
}

type Fields = Readonly<Record<string, unknown>>;

/** Whether a field of the inputs that the engine passes to a hook is a known string. */
export function isKnownText(value: unknown): value is string {
  return typeof value === 'string' && value !== pulumi.runtime.unknownValue;
}

/**
 * The kubeconfig that the program gave to the provider. `undefined` if it is not known, or if another process made the
 * provider; then errors come from the cluster itself.
 */
export async function kubeconfigOf(provider: pulumi.ProviderResource): Promise<string | undefined> {
  const { kubeconfig } = provider as unknown as { readonly kubeconfig?: pulumi.Input<string> };
  const text = await known(kubeconfig);
  // The provider also accepts a path.
  return typeof text === 'string' && !text.includes('\n') && !text.includes('{') ? readFileSync(text, 'utf8') : text;
}
