import { kubernetesVersion } from '../core/grammars/kubernetes-version';
import { instanceOf } from '../core/instance-of';
import { dnsSubdomain } from '../core/grammars/names';
import { ipAddress } from '../core/grammars/networks';
import { bool, enumOf, firstOf, listOf, optional, rule } from '../core/rules';
import type { Rule } from '../core/rule';
import { sshPublicKey, sshPublicKeyIdentity } from '../core/grammars/ssh-public-key';
import { MACHINE_NAME } from '../device/machine-name';
import { ADDRESSES_LABEL, SERVING_CERTIFICATES_LABEL } from '../device/serving-certificates';
import { EdgeCluster } from './edge-cluster';
import { IpFamily } from './ip-family';
import { KUBELET_FIELDS, type KubeletSettings } from './kubelet-settings';
import { ownLabels } from './labels';
import { OPERATING_SYSTEM_VERSION_LABEL, OperatingSystem } from '../device/operating-system';
import { CONTROL_PLANE_VERSIONS, KUBELET_VERSIONS } from './versions';

/** Props of an {@link EdgeMachine}. */
export interface EdgeMachineProps {
  /** The operating system that the device runs already. */
  readonly operatingSystem: OperatingSystem;

  /**
   * Version of the kubelet to install: `1.33.5`. Not newer than the control plane, and at most three minor versions
   * older. Nothing else checks this: KKP has no webhook for machines on edge.
   */
  readonly kubeletVersion: string;

  /**
   * SSH public keys for the device, at least one: KKP allows logins by key only. Each is the content of a
   * `.pub` file: Ed25519, ECDSA, RSA of at least 2048 bits, or a security key.
   */
  readonly sshPublicKeys: readonly string[];

  /**
   * Name of the MachineDeployment, and with it the host name of the device and the name of its node. At most 50
   * characters, because KKP handles longer ones differently.
   * @default - the construct's id
   */
  readonly name?: string;

  /**
   * The cluster that the device joins, to check `kubeletVersion` against and to take the IP family from. It may be in
   * another chart of the program.
   * @default - not known
   */
  readonly cluster?: EdgeCluster;

  /**
   * Version of the control plane, to check `kubeletVersion` against, when the cluster is not declared in this program.
   * @default - that of `cluster`; without either, `kubeletVersion` is checked against KKP's range only
   */
  readonly controlPlaneVersion?: string;

  /** IP versions of the node. @default - that of `cluster`, otherwise IPv4 */
  readonly ipFamily?: IpFamily;

  /**
   * Requests an upgrade of all packages when the device is provisioned. KKP passes it on to cloud-init in a stage that the
   * script of the edge provider does not run, so that it has no effect there: upgrade the device before.
   * @default false
   */
  readonly distUpgradeOnBoot?: boolean;

  /**
   * Name of the OperatingSystemProfile in `kube-system` of the user cluster. It must list the provider `edge`.
   * @default 'osp-ubuntu' - KKP's own, the only one of its profiles that does
   */
  readonly operatingSystemProfile?: string;

  /** Settings of the kubelet. @default - those of the profile */
  readonly kubelet?: KubeletSettings;

  /**
   * Addresses that the node may have in its serving certificates: at most one IPv4 and one IPv6 address. A
   * {@link ServingCertificateApprover} approves no others. They may change at any time.
   * @default - those that the node reports itself, unless another node or the API server has them
   */
  readonly addresses?: readonly string[];

  /**
   * Whether a {@link ServingCertificateApprover} of the cluster approves the kubelet's serving certificates. It may change
   * at any time.
   * @default true
   */
  readonly approveServingCertificates?: boolean;

  /**
   * Labels of the MachineDeployment, not of the node. They may change at any time, unlike everything else here.
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
}

const AT_LEAST_ONE_KEY = 'Give at least one: KKP allows logins by key only, and nobody could log in any more.';

export const MACHINE_FIELDS: Readonly<Record<string, Rule>> = {
  operatingSystem: enumOf(OperatingSystem, 'OperatingSystem'),
  kubeletVersion: kubernetesVersion(KUBELET_VERSIONS),
  sshPublicKeys: firstOf(
    rule((value) => value !== undefined, 'a list of at least 1', AT_LEAST_ONE_KEY),
    listOf(sshPublicKey(), { min: 1, uniqueBy: sshPublicKeyIdentity, remedy: AT_LEAST_ONE_KEY }),
  ),
  name: optional(MACHINE_NAME),
  cluster: optional(instanceOf(EdgeCluster, 'an EdgeCluster construct', 'Give controlPlaneVersion instead.')),
  controlPlaneVersion: optional(kubernetesVersion(CONTROL_PLANE_VERSIONS)),
  ipFamily: optional(enumOf(IpFamily, 'IpFamily')),
  distUpgradeOnBoot: optional(bool()),
  operatingSystemProfile: optional(dnsSubdomain()),
  kubelet: optional(KUBELET_FIELDS),
  addresses: optional(
    listOf(ipAddress(), {
      min: 1,
      max: 2,
      uniqueBy: (address) => (String(address).includes(':') ? 'IPv6' : 'IPv4'),
      remedy: 'Give one IPv4 address, one IPv6 address, or one of each.',
    }),
  ),
  approveServingCertificates: optional(bool()),
  labels: optional(
    ownLabels({
      [OPERATING_SYSTEM_VERSION_LABEL]: 'It is derived from operatingSystem.',
      [ADDRESSES_LABEL]: 'It is derived from addresses.',
      [SERVING_CERTIFICATES_LABEL]: 'It is derived from approveServingCertificates.',
    }),
  ),
};
