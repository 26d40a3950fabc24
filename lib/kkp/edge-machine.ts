import { Construct } from 'constructs';
import { ClusterLevel } from '../core/cluster-level';
import { addObject } from '../core/edge-object';
import { kubeletSkewProblems, minorsAhead, parseKubernetesVersion } from '../core/grammars/kubernetes-version';
import { PropsCheck } from '../core/props-check';
import { checkSupervisorOptions, type SupervisorOptions } from '../device/device-options';
import { decommissioningScript, provisioningSupervisor } from '../device/supervisor';
import { checkedName } from '../core/construct-name';
import { DEFAULT_PROFILE, edgeMachineManifest } from './edge-machine-manifest';
import { MACHINE_NAME } from '../device/machine-name';
import { MACHINE_FIELDS, type EdgeMachineProps } from './edge-machine-props';
import { checkKubelet } from './kubelet-settings';
import { OperatingSystem } from '../device/operating-system';
import { provisioningScriptOf, type ProvisioningScript } from './provisioning-script';

const KIND = 'machine of this chart';
const UNIQUE =
  'Rename one of the two: a name is one node, and two devices with the same name would both claim to be that node.';

/**
 * One edge device that becomes a node of a KKP user cluster. The chart goes to the user cluster, once it is running.
 *
 * It renders a MachineDeployment, from which KKP makes the provisioning script for this one device: see {@link
 * EdgeMachine.provisioningScript}. There is no number of replicas, because nothing on edge uses it.
 *
 * Treat everything but `labels` as fixed once the device is provisioned. KKP ignores changes of kubelet version and SSH
 * keys, and when an annotation changes (`kubelet`, `operatingSystemProfile`, or anything that `kubectl apply` without
 * `--server-side` writes) it deletes the Secrets that provisioning needs and gets stuck. To change something, declare a
 * machine with a new name, provision the device for it, and remove the old one.
 *
 * Taints and labels of the node are not offered: nothing on edge applies them.
 *
 * @see https://docs.kubermatic.com/kubermatic/main/architecture/supported-providers/edge/
 */
export class EdgeMachine extends Construct {
  /** Name of the MachineDeployment, of the node, and host name of the device. */
  readonly name: string;

  /** What the device runs. */
  readonly operatingSystem: OperatingSystem;

  /** Where KKP puts the script to run on the device, and the Secrets that must exist before it works. */
  readonly provisioningScript: ProvisioningScript;

  /**
   * @param scope the chart, or a construct in it, for objects of a KKP user cluster
   * @param id the construct's id, which is the default name
   * @throws {@link EdgeConstructsError} when a prop is wrong, the chart has a machine of this name, or the chart holds
   * objects for another cluster
   */
  constructor(scope: Construct, id: string, props: EdgeMachineProps) {
    const check = new PropsCheck(scope, id, 'EdgeMachine');
    props = check.props(props, MACHINE_FIELDS);
    const name = checkedName(check, id, props, MACHINE_NAME);
    checkVersions(check, props);
    checkIpFamily(check, props);
    checkKubelet(check, props.kubelet);
    check.unique({ kind: KIND, name, remedy: UNIQUE });
    check.level(ClusterLevel.KKP_USER_CLUSTER);
    check.throwIfAny();

    super(scope, id);
    check.entered(this);
    this.name = name;
    this.operatingSystem = props.operatingSystem;
    this.provisioningScript = provisioningScriptOf(name);
    addObject(this, 'machine', edgeMachineManifest(name, props), { level: ClusterLevel.KKP_USER_CLUSTER });
  }

  /**
   * The program that provisions the device, as a file for ssh, Ansible or cloud-init: it checks the device, runs KKP's
   * script and exits successfully only when the node is Ready. It contains no secrets; the script follows it on standard
   * input.
   *
   * @throws {@link EdgeConstructsError} when an option is wrong
   */
  provisioningSupervisor(options: SupervisorOptions = {}): string {
    checkSupervisorOptions(this.name, options);
    return provisioningSupervisor({ ...options, name: this.name, operatingSystem: this.operatingSystem });
  }

  /** The program that removes the machine from its device again; run it before deleting the node. */
  decommissioningScript(): string {
    return decommissioningScript({ name: this.name });
  }
}

function checkVersions(check: PropsCheck, props: EdgeMachineProps): void {
  const { cluster, controlPlaneVersion, kubeletVersion } = props;
  if (cluster !== undefined && controlPlaneVersion !== undefined && check.areFine('cluster')) {
    check.add(
      'controlPlaneVersion',
      controlPlaneVersion,
      `nothing next to cluster, whose version is ${cluster.version}`,
      'Leave one of the two out.',
    );
  } else if (check.areFine('cluster', 'controlPlaneVersion', 'kubeletVersion')) {
    check.addAll(kubeletSkewProblems('kubeletVersion', kubeletVersion, cluster?.version ?? controlPlaneVersion));
  }
  if (!check.areFine('operatingSystem', 'operatingSystemProfile')) return;
  const profile = props.operatingSystemProfile ?? DEFAULT_PROFILE;
  if (props.operatingSystem === OperatingSystem.UBUNTU_20_04 && profile === DEFAULT_PROFILE && needsCgroupV2(props)) {
    check.add(
      'kubeletVersion',
      kubeletVersion,
      'up to 1.34 on Ubuntu 20.04, which runs cgroup v1: later kubelets do not start there',
      'Use Ubuntu 22.04, an older kubelet, or an operatingSystemProfile of your own that handles it.',
    );
  }
}

function checkIpFamily(check: PropsCheck, { cluster, ipFamily }: EdgeMachineProps): void {
  if (cluster === undefined || ipFamily === undefined || !check.areFine('cluster', 'ipFamily')) return;
  if (ipFamily !== cluster.ipFamily) {
    check.add('ipFamily', ipFamily, `'${cluster.ipFamily}', that of the cluster`, 'Leave it out.');
  }
}

function needsCgroupV2({ kubeletVersion }: EdgeMachineProps): boolean {
  const [given, first] = [parseKubernetesVersion(kubeletVersion), parseKubernetesVersion('1.35.0')];
  return given !== undefined && first !== undefined && minorsAhead(given, first) >= 0;
}
