/** The namespace of the user cluster in which KKP keeps all that provisioning needs. */
const NAMESPACE = 'cloud-init-settings';
const KEY = 'fetch-bootstrap-script';
const MACHINE_NAMESPACE = 'kube-system';

/**
 * Where KKP puts the script that turns a device into a node, and what must exist before it can be run.
 *
 * Treat the script as a credential: it holds a token that does not expire and that reads the scripts of all machines.
 */
export interface ProvisioningScript {
  /** Secret that holds the script. */
  readonly secretName: string;

  /** Namespace of this and of all other Secrets here, in the user cluster. */
  readonly namespace: string;

  /** Key of the script within the Secret. */
  readonly key: string;

  /**
   * Secrets that the script and the device fetch from. KKP makes them after the script's own, so a script can be there
   * before it works: wait for all of them.
   */
  readonly requiredSecrets: ProvisioningSecrets;

  /** A shell command that writes the script into a file that only its owner can read, for people. */
  readonly kubectlCommand: string;
}

/** Secrets of the namespace `cloud-init-settings` for one machine. */
export interface ProvisioningSecrets {
  /** First stage, fetched by the script; key `cloud-config`. */
  readonly bootstrapConfig: string;

  /** Second stage, fetched by the first; key `cloud-config`. */
  readonly provisioningConfig: string;

  /**
   * Kubeconfig with which the kubelet joins; key `kubeconfig`. Its token is valid for an hour, and KKP renews it only
   * when the machine's object changes: a label is enough, an annotation would destroy it.
   */
  readonly kubeletBootstrapConfig: string;

  /** Token with which the script and the device fetch the others, the same for all machines; key `token`. */
  readonly getterToken: string;
}

/** Names as KKP's operating-system-manager derives them from a MachineDeployment's name. */
export function provisioningScriptOf(machine: string): ProvisioningScript {
  const secretName = `edge-provider-script-${machine}-${MACHINE_NAMESPACE}`;
  const template = `{{index .data "${KEY}" | base64decode}}`;
  return {
    secretName,
    namespace: NAMESPACE,
    key: KEY,
    requiredSecrets: {
      bootstrapConfig: `${machine}-${MACHINE_NAMESPACE}-bootstrap-config`,
      provisioningConfig: `${machine}-${MACHINE_NAMESPACE}-provisioning-config`,
      // KKP builds this name in another order than the others.
      kubeletBootstrapConfig: `${MACHINE_NAMESPACE}-${machine}-kubelet-bootstrap-config`,
      getterToken: 'cloud-init-getter-token',
    },
    kubectlCommand: `(umask 077 && kubectl --namespace ${NAMESPACE} get secret ${secretName} --output go-template='${template}' > ${machine}.sh)`,
  };
}
