/**
 * Operating systems of edge devices. KKP supports exactly these on edge.
 *
 * The MachineDeployment only says `ubuntu`, because one profile provisions both. The version is kept as the label {@link
 * OPERATING_SYSTEM_VERSION_LABEL}, for people, and for tools that check devices before they are provisioned.
 */
export enum OperatingSystem {
  /**
   * Ubuntu 20.04. It uses cgroup v1 by default, with which kubelets of 1.35 or newer refuse to run, and its standard
   * support ended in 2025.
   */
  UBUNTU_20_04 = 'ubuntu-20.04',
  /** Ubuntu 22.04. */
  UBUNTU_22_04 = 'ubuntu-22.04',
}

/** Label of a MachineDeployment that tells the version of its operating system: `20.04`, `22.04`. */
export const OPERATING_SYSTEM_VERSION_LABEL = 'edge-constructs.io/operating-system-version';

/** `22.04` of `ubuntu-22.04`. */
export function versionOf(operatingSystem: OperatingSystem): string {
  return operatingSystem.slice(operatingSystem.indexOf('-') + 1);
}
