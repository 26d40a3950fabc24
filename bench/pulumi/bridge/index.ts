/** The same resources as objects of a cdk8s chart. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart } from 'cdk8s';
import { ChartResources } from 'edge-constructs/pulumi';

const config = new pulumi.Config();
const provider = new kubernetes.Provider('cluster', { kubeconfig: config.requireSecret('kubeconfig') });
const chart = new Chart(new App(), 'site');
for (let i = 0; i < config.requireNumber('count'); i++) {
  const name = `bridge-${i}`;
  new ApiObject(chart, name, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', labels: { bench: 'bridge' } },
    data: { a: 'b'.repeat(200) },
  });
}
new ChartResources('site', { chart }, { provider });
