import * as pulumi from '@pulumi/pulumi';
import { App, Chart } from 'cdk8s';
import { claim } from '../core/claims';
import { declareCluster } from '../core/cluster-level';
import { EdgeConstructsError } from '../core/error';
import { problem } from '../core/rules';
import { ownName } from './adopting-provider';

const apps = new WeakMap<object, App>();

/**
 * A chart for one component. All components of a program in one process share an app, which detects names and nodes that
 * are declared twice in a cluster. Each provider counts as a cluster.
 */
export function componentChart(kind: string, name: string, component: pulumi.ComponentResource): Chart {
  const chart = new Chart(programApp(), `${kind}:${name}`);
  const provider = component.getProvider('kubernetes:core/v1:ConfigMap');
  if (provider !== undefined) declareCluster(chart, { name: clusterOf(provider), ifOther: IF_OTHER_CLUSTER });
  return chart;
}

const IF_OTHER_CLUSTER = 'or give each the provider of its own cluster';

/** Refuses a second declaration of something that a cluster can have only once, for components that do not share an app. */
export function refuseSecond(
  component: pulumi.ComponentResource,
  subject: string,
  owner: string,
  { kind, name, why = '' }: { readonly kind: string; readonly name: string; readonly why?: string },
): void {
  const provider = component.getProvider('kubernetes:core/v1:ConfigMap');
  const first = claim(provider ?? programApp(), kind, name, owner);
  if (first === undefined) return;
  throw new EdgeConstructsError(owner, subject, [
    problem(
      'name',
      name,
      `a name that no other ${kind} has; '${first}' has this one`,
      `Rename one of the two${why}, ${IF_OTHER_CLUSTER}.`,
    ),
  ]);
}

const clusters = new WeakMap<pulumi.ProviderResource, string>();
const named = new WeakMap<App, Map<string, number>>();

function clusterOf(provider: pulumi.ProviderResource): string {
  let name = clusters.get(provider);
  if (name === undefined) {
    // Providers of different parents may have the same name.
    const counts = named.get(programApp()) ?? new Map<string, number>();
    named.set(programApp(), counts);
    const own = ownName(provider);
    const count = (counts.get(own) ?? 0) + 1;
    counts.set(own, count);
    name = `provider ${own}${count === 1 ? '' : ` (${count})`}`;
    clusters.set(provider, name);
  }
  return name;
}

/** A chart in an app of its own, so that other components do not affect it. */
export function separateChart(name: string): Chart {
  return new Chart(new App(), name);
}

/** With the Automation API, several programs may run in one process, each with its own engine. */
function programApp(): App {
  const monitor = pulumi.runtime.getMonitor() ?? pulumi.runtime;
  let app = apps.get(monitor);
  if (app === undefined) {
    app = new App();
    apps.set(monitor, app);
  }
  return app;
}
