/** A machine and its device; how it is reached, and what the node gets, is in the configuration. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { OperatingSystem } from 'edge-constructs';
import { EdgeDevice, EdgeMachine, type EdgeDeviceArgs, type EdgeMachineArgs } from 'edge-constructs/pulumi';

const config = new pulumi.Config();
const name = config.get('machineName') ?? pulumi.getStack();
// Given in clear on purpose: the component has to hide it.
const kubeconfig = config.require('kubeconfig');
const provider = new kubernetes.Provider('user-cluster', {
  kubeconfig: pulumi.secret(kubeconfig),
  enableSecretMutable: true,
  upsertExistingObjects: config.getBoolean('upsert') ?? false,
});
const opts = { providers: { kubernetes: provider } };
const machine = new EdgeMachine(
  name,
  {
    operatingSystem: OperatingSystem.UBUNTU_22_04,
    kubeletVersion: config.get('kubeletVersion') ?? '1.33.4',
    sshPublicKeys: [config.require('sshPublicKey')],
    ...(JSON.parse(config.get('machine') ?? '{}') as Partial<EdgeMachineArgs>),
  },
  opts,
);
const device = new EdgeDevice(
  `${name}-device`,
  {
    machine,
    kubeconfig,
    connection: {
      host: '127.0.0.1',
      port: config.requireNumber('port'),
      user: config.get('user') ?? 'ubuntu',
      privateKey: config.require('privateKey'),
      hostKey: config.require('hostKey'),
    },
    supervisor: { packageUrls: [], minFreeDisk: '20Mi', minMemory: '100Mi', readyTimeout: '30s', repeatTimeout: '10s' },
    ...(JSON.parse(config.get('more') ?? '{}') as Partial<EdgeDeviceArgs>),
  },
  opts,
);

export const nodeName = device.nodeName;
