import { App, Chart } from 'cdk8s';
import type { KubeObject } from '../api/support/objects';

/** Renders what `declare` puts into a chart of its own. */
export function render(declare: (chart: Chart) => void, chartProps: { namespace?: string } = {}): KubeObject[] {
  const chart = new Chart(new App(), 'chart', chartProps);
  declare(chart);
  return chart.toJson() as KubeObject[];
}

/** The object of a kind and name among others; fails when it is not there. */
export function find(objects: readonly KubeObject[], kind: string, name: string): KubeObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined)
    throw new Error(`no ${kind} ${name} among ${objects.map((o) => `${o.kind} ${o.metadata.name}`).join(', ')}`);
  return found;
}
