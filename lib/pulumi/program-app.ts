import * as pulumi from '@pulumi/pulumi';
import { App, Chart } from 'cdk8s';

const apps = new WeakMap<object, App>();

/**
 * A chart for one component. All components of a program that run in one process share an app, which finds names and
 * nodes that are declared twice.
 */
export function componentChart(kind: string, name: string): Chart {
  return new Chart(programApp(), `${kind}:${name}`);
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
