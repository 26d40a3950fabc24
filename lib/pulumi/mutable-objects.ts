import * as pulumi from '@pulumi/pulumi';
import type { Chart } from 'cdk8s';
import { EdgeConstructsError } from '../core/error';
import { problem } from '../core/rules';
import { KinsCluster } from '../kins/kins-cluster';
import { hasHooks } from './unit-protection';

/** Settings of a `kubernetes.Provider`, and the kind that each is about. */
const SETTINGS = { enableConfigMapMutable: 'ConfigMap', enableSecretMutable: 'Secret' } as const;

/**
 * Asks the provider whether it changes ConfigMaps and Secrets in place. By default it deletes and makes them anew: only the
 * provider decides that, no option of a resource does, and the guard of a unit refuses it in the middle of an update.
 *
 * @returns the provider, once it has passed; what depends on it is not even previewed before. `undefined` when no object
 * of the chart needs it.
 */
export function changingInPlace(
  provider: pulumi.ProviderResource,
  name: string,
  chart: Chart,
): Promise<pulumi.Resource> | undefined {
  if (!chart.node.findAll().some((each) => each instanceof KinsCluster)) return undefined;
  const settings = provider as unknown as Readonly<Record<string, pulumi.Input<unknown>>>;
  if (!Object.keys(SETTINGS).some((setting) => setting in settings)) {
    // As a reference, which is how another process hands a provider on, it tells nothing about itself.
    void pulumi.log.warn(
      `Set ${Object.keys(SETTINGS).join(' and ')} in the provider of ${name}: this process can't see whether they are set.`,
    );
    return undefined;
  }
  return passed(provider, settings, name);
}

/** @throws {@link EdgeConstructsError} when the provider replaces one of the kinds */
async function passed(
  provider: pulumi.ProviderResource,
  settings: Readonly<Record<string, pulumi.Input<unknown>>>,
  name: string,
): Promise<pulumi.Resource> {
  const problems = [];
  for (const [setting, kind] of Object.entries(SETTINGS)) {
    const value = await valueOf(settings[setting]);
    // Settings of providers travel as JSON.
    if (value === true || value === 'true') continue;
    const remedy =
      `Set it in the kubernetes.Provider: without it Pulumi deletes and recreates a ${kind} that changes, ` +
      `which the guard of a unit refuses.`;
    problems.push(problem(`provider.${setting}`, value, 'true, for a chart with a KinsCluster', remedy));
  }
  if (problems.length > 0) throw new EdgeConstructsError(name, 'ChartResources', problems);
  return provider;
}

/**
 * A setting as the engine has it. In previews one that was left out counts as unknown, for which `apply` would never ask;
 * mocks that return no state make all of them unknown, and have no cluster that could refuse anything.
 */
async function valueOf(setting: pulumi.Input<unknown>): Promise<unknown> {
  const value: unknown = await pulumi.runtime.serializeProperty('provider', setting);
  if (value !== pulumi.runtime.unknownValue) return value;
  return hasHooks() ? undefined : true;
}
