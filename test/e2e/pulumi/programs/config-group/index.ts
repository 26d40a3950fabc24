/** The same chart by a ConfigGroup, by ChartResources in its place, and with a renamed construct. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart } from 'cdk8s';
import { ChartResources } from 'edge-constructs/pulumi';

const config = new pulumi.Config();
const step = config.require('step');
const provider = new kubernetes.Provider('cloud', { kubeconfig: config.requireSecret('cloudKubeconfig') });
const chart = new Chart(new App(), 'moved');
const id = step === 'renamed' ? 'after' : 'before';
new ApiObject(chart, id, {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'moved', namespace: 'default' },
  data: { a: 'b' },
});
new ApiObject(chart, 'role', {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'moved' },
  rules: [],
});

if (step === 'config-group-v1') {
  new kubernetes.yaml.ConfigGroup('old', { objs: chart.toJson() }, { provider });
} else if (step === 'config-group-v2') {
  new kubernetes.yaml.v2.ConfigGroup('old', { objs: chart.toJson() }, { provider });
} else {
  const aliases = step === 'renamed' ? { renamed: { after: 'before' } } : { configGroup: 'old' };
  new ChartResources('new', { chart, aliases }, { provider });
}
