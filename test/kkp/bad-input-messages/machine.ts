import { LABEL, type Messages } from './common';

const SSH =
  'an OpenSSH public key: ssh-ed25519, ecdsa-sha2-nistp256/384/521, ssh-rsa of at least 2048 bits, or one of their security key forms (sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com)';
const MACHINE_PROPS =
  'operatingSystem, kubeletVersion, sshPublicKeys, name, cluster, controlPlaneVersion, ipFamily, distUpgradeOnBoot, operatingSystemProfile, kubelet, addresses, approveServingCertificates, labels';
const KUBELET =
  'an exact version from 1.28 to 1.36 without a leading v (the control planes of KKP 2.29 to 2.31 and three minor versions behind)';

export const BAD_MACHINES: Messages = {
  'no props': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - props: given nothing; allowed: an object with ${MACHINE_PROPS}. Give an object literal.`,
  ],
  'nothing in the props': [
    "EdgeMachine 'chart/edge1' has 3 problems:",
    "  - operatingSystem: given nothing; allowed: 'ubuntu-20.04', 'ubuntu-22.04'. Use a member of OperatingSystem.",
    `  - kubeletVersion: given nothing; allowed: ${KUBELET}. Write all three parts, like 1.33.5.`,
    '  - sshPublicKeys: given nothing; allowed: a list of at least 1. Give at least one: KKP allows logins by key only, and nobody could log in any more.',
  ],
  'Ubuntu 24.04': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - operatingSystem: given 'ubuntu-24.04'; allowed: 'ubuntu-20.04', 'ubuntu-22.04'. Use a member of OperatingSystem.",
  ],
  replicas: [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - replicas: given 3; allowed: only ${MACHINE_PROPS}. There is no such prop.`,
  ],
  'a name that is too long for KKP': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - name: given 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'; allowed: at most 50 characters, because 'kube-system-eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee' is derived from it and may have 62; this one has 51. Shorten it.",
  ],
  'a host name with a domain': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - name: given 'edge1.example.com'; allowed: ${LABEL}. Rename it.`,
  ],
  'an id that is no name': [
    "EdgeMachine 'chart/Edge 1' has 1 problem:",
    `  - id: given 'Edge 1'; allowed: ${LABEL}. Rename it.`,
  ],
  'a kubelet version with a v': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - kubeletVersion: given 'v1.33.4'; allowed: ${KUBELET}. Did you mean 1.33.4?`,
  ],
  'a kubelet version that is too old for KKP': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - kubeletVersion: given '1.27.9'; allowed: ${KUBELET}. Choose a supported version.`,
  ],
  'a kubelet newer than its control plane': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - kubeletVersion: given '1.34.0'; allowed: 1.30 to 1.33, because the control plane is 1.33.9. Upgrade the control plane first: a kubelet must not be newer than its API server.",
  ],
  'a kubelet too old for its control plane': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - kubeletVersion: given '1.31.0'; allowed: 1.32 to 1.35, because the control plane is 1.35.1. Use a newer kubelet: it may be at most 3 minor versions behind.",
  ],
  'a kubelet newer than its cluster': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - kubeletVersion: given '1.34.0'; allowed: 1.30 to 1.33, because the control plane is 1.33.4. Upgrade the control plane first: a kubelet must not be newer than its API server.",
  ],
  'a cluster and a version of it': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - controlPlaneVersion: given '1.33.4'; allowed: nothing next to cluster, whose version is 1.33.4. Leave one of the two out.",
  ],
  'a cluster by its name': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - cluster: given 'shop'; allowed: an EdgeCluster construct. Give controlPlaneVersion instead.",
  ],
  'dual stack in an IPv4 cluster': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - ipFamily: given 'IPv4+IPv6'; allowed: 'IPv4', that of the cluster. Leave it out.",
  ],
  'IPv6 alone': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - ipFamily: given 'IPv6'; allowed: 'IPv4', 'IPv4+IPv6'. Use a member of IpFamily.",
  ],
  'a new kubelet on Ubuntu 20.04': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - kubeletVersion: given '1.35.0'; allowed: up to 1.34 on Ubuntu 20.04, which runs cgroup v1: later kubelets do not start there. Use Ubuntu 22.04, an older kubelet, or an operatingSystemProfile of your own that handles it.",
  ],
  'no keys': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    '  - sshPublicKeys: given []; allowed: a list of at least 1. Give at least one: KKP allows logins by key only, and nobody could log in any more.',
  ],
  'a key that is not in a list': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - sshPublicKeys: given 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAB/3uMnDm2THOikvdXQnV+XKKbtWC7vsVJUPmSx0m54... (96 characters)'; allowed: a list. Put the value in [ ].",
  ],
  'a key that is a number': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - sshPublicKeys[0]: given 22; allowed: ${SSH}. Give the content of a .pub file.`,
  ],
  'a key twice, with two comments': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - sshPublicKeys[1]: given 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAB/3uMnDm2THOikvdXQnV+XKKbtWC7vsVJUPmSx0m54... (98 characters)'; allowed: each item only once; it is already at sshPublicKeys[0]. Remove one of the two.",
  ],
  'a private key': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - sshPublicKeys[0]: given (secret material, not shown): it looks like a private key; allowed: ${SSH}. Give the content of the .pub file. If a private key has been in a repository, replace the key pair.`,
  ],
  'a DSA key': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - sshPublicKeys[0]: given 'ssh-dss AAAAB3NzaC1kc3MAAACB': OpenSSH no longer supports DSA keys; allowed: ${SSH}. Create a new key: ssh-keygen -t ed25519.`,
  ],
  'a weak RSA key': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - sshPublicKeys[1]: given 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDK6lTf7wxTV6vEHWD21qZlkHH5Rfo5ajHNlYrvoklI... (220 characters)': an RSA key of 1024 bits; allowed: ${SSH}. Create a new key: ssh-keygen -t ed25519, or RSA of 2048 to 16384 bits.`,
  ],
  'options before a key': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - sshPublicKeys[0]: given 'restrict ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAB/3uMnDm2THOikvdXQnV+XKKbtWC7vsVJ... (105 characters)': it has options before the key; allowed: ${SSH}. Leave out the options: provisioning accepts plain keys only.`,
  ],
  'a certificate': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - sshPublicKeys[0]: given 'ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29... (637 characters)': it is a certificate; allowed: ${SSH}. Give the public key that the certificate was made for.`,
  ],
  'a key cut off': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - sshPublicKeys[0]: given 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAB/3uMnDm2THO': what follows ssh-ed25519 is not base64; allowed: ${SSH}. Copy the whole line of the .pub file again.`,
  ],
  'a file name': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - sshPublicKeys[0]: given '~/.ssh/id_ed25519.pub': it does not start with a key type; allowed: ${SSH}. Give the content of a .pub file.`,
  ],
  'a text for a boolean': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - distUpgradeOnBoot: given 'yes'; allowed: true or false. Use a boolean.",
  ],
  'a profile that is no name': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - operatingSystemProfile: given 'OSP Ubuntu'; allowed: lower-case letters a-z, digits, hyphens and dots, with a letter or digit at both ends of every part (a DNS subdomain). Rename it.",
  ],
  taints: [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - taints: given []; allowed: only ${MACHINE_PROPS}. There is no such prop.`,
  ],
  'a static address': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    `  - network: given an object with cidr; allowed: only ${MACHINE_PROPS}. There is no such prop.`,
  ],
  'no pods at all': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    '  - kubelet.maxPods: given 0; allowed: a whole number from 1 to 500. Use a number in this range.',
  ],
  'a log size without a unit that exists': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - kubelet.containerLogMaxSize: given '10MB'; allowed: a number of bytes as Kubernetes writes it. Write it like 512Mi or 1.5Gi.",
  ],
  'one log file': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    '  - kubelet.containerLogMaxFiles: given 1; allowed: a whole number from 2 to 100. Use a number in this range.',
  ],
  'images removed to above where it starts': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    '  - kubelet.imageGcLowThresholdPercent: given 80; allowed: less than imageGcHighThresholdPercent, which is 70. The kubelet does not start otherwise.',
  ],
  'images removed to just where it starts': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    '  - kubelet.imageGcLowThresholdPercent: given 80; allowed: less than imageGcHighThresholdPercent, which is 80. The kubelet does not start otherwise.',
  ],
  'a resource that cannot be reserved': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - kubelet.kubeReserved.gpu: given '1'; allowed: only cpu, memory, ephemeral-storage, pid. There is no such prop. Did you mean cpu?",
  ],
  'a reservation as a number': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    '  - kubelet.systemReserved.memory: given 100; allowed: a number of bytes as Kubernetes writes it. Write it like 512Mi or 1.5Gi.',
  ],
  'nothing reserved': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    '  - kubelet.systemReserved: given {}; allowed: at least one entry. Leave the field out to keep the default.',
  ],
  'an eviction signal that is misspelt': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - kubelet.evictionHard.memory.free: given '5%'; allowed: only memory.available, nodefs.available, nodefs.inodesFree, imagefs.available, imagefs.inodesFree, pid.available. There is no such prop.",
  ],
  'a threshold of 100 percent': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - kubelet.evictionHard.memory.available: given '100%'; allowed: a number of bytes as Kubernetes writes it, or a percentage like 10%. Write it like 512Mi or 1.5Gi.",
  ],
  'a label of this library': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - labels.edge-constructs.io/operating-system-version: given '24.04'; allowed: any label except this one. It is derived from operatingSystem.",
  ],
  'a label with a value that is none': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - labels.site: given 'plant 7'; allowed: at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, or an empty string. Give a valid label value.",
  ],
  'the same name twice in a chart': [
    "EdgeMachine 'chart/again' has 1 problem:",
    "  - name: given 'edge1'; allowed: a name that no other machine of this chart has; 'chart/edge1' has this one. Rename one of the two: a name is one node, and two devices with the same name would both claim to be that node.",
  ],
  'a machine in a chart for the seed cluster': [
    "EdgeMachine 'chart/edge1' has 1 problem:",
    "  - scope: given 'chart 'chart''; allowed: a chart for the kkp-user-cluster; this one holds EdgeCluster 'chart/shop', which is for the kkp-seed. Declare it in another chart: the two are applied to different clusters.",
  ],
  'everything at once': [
    "EdgeMachine 'chart/edge1' has 5 problems:",
    "  - operatingSystem: given 'debian'; allowed: 'ubuntu-20.04', 'ubuntu-22.04'. Use a member of OperatingSystem.",
    `  - kubeletVersion: given 'latest'; allowed: ${KUBELET}. Write all three parts, like 1.33.5.`,
    `  - sshPublicKeys[0]: given 'x': it does not start with a key type; allowed: ${SSH}. Give the content of a .pub file.`,
    `  - name: given '-'; allowed: ${LABEL}. Rename it.`,
    '  - labels: given []; allowed: a map. Give an object literal: { key: value }.',
  ],
};
