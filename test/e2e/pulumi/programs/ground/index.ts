/** What a unit of another stack stands on: the user cluster, a machine of it, and what its node is told. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { OperatingSystem } from 'edge-constructs';
import { EdgeCluster, EdgeMachine, NodeMetadata } from 'edge-constructs/pulumi';

const config = new pulumi.Config();
const node = config.require('node');
const kubeconfig = config.requireSecret('kubeconfig');
// Two connections to what is one API server in the test, and two in the field.
const seed = new kubernetes.Provider('seed', { kubeconfig });
const user = new kubernetes.Provider('user', { kubeconfig });

const cluster = new EdgeCluster('ground', { datacenter: 'edge-eu-de', version: '1.33.5' }, { provider: seed });
new EdgeMachine(
  node,
  {
    cluster,
    operatingSystem: OperatingSystem.UBUNTU_22_04,
    kubeletVersion: '1.33.5',
    sshPublicKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHSmGRm7NCNbZzK1o3OBgZWWUo07/mcVJeLxA6UqfFPg'],
  },
  { provider: user },
);
if (config.getBoolean('labelled') !== false) {
  new NodeMetadata('label', { nodeName: node, labels: { 'example.com/site': 'hamburg' } }, { provider: user });
}
