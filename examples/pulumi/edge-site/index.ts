/**
 * A complete edge site: datacenter, user cluster, devices, and a K3s cluster of its own on them.
 *
 * ```sh
 * pulumi stack init site
 * pulumi config set --secret masterKubeconfig < master.kubeconfig     # likewise seedKubeconfig, cloudKubeconfig
 * pulumi up
 * ```
 */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { AutonomyLevel, OperatingSystem } from 'edge-constructs';
import { EdgeCluster, EdgeDatacenter, EdgeMachine, KinsCluster, Seed } from 'edge-constructs/pulumi';

const config = new pulumi.Config();
const autonomyLevel = config.get('autonomyLevel') === 'L3' ? AutonomyLevel.L3 : AutonomyLevel.L4;

// One provider for each cluster: the compiler can't tell kubeconfigs apart, so their names should.
const master = new kubernetes.Provider('master', { kubeconfig: config.requireSecret('masterKubeconfig') });
const seedCluster = new kubernetes.Provider('seed', { kubeconfig: config.requireSecret('seedKubeconfig') });
const cloudKubeconfig = config.requireSecret('cloudKubeconfig');
const cloud = new kubernetes.Provider('cloud', {
  kubeconfig: cloudKubeconfig,
  // Otherwise Pulumi replaces ConfigMaps and Secrets that change, which the guard of a unit refuses.
  enableConfigMapMutable: true,
  enableSecretMutable: true,
});

// Adds one datacenter to the Seed that KKP was installed with, and owns nothing else of it.
const seed = new Seed('seed', {}, { provider: master });
const datacenter = new EdgeDatacenter('edge-eu-de', { seed, country: 'DE', location: 'Hamburg' }, { provider: master });

const cluster = new EdgeCluster(
  'shop',
  { datacenter: datacenter.datacenterName, version: '1.33.5', projectId: config.get('projectId') ?? 'x4b9zk2lq7' },
  { provider: seedCluster },
);

const machines = ['edge1', 'edge2', 'edge3'].map(
  (name) =>
    new EdgeMachine(
      name,
      {
        cluster,
        operatingSystem: OperatingSystem.UBUNTU_22_04,
        kubeletVersion: '1.33.5',
        // Replace this by the content of your own .pub file: nobody has the other half of this one.
        sshPublicKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHSmGRm7NCNbZzK1o3OBgZWWUo07/mcVJeLxA6UqfFPg replace-me'],
      },
      { provider: cloud },
    ),
);

const kins = new KinsCluster(
  'shop-site',
  { nodes: machines.map(({ nodeName }) => nodeName), autonomyLevel, cloudKubeconfig },
  { provider: cloud },
);

export const scripts = machines.map(({ kubectlCommand }) => kubectlCommand);
export const nodeKubeconfig = kins.nodeKubeconfig;
export const deletionAdvice = kins.deletionAdvice;
