import * as pulumi from '@pulumi/pulumi';
import type { IpFamily } from '../../kkp';
import type { OperatingSystem } from '../../device/operating-system';
import { EdgeMachine as Rich, type EdgeMachineArgs as RichArgs } from '../components/edge-machine';
import type { KubeletSettings } from './kkp-types';

/** Arguments of the Kubernetes half of an edge device. */
export interface EdgeMachineArgs {
  /** What the device runs. */
  operatingSystem: OperatingSystem;
  /** Version of the kubelet to install: `1.33.5`. */
  kubeletVersion: pulumi.Input<string>;
  /** SSH public keys for the device, at least one. */
  sshPublicKeys: pulumi.Input<pulumi.Input<string>[]>;
  /** Name of the machine and of its node. By default the name of the resource. */
  machineName?: pulumi.Input<string>;
  /** Version of the control plane, to check `kubeletVersion` against. */
  controlPlaneVersion?: pulumi.Input<string>;
  /** IP versions of the node. By default those of the cluster. */
  ipFamily?: IpFamily;
  /** Upgrades the distribution when the device is set up. */
  distUpgradeOnBoot?: boolean;
  /** OperatingSystemProfile that the script is made from. */
  operatingSystemProfile?: pulumi.Input<string>;
  /** Settings of the kubelet. */
  kubelet?: KubeletSettings;
  /** Addresses that the kubelet's serving certificate may be for. */
  addresses?: pulumi.Input<pulumi.Input<string>[]>;
  /** Whether serving certificates of the kubelet are approved. By default they are. */
  approveServingCertificates?: boolean;
  /** Labels of the MachineDeployment. */
  labels?: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
}

/** The Kubernetes half of an edge device. */
export class EdgeMachine extends pulumi.ComponentResource {
  /** Name of the node, and host name of the device. */
  readonly nodeName: pulumi.Output<string>;
  /** A shell command that writes the provisioning script into a file. */
  readonly kubectlCommand: pulumi.Output<string>;

  constructor(name: string, args: EdgeMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:EdgeMachine', name, {}, opts);
    const { machineName, ...others } = args;
    const rich = new Rich(name, { ...others, name: machineName } as RichArgs, { parent: this });
    this.nodeName = rich.nodeName;
    this.kubectlCommand = rich.kubectlCommand;
    this.registerOutputs({ nodeName: this.nodeName, kubectlCommand: this.kubectlCommand });
  }
}
