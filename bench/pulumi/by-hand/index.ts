/** Resources as a user of @pulumi/kubernetes writes them. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';

const config = new pulumi.Config();
const provider = new kubernetes.Provider('cluster', { kubeconfig: config.requireSecret('kubeconfig') });
const parent = new pulumi.ComponentResource('bench:index:Site', 'site', {}, { provider });
for (let i = 0; i < config.requireNumber('count'); i++) {
  const name = `by-hand-${i}`;
  new kubernetes.core.v1.ConfigMap(
    name,
    { metadata: { name, namespace: 'default', labels: { bench: 'by-hand' } }, data: { a: 'b'.repeat(200) } },
    { parent },
  );
}
