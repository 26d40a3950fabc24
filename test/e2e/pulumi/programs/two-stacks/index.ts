/** A datacenter and a label of a node; each stack has its own, in one Seed and on one node. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { EdgeDatacenter, NodeMetadata, Seed } from 'edge-constructs/pulumi';

const config = new pulumi.Config();
const name = config.require('datacenter');
const provider = new kubernetes.Provider('master', { kubeconfig: config.requireSecret('kubeconfig') });
const seed = new Seed('seed', {}, { provider });
new EdgeDatacenter(name, { seed, country: config.require('country') }, { provider });
new NodeMetadata(
  'label',
  { nodeName: config.require('node'), labels: { [`example.com/${name}`]: config.require('country') } },
  { provider },
);
