/** As many objects as take a while, one after the other in tens. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart } from 'cdk8s';
import { ChartResources } from 'edge-constructs/pulumi';

const config = new pulumi.Config();
const provider = new kubernetes.Provider('cloud', {
  kubeconfig: config.requireSecret('cloudKubeconfig'),
  upsertExistingObjects: true,
});
const chart = new Chart(new App(), 'many');
const objects: ApiObject[] = [];
for (let i = 0; i < 120; i++) {
  const name = `many-${i}`;
  const object = new ApiObject(chart, name, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', labels: { 'edge-constructs.io/test': 'many' } },
    data: { secret: config.requireSecret('secret') },
  });
  const before = objects[i - 10];
  if (before !== undefined) object.addDependency(before);
  objects.push(object);
}
new ChartResources('many', { chart }, { provider });
