/** A unit whose level, nodes and further settings are in the configuration. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { AutonomyLevel } from 'edge-constructs';
import { KinsCluster } from 'edge-constructs/pulumi';

const config = new pulumi.Config();
const cloudKubeconfig = config.require('cloudKubeconfig');
const provider = new kubernetes.Provider(config.get('provider') ?? 'cloud', {
  kubeconfig: pulumi.secret(cloudKubeconfig),
  upsertExistingObjects: config.getBoolean('upsert') ?? false,
  // Left out to see what happens then.
  ...(config.getBoolean('replacing') === true ? {} : { enableConfigMapMutable: true, enableSecretMutable: true }),
});

const kins = new KinsCluster(
  config.get('component') ?? config.require('unit'),
  {
    name: config.require('unit'),
    nodes: config.require('nodes').split(','),
    tokenSecret: config.get('tokenSecret'),
    autonomyLevel: config.require<AutonomyLevel>('level'),
    // Given in clear on purpose: the component has to hide it.
    cloudKubeconfig,
    timeout: config.get('timeout'),
    tlsSans: [pulumi.output('x').apply(() => config.get('name') ?? 'shop.example.com')],
  },
  { provider, aliases: [{ name: config.require('unit') }] },
);

export const tunnelKubeconfig = kins.tunnelKubeconfig;
export const directKubeconfig = kins.directKubeconfig;
export const nodeKubeconfig = kins.nodeKubeconfig;
