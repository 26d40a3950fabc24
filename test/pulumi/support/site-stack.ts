import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { Chart } from 'cdk8s';
import { ChartResources } from '../../../lib/pulumi';
import { Engine } from '../mocks';

/** A provider that changes ConfigMaps and Secrets in place, which units need. */
export const changingProvider = (name = 'cloud'): kubernetes.Provider =>
  new kubernetes.Provider(name, {
    kubeconfig: pulumi.secret('{}'),
    enableConfigMapMutable: true,
    enableSecretMutable: true,
  });

/** What a stack with the charts of one site has. */
export interface SiteStack {
  readonly engine: Engine;
  readonly provider: kubernetes.Provider;
  /** Registers the objects of a chart, and waits until all are. */
  readonly apply: (chart: Chart) => Promise<ChartResources>;
}

/** Starts an engine for a stack that applies charts as `site`. */
export async function startSiteStack(): Promise<SiteStack> {
  const engine = await Engine.start();
  const provider = changingProvider();
  const apply = async (chart: Chart): Promise<ChartResources> => {
    const resources = new ChartResources('site', { chart }, { ...engine.watched, provider });
    await engine.settle();
    return resources;
  };
  return { engine, provider, apply };
}
