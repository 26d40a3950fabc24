import * as pulumi from '@pulumi/pulumi';
import type { Chart } from 'cdk8s';
import { EdgeConstructsError } from '../core/error';
import { problem } from '../core/rules';
import { KinsCluster } from '../kins/kins-cluster';
import { hasHooks } from './unit-protection';

/** Settings of a `kubernetes.Provider`, each with the kind that it applies to. */
const SETTINGS = { enableConfigMapMutable: 'ConfigMap', enableSecretMutable: 'Secret' } as const;

/**
 * Checks that the provider changes ConfigMaps and Secrets in place. By default it replaces them, which only a setting of
 * the provider changes, and no option of a resource. The guard of a unit would refuse that in the middle of an update.
 *
 * @returns the provider, once it has been checked, so that what depends on it is not even previewed before. `undefined` if
 * no object of the chart needs the check.
 */
export function changingInPlace(
  provider: pulumi.ProviderResource,
  name: string,
  chart: Chart,
): Promise<pulumi.Resource> | undefined {
  if (!chart.node.findAll().some((each) => each instanceof KinsCluster)) return undefined;
  const settings = provider as unknown as Readonly<Record<string, pulumi.Input<unknown>>>;
  if (!Object.keys(SETTINGS).some((setting) => setting in settings)) {
    // A provider that another process has passed on is only a reference, without its settings.
    void pulumi.log.warn(
      `Set ${Object.keys(SETTINGS).join(' and ')} in the provider of ${name}: this process can't see whether they are set.`,
    );
    return undefined;
  }
  return passed(provider, settings, name);
}

/** @throws {@link EdgeConstructsError} when the provider would replace objects of one of the kinds */
async function passed(
  provider: pulumi.ProviderResource,
  settings: Readonly<Record<string, pulumi.Input<unknown>>>,
  name: string,
): Promise<pulumi.Resource> {
  const problems = [];
  for (const [setting, kind] of Object.entries(SETTINGS)) {
    const value = await valueOf(settings[setting]);
    // Settings of providers are passed as JSON.
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
 * The value of a setting in the engine. In previews, a setting that was left out counts as unknown, so `apply` would not
 * run. With mocks that return no state, all settings are unknown, but then no cluster refuses anything.
 */
async function valueOf(setting: pulumi.Input<unknown>): Promise<unknown> {
  const value: unknown = await pulumi.runtime.serializeProperty('provider', setting);
  if (value !== pulumi.runtime.unknownValue) return value;
  return hasHooks() ? undefined : true;
}
