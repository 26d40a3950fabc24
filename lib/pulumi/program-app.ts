import * as pulumi from '@pulumi/pulumi';
import { App, Chart } from 'cdk8s';
import { declareCluster } from '../core/cluster-level';

const apps = new WeakMap<object, App>();

/**
 * A chart for one component. All components of a program that run in one process share an app, which finds names and
 * nodes that are declared twice in one cluster; each provider stands for a cluster of its own.
 */
export function componentChart(kind: string, name: string, component: pulumi.ComponentResource): Chart {
  const chart = new Chart(programApp(), `${kind}:${name}`);
  const provider = component.getProvider('kubernetes:core/v1:ConfigMap');
  if (provider !== undefined) declareCluster(chart, { name: clusterOf(provider) });
  return chart;
}

const clusters = new WeakMap<pulumi.ProviderResource, string>();
let count = 0;

function clusterOf(provider: pulumi.ProviderResource): string {
  let name = clusters.get(provider);
  if (name === undefined) {
    // Providers below different components may have one name.
    name = `provider ${++count}`;
    clusters.set(provider, name);
  }
  return name;
}

/** A chart of an app of its own, for what other components must not change. */
export function separateChart(name: string): Chart {
  return new Chart(new App(), name);
}

/** Several programs may run in one process, by the Automation API: each has its own engine. */
export function programApp(): App {
  const monitor = pulumi.runtime.getMonitor() ?? pulumi.runtime;
  let app = apps.get(monitor);
  if (app === undefined) {
    app = new App();
    apps.set(monitor, app);
  }
  return app;
}
