import type { Manifest } from '../core/edge-object';
import { derive } from '../core/placeholders/placeholder';
import { formatSshPublicKey, parseSshPublicKey } from '../core/grammars/ssh-public-key';
import { servingCertificateLabels } from '../device/serving-certificates';
import type { EdgeMachineProps } from './edge-machine-props';
import { IpFamily } from './ip-family';
import { kubeletAnnotations } from './kubelet-settings';
import { OPERATING_SYSTEM_VERSION_LABEL, versionOf } from '../device/operating-system';

/** KKP's own profile for Ubuntu, the only one of its profiles that lists the edge provider. */
export const DEFAULT_PROFILE = 'osp-ubuntu';

/**
 * When any annotation changes, KKP deletes the machine's provisioning Secrets and then fails to make new ones. So
 * annotations must never change in the life of a machine, not even with a new version of this library.
 */
const CONSTANT_ANNOTATIONS = {
  // Client-side apply keeps the manifest in an annotation, which changes with every edit.
  'argocd.argoproj.io/sync-options': 'ServerSideApply=true',
};

/** A MachineDeployment. On edge it is not a set of machines, but one device, for which KKP makes a provisioning script. */
export function edgeMachineManifest(name: string, props: EdgeMachineProps): Manifest {
  const machineLabels = { machine: name };
  return {
    apiVersion: 'cluster.k8s.io/v1alpha1',
    kind: 'MachineDeployment',
    metadata: {
      name,
      namespace: 'kube-system',
      labels: {
        ...props.labels,
        ...servingCertificateLabels(props.addresses, props.approveServingCertificates ?? true),
        [OPERATING_SYSTEM_VERSION_LABEL]: versionOf(props.operatingSystem),
      },
      annotations: {
        ...CONSTANT_ANNOTATIONS,
        ...kubeletAnnotations(props.kubelet ?? {}),
        'k8c.io/operating-system-profile': props.operatingSystemProfile ?? DEFAULT_PROFILE,
      },
    },
    spec: {
      // Nothing on edge uses the number of replicas: a MachineDeployment is always one device. If left out, other tools
      // would assume 1; KKP's dashboard writes 0, and so does this.
      replicas: 0,
      selector: { matchLabels: machineLabels },
      template: {
        metadata: { labels: machineLabels },
        spec: {
          providerSpec: { value: providerConfig(props) },
          versions: { kubelet: props.kubeletVersion },
        },
      },
    },
  };
}

/** KKP decodes this strictly: with an unknown field, it makes no script. */
function providerConfig(props: EdgeMachineProps): Record<string, unknown> {
  const ipFamily = props.ipFamily ?? props.cluster?.ipFamily;
  return {
    sshPublicKeys: props.sshPublicKeys.map((key) => derive('SSH public key', key, oneLine)),
    cloudProvider: 'edge',
    cloudProviderSpec: {},
    operatingSystem: 'ubuntu',
    operatingSystemSpec: { distUpgradeOnBoot: props.distUpgradeOnBoot ?? false },
    // IPv4 is what a machine without a network gets.
    network: ipFamily === undefined || ipFamily === IpFamily.IPV4 ? undefined : { ipFamily },
  };
}

/** A .pub file ends with a line break, which must not get into a list of keys. */
function oneLine(text: string): string {
  const parsed = parseSshPublicKey(text);
  return 'key' in parsed ? formatSshPublicKey(parsed.key) : text;
}
