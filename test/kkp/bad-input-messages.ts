/** The messages of the inputs in bad-input.test.ts, whole lines, by what is wrong. Shared parts of them first. */
const LABEL = 'lower-case letters a-z, digits and hyphens, with a letter or digit at both ends (a DNS label)';
const SSH =
  'an OpenSSH public key: ssh-ed25519, ecdsa-sha2-nistp256/384/521, ssh-rsa of at least 2048 bits, or one of their security key forms (sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com)';
const SEED_PROPS = 'name, namespace, country, kubeconfig, location, exposeStrategy, seedDnsOverwrite, proxySettings';
const DATACENTER_PROPS =
  'seed, name, country, location, node, requiredEmails, enforceAuditLogging, enforcedAuditWebhookSettings, authenticationConfiguration, operatingSystemProfiles, apiServerServiceType';
const CLUSTER_PROPS =
  'datacenter, version, name, humanReadableName, projectId, exposeStrategy, apiServerAllowedIpRanges, clusterNetwork, cniPlugin, enableUserSshKeyAgent, labels';
const MACHINE_PROPS =
  'operatingSystem, kubeletVersion, sshPublicKeys, name, cluster, controlPlaneVersion, ipFamily, distUpgradeOnBoot, operatingSystemProfile, kubelet, addresses, approveServingCertificates, labels';
const VERSION = 'an exact version from 1.31 to 1.36 without a leading v (KKP 2.29 to 2.31)';
const KUBELET =
  'an exact version from 1.28 to 1.36 without a leading v (the control planes of KKP 2.29 to 2.31 and three minor versions behind)';
const PROXY =
  'http://host:port or https://host:port, without credentials and without a path. Write it like http://proxy.example.com:3128.';
const REGISTRY =
  'a registry as host or host:port, without https:// and without a path, in lower case. Write it like registry.example.com or 192.168.1.10:5000.';
const WHOLE =
  'only together with kubeconfig. It belongs to the whole Seed, which somebody else owns: give kubeconfig to own it here, or leave it out.';

type Messages = Readonly<Record<string, readonly string[]>>;

export const BAD_SEEDS: Messages = {
  'props that are a text': [
    "Seed 'chart/seed' has 1 problem:",
    `  - props: given 'kubermatic'; allowed: an object with ${SEED_PROPS}. Give an object literal.`,
  ],
  'props that are null': [
    "Seed 'chart/seed' has 1 problem:",
    `  - props: given null; allowed: an object with ${SEED_PROPS}. Give an object literal.`,
  ],
  'a misspelt prop': [
    "Seed 'chart/seed' has 1 problem:",
    `  - contry: given 'US'; allowed: only ${SEED_PROPS}. There is no such prop. Did you mean country?`,
  ],
  'an empty name': ["Seed 'chart/seed' has 1 problem:", `  - name: given ''; allowed: ${LABEL}. Rename it.`],
  'a name in capitals': [
    "Seed 'chart/seed' has 1 problem:",
    `  - name: given 'Kubermatic'; allowed: ${LABEL}. Rename it.`,
  ],
  'a namespace with a dot': [
    "Seed 'chart/seed' has 1 problem:",
    `  - namespace: given 'kkp.master'; allowed: ${LABEL}. Rename it.`,
  ],
  'a country in small letters': [
    "Seed 'chart/seed' has 1 problem:",
    "  - country: given 'us'; allowed: an ISO 3166-1 alpha-2 country code in capitals. Write it like DE or US.",
  ],
  'a country of three letters': [
    "Seed 'chart/seed' has 1 problem:",
    "  - country: given 'USA'; allowed: an ISO 3166-1 alpha-2 country code in capitals. Write it like DE or US.",
  ],
  'the United Kingdom under another code': [
    "Seed 'chart/seed' has 1 problem:",
    "  - country: given 'UK'; allowed: an ISO 3166-1 alpha-2 country code in capitals. The code of the United Kingdom is GB.",
  ],
  'a country that does not exist': [
    "Seed 'chart/seed' has 1 problem:",
    "  - country: given 'QX'; allowed: an ISO 3166-1 alpha-2 country code in capitals. There is no such country code.",
  ],
  'a country as its number': [
    "Seed 'chart/seed' has 1 problem:",
    '  - country: given 840; allowed: an ISO 3166-1 alpha-2 country code in capitals. Write it like DE or US.',
  ],
  'a kubeconfig as a text': [
    "Seed 'chart/seed' has 1 problem:",
    "  - kubeconfig: given 'kubeconfig-kubermatic'; allowed: an object with name, namespace, fieldPath. Give an object literal.",
  ],
  'a kubeconfig itself': [
    "Seed 'chart/seed' has 1 problem:",
    '  - kubeconfig.token: given (not shown); allowed: only name, namespace, fieldPath. There is no such prop.',
  ],
  'a kubeconfig without a name': [
    "Seed 'chart/seed' has 1 problem:",
    '  - kubeconfig.name: given nothing; allowed: the name of a Secret. Give its name as a string.',
  ],
  'a location for a partial Seed': [
    "Seed 'chart/seed' has 1 problem:",
    `  - location: given 'Hamburg'; allowed: ${WHOLE}`,
  ],
  'an expose strategy for a partial Seed': [
    "Seed 'chart/seed' has 1 problem:",
    `  - exposeStrategy: given 'Tunneling'; allowed: ${WHOLE}`,
  ],
  'a DNS name and a proxy for a partial Seed': [
    "Seed 'chart/seed' has 2 problems:",
    `  - seedDnsOverwrite: given 'hh'; allowed: ${WHOLE}`,
    `  - proxySettings: given {}; allowed: ${WHOLE}`,
  ],
  'an unknown expose strategy': [
    "Seed 'chart/seed' has 1 problem:",
    "  - exposeStrategy: given 'tunneling'; allowed: 'NodePort', 'LoadBalancer', 'Tunneling'. Use a member of ExposeStrategy.",
  ],
  'the same Seed twice': [
    "Seed 'other/again' has 1 problem:",
    "  - name: given 'kubermatic/kubermatic'; allowed: a name that no other Seed of its cluster has; 'chart/seed' has this one. Declare all its datacenters for that one, because the second to be applied would remove those of the first, or use setCluster to say that they are for different clusters.",
  ],
  'a Seed in a chart for the seed cluster': [
    "Seed 'chart/seed' has 1 problem:",
    "  - scope: given 'chart 'chart''; allowed: a chart for the kkp-master; this one holds EdgeCluster 'chart/shop', which is for the kkp-seed. Declare it in another chart: the two are applied to different clusters.",
  ],
};

export const BAD_DATACENTERS: Messages = {
  'no seed': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    '  - seed: given nothing; allowed: a Seed construct. Declare a Seed and give it here.',
  ],
  'no props': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - props: given nothing; allowed: an object with ${DATACENTER_PROPS}. Give an object literal.`,
  ],
  'the name of a seed': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - seed: given 'kubermatic'; allowed: a Seed construct. Declare a Seed and give it here.",
  ],
  'a seed of another app': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    '  - seed: given an object of class Seed; allowed: a Seed of the same app. The Seed of another app would be rendered without this datacenter: declare both in one app.',
  ],
  'an id that is no name': [
    "EdgeDatacenter 'chart/Plant_7' has 1 problem:",
    `  - id: given 'Plant_7'; allowed: ${LABEL}. Rename it.`,
  ],
  'a name with umlauts': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - name: given 'm\\u{fc}nchen'; allowed: ${LABEL}. Rename it.`,
  ],
  'a name that is too long': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - name: given 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'; allowed: at most 63 characters; this one has 64. Shorten it.",
  ],
  'the name of another datacenter of the same seed': [
    "EdgeDatacenter 'chart/again' has 1 problem:",
    "  - name: given 'plant7'; allowed: a name that no other datacenter of any Seed has; 'chart/plant7' has this one. Rename one of the two, since clusters find their datacenter by name alone, or use setCluster to say that they are for different clusters.",
  ],
  'the name of a datacenter of another seed': [
    "EdgeDatacenter 'chart/again' has 1 problem:",
    "  - name: given 'plant7'; allowed: a name that no other datacenter of any Seed has; 'chart/plant7' has this one. Rename one of the two, since clusters find their datacenter by name alone, or use setCluster to say that they are for different clusters.",
  ],
  'a wrong country and a padded location': [
    "EdgeDatacenter 'chart/plant7' has 2 problems:",
    "  - country: given 'Germany'; allowed: an ISO 3166-1 alpha-2 country code in capitals. Write it like DE or US.",
    "  - location: given ' LA '; allowed: a string of 1 to 253 characters on one line, without leading or trailing spaces. Use such a string, or leave the field out if it is optional.",
  ],
  'an emoji for a country': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - country: given '\\u{1f1fa}\\u{1f1f8}'; allowed: an ISO 3166-1 alpha-2 country code in capitals. Write it like DE or US.",
  ],
  'a setting that does nothing for edge': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - providerReconciliationInterval: given '10m'; allowed: only ${DATACENTER_PROPS}. There is no such prop.`,
  ],
  'another provider': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - hetzner: given an object with datacenter; allowed: only ${DATACENTER_PROPS}. There is no such prop.`,
  ],
  'a proxy without a scheme': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - node.httpProxy: given 'proxy.example.com:3128'; allowed: ${PROXY}`,
  ],
  'a proxy with credentials': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    '  - node.httpProxy: given (a URL with credentials, not shown); allowed: http://host:port or https://host:port, without credentials and without a path. They would be readable wherever the URL is written: let the proxy authorize the nodes by address instead.',
  ],
  'a SOCKS proxy': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - node.httpProxy: given 'socks5://proxy.example.com:1080'; allowed: ${PROXY}`,
  ],
  'a proxy with a path': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - node.httpProxy: given 'http://proxy.example.com/pac'; allowed: ${PROXY}`,
  ],
  'a proxy with a port that does not exist': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - node.httpProxy: given 'http://proxy.example.com:99999'; allowed: ${PROXY}`,
  ],
  'a proxy with an address that does not exist': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - node.httpProxy: given 'http://10.0.0.256:3128'; allowed: ${PROXY}`,
  ],
  'exceptions in one text': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - node.noProxy: given 'localhost,.svc'; allowed: a list. Put the value in [ ].",
  ],
  'exceptions in one item': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - node.noProxy[0]: given 'localhost,.svc'; allowed: a host, a domain (.example.com or *.example.com), an IP address or a network. Make each destination a separate item.",
  ],
  'a registry as a URL': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - node.insecureRegistries[0]: given 'https://registry.example.com'; allowed: ${REGISTRY}`,
  ],
  'a registry twice': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - node.insecureRegistries[1]: given 'r.example.com'; allowed: each item only once; it is already at node.insecureRegistries[0]. Remove one of the two.",
  ],
  'a registry with a path': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - node.insecureRegistries[0]: given 'registry.example.com/team'; allowed: ${REGISTRY}`,
  ],
  'a registry at a port that no host has': [
    "EdgeDatacenter 'chart/plant7' has 2 problems:",
    `  - node.insecureRegistries[0]: given 'registry.example.com:65536'; allowed: ${REGISTRY}`,
    `  - node.insecureRegistries[1]: given '10.0.0.1:0'; allowed: ${REGISTRY}`,
  ],
  'no registries': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    '  - node.insecureRegistries: given []; allowed: a list of at least 1. Give a list of this length.',
  ],
  'a mirror with credentials': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    '  - node.registryMirrors.docker.io[0]: given (a URL with credentials, not shown); allowed: a mirror as host, host:port, or http(s) URL without credentials. The Seed is readable in Git and in the cluster: let the mirror admit the nodes by address instead.',
  ],
  'a mirror that is no URL': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - node.registryMirrors.docker.io[0]: given 'https://mirror example com'; allowed: a mirror as host, host:port, or http(s) URL without credentials. Write it like https://mirror.example.com.",
  ],
  'mirrors with a query and a comma': [
    "EdgeDatacenter 'chart/plant7' has 2 problems:",
    "  - node.registryMirrors.docker.io[0]: given 'https://m.local/a?b=c'; allowed: a mirror as host, host:port, or http(s) URL without credentials. Write it like https://mirror.example.com.",
    "  - node.registryMirrors.docker.io[1]: given 'https://m.local/a,b'; allowed: a mirror as host, host:port, or http(s) URL without credentials. Write it like https://mirror.example.com.",
  ],
  'a mirror twice, once with a slash': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - node.registryMirrors.docker.io[1]: given 'https://m.local/a/'; allowed: each item only once; it is already at node.registryMirrors.docker.io[0]. Remove one of the two.",
  ],
  'mirrors that are no map': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - node.registryMirrors: given a list of 1; allowed: a map of registries, each with its mirrors. Name the registry: registryMirrors: { 'docker.io': ['https://mirror.example.com'] }.",
  ],
  'what only a KinsCluster has for mirrors': [
    "EdgeDatacenter 'chart/plant7' has 3 problems:",
    "  - node.registryMirrors.docker.io.rewrites: given an object with ^a/(.*); allowed: nothing: KKP's Seed has a list of mirrors for each registry, and cannot carry this. Remove it. Let the mirror know images by the names that the registry has.",
    "  - node.registryMirrors.quay.io.fallback: given true; allowed: nothing: KKP's Seed has a list of mirrors for each registry, and cannot carry this. Remove it. Nodes ask the registry itself when no mirror has the image.",
    "  - node.registryMirrors key: given '*'; allowed: a registry by its name: KKP's Seed has no mirrors for all registries at once. Name each registry.",
  ],
  'mirrors without endpoints': [
    "EdgeDatacenter 'chart/plant7' has 2 problems:",
    '  - node.registryMirrors.docker.io.endpoints: given nothing; allowed: a list. Put the value in [ ].',
    '  - node.registryMirrors.docker.io.mirrors: given a list of 1; allowed: only endpoints. There is no such prop.',
  ],
  'mirrors by a name of before': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    '  - node.containerdRegistryMirrors: given an object with ghcr.io; allowed: only props that still exist. It is now registryMirrors, which is by registry.',
  ],
  'mirrors for a URL': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    `  - node.registryMirrors key: given 'https://docker.io'; allowed: ${REGISTRY}`,
  ],
  'no mirrors for a registry': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    '  - node.registryMirrors.docker.io: given []; allowed: a list of at least 1. Give a list of this length.',
  ],
  'a pause image without a tag': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - node.pauseImage: given 'registry.k8s.io/pause'; allowed: an image with a tag or a digest, like registry.k8s.io/pause:3.10. Add the tag, and write the image in lower case.",
  ],
  'a pause image in capitals': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - node.pauseImage: given 'registry.k8s.io/Pause:3.10'; allowed: an image with a tag or a digest, like registry.k8s.io/pause:3.10. Add the tag, and write the image in lower case.",
  ],
  'a text for a boolean': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - node.enableNonRootDeviceOwnership: given 'true'; allowed: true or false. Use a boolean.",
  ],
  'a mail address': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - requiredEmails[0]: given 'ops@example.com'; allowed: a mail domain in lower case, like example.com; it must match exactly, not as a suffix. Write only what follows the @.",
  ],
  'a mail domain twice': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - requiredEmails[1]: given 'example.com'; allowed: each item only once; it is already at requiredEmails[0]. Remove one of the two.",
  ],
  'a mail domain without a dot': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - requiredEmails[0]: given 'localhost'; allowed: a mail domain in lower case, like example.com; it must match exactly, not as a suffix. Write only what follows the @.",
  ],
  'an audit webhook without audit logging': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    '  - enforcedAuditWebhookSettings: given an object with auditWebhookConfig; allowed: only together with enforceAuditLogging: true. KKP ignores the webhook otherwise.',
  ],
  'an audit webhook with a wrong duration and no namespace': [
    "EdgeDatacenter 'chart/plant7' has 2 problems:",
    '  - enforcedAuditWebhookSettings.auditWebhookConfig.namespace: given nothing; allowed: the name of a namespace. Give its name as a string.',
    "  - enforcedAuditWebhookSettings.auditWebhookInitialBackoff: given '10'; allowed: a duration. Write it like 10s, 10m or 1h30m.",
  ],
  'an authentication configuration without a key': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    '  - authenticationConfiguration.secretKey: given nothing; allowed: the name of a key of the Secret. Give its name as a string.',
  ],
  'a profile for another operating system': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - operatingSystemProfiles.flatcar: given 'osp-flatcar'; allowed: only ubuntu. There is no such prop.",
  ],
  'a service type that KKP does not know': [
    "EdgeDatacenter 'chart/plant7' has 1 problem:",
    "  - apiServerServiceType: given 'ExternalName'; allowed: 'ClusterIP', 'NodePort', 'LoadBalancer'. Use a member of ApiServerServiceType.",
  ],
};

export const BAD_CLUSTERS: Messages = {
  'no props': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - props: given nothing; allowed: an object with ${CLUSTER_PROPS}. Give an object literal.`,
  ],
  'no version and no datacenter': [
    "EdgeCluster 'chart/shop' has 2 problems:",
    '  - datacenter: given nothing; allowed: the name of an EdgeDatacenter. Give its name as a string.',
    `  - version: given nothing; allowed: ${VERSION}. Write all three parts, like 1.33.5.`,
  ],
  'a datacenter that is a construct': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    '  - datacenter: given an object of class EdgeDatacenter; allowed: the name of an EdgeDatacenter. Give its name as a string.',
  ],
  'a version with a v': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given 'v1.33.4'; allowed: ${VERSION}. Did you mean 1.33.4?`,
  ],
  'a minor version': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given '1.33'; allowed: ${VERSION}. Write all three parts, like 1.33.5.`,
  ],
  'a version as a number': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given 1.33; allowed: ${VERSION}. Write all three parts, like 1.33.5.`,
  ],
  'a version that KKP has dropped': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given '1.30.14'; allowed: ${VERSION}. Choose a supported version.`,
  ],
  'a version that KKP does not have yet': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given '1.37.0'; allowed: ${VERSION}. Choose a supported version.`,
  ],
  'a K3s version': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - version: given 'v1.33.4+k3s1'; allowed: ${VERSION}. Did you mean 1.33.4?`,
  ],
  'a name that is too long for KKP': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - name: given 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; allowed: at most 36 characters; this one has 37. Shorten it.",
  ],
  'an id that is no name': [
    "EdgeCluster 'chart/my shop' has 1 problem:",
    "  - id: given 'my shop'; allowed: lower-case letters a-z, digits and hyphens, starting with a letter, ending with a letter or digit (a DNS-1035 label). Rename it.",
  ],
  'an empty name for people': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - humanReadableName: given ''; allowed: a string of 1 to 100 characters on one line, without leading or trailing spaces. Use such a string, or leave the field out if it is optional.",
  ],
  'a name for people on two lines': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - humanReadableName: given 'a\\u{a}b'; allowed: a string of 1 to 100 characters on one line, without leading or trailing spaces. Use such a string, or leave the field out if it is optional.",
  ],
  'the name of a project': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - projectId: given 'My Project'; allowed: ${LABEL}. Rename it.`,
  ],
  'an unknown expose strategy': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - exposeStrategy: given 'nodeport'; allowed: 'NodePort', 'LoadBalancer', 'Tunneling'. Use a member of ExposeStrategy.",
  ],
  'IP ranges without a load balancer': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    '  - apiServerAllowedIpRanges: given a list of 1; allowed: only with the expose strategy LOAD_BALANCER. Leave it out, or set exposeStrategy: KKP refuses it otherwise.',
  ],
  'an IP range that is no network': [
    "EdgeCluster 'chart/shop' has 2 problems:",
    "  - apiServerAllowedIpRanges[0]: given '192.0.2.1/24'; allowed: a network's own address in CIDR notation. Write it like 192.0.2.0/24, a single address like 192.0.2.7/32.",
    "  - apiServerAllowedIpRanges[1]: given 'all'; allowed: a network's own address in CIDR notation. Write it like 192.0.2.0/24, a single address like 192.0.2.7/32.",
  ],
  'pods and services that overlap': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.services: given '10.100.0.0/16'; allowed: a network that does not overlap the pods' 10.96.0.0/12. Choose another network.",
  ],
  'services in the default network for pods': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.services: given '172.25.16.0/20'; allowed: a network that does not overlap the pods' 172.25.0.0/16. Choose another network.",
  ],
  'two IPv4 networks': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods: given '10.1.0.0/16, 10.2.0.0/16'; allowed: an IPv4 and then an IPv6 network, because the IP family is IPv4+IPv6. KKP accepts no other order.",
  ],
  'IPv6 first': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods: given 'fd12::/48, 10.1.0.0/16'; allowed: an IPv4 and then an IPv6 network, because the IP family is IPv4+IPv6. KKP accepts no other order.",
  ],
  'IPv6 alone': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods: given 'fd12::/48'; allowed: one IPv4 network, because the IP family is IPv4. KKP accepts no other order.",
  ],
  'two networks for IPv4': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods: given '10.1.0.0/16, fd12::/48'; allowed: one IPv4 network, because the IP family is IPv4. KKP accepts no other order.",
  ],
  'an address that is not the network': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods[0]: given '10.1.2.3/16'; allowed: a network's own address in CIDR notation. Write it like 172.25.0.0/16 or fd01::/48.",
  ],
  'a network as a text': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods: given '10.1.0.0/16'; allowed: a list. Put the value in [ ].",
  ],
  'no networks': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    '  - clusterNetwork.services: given []; allowed: a list of 1 to 2. Give one IPv4 network, for dual stack followed by one IPv6 network.',
  ],
  'a network for pods that is too small': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods[0]: given '10.1.0.0/24'; allowed: a prefix from /8 to /23, because each node gets a /24 of it. Choose a network of this size.",
  ],
  'a network for pods that is too large': [
    "EdgeCluster 'chart/shop' has 2 problems:",
    "  - clusterNetwork.pods[0]: given '10.0.0.0/7'; allowed: a prefix from /8 to /23, because each node gets a /24 of it. Choose a network of this size.",
    "  - clusterNetwork.services: given '10.240.16.0/20'; allowed: a network that does not overlap the pods' 10.0.0.0/7. Choose another network.",
  ],
  'a network for services that is too small': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.services[0]: given '10.1.0.0/30'; allowed: a prefix from /12 to /28: KKP uses the tenth address for DNS. Choose a network of this size.",
  ],
  'part of a node that is larger than all': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.pods[0]: given '172.25.0.0/16'; allowed: a prefix from /1 to /15, because each node gets a /16 of it. Choose a network of this size.",
  ],
  'an IPv6 part of a node without IPv6': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    '  - clusterNetwork.nodeCidrMaskSizeIpv6: given 64; allowed: only with dual stack. Leave it out, or set ipFamily.',
  ],
  eBPF: [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.proxyMode: given 'ebpf'; allowed: 'iptables', 'ipvs', 'nftables'. Use a member of ProxyMode.",
  ],
  'an agent address without tunneling': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.tunnelingAgentIp: given '100.64.30.10'; allowed: only with the expose strategy TUNNELING. Leave it out, or set exposeStrategy.",
  ],
  'an agent address in the network for pods': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.tunnelingAgentIp: given '172.25.0.1'; allowed: an address outside 172.25.0.0/16. Choose another address.",
  ],
  'an unknown setting of the network': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - clusterNetwork.dnsDomain: given 'edge.local'; allowed: only pods, services, ipFamily, nodeCidrMaskSizeIpv4, nodeCidrMaskSizeIpv6, proxyMode, nodeLocalDnsCacheEnabled, tunnelingAgentIp. There is no such prop.",
  ],
  Cilium: [
    "EdgeCluster 'chart/shop' has 2 problems:",
    "  - cniPlugin.type: given 'cilium'; allowed: 'canal', 'none'. KKP does not support Cilium on edge: it would need settings that KKP does not make. Use CniPluginType.CANAL.",
    "  - cniPlugin.version: given '1.19.4'; allowed: 'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30). Choose one of these; for a KKP that has later ones, set allowLaterVersion: true.",
  ],
  Calico: [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.type: given 'calico'; allowed: 'canal', 'none'. Use a member of CniPluginType.",
  ],
  'Canal without a version': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given nothing; allowed: 'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30). Leave out cniPlugin altogether to get the version that KKP recommends.",
  ],
  'Canal with a patch version': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given '3.31.1'; allowed: 'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30). Choose one of these; for a KKP that has later ones, set allowLaterVersion: true.",
  ],
  'a Canal that KKP has no more': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given 'v3.20'; allowed: 'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30). Choose one of these; for a KKP that has later ones, set allowLaterVersion: true.",
  ],
  'a Canal that KKP does not have yet': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given 'v3.32'; allowed: 'v3.29', 'v3.30', 'v3.31', or from 'v3.21' on, which KKP calls deprecated (KKP 2.29 to 2.31; 'v3.31' since 2.30). Choose one of these; for a KKP that has later ones, set allowLaterVersion: true.",
  ],
  'a version of no plugin': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given 'v3.31'; allowed: nothing, because KKP installs no plugin. Leave it out.",
  ],
  'dual stack on an old Canal': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - cniPlugin.version: given 'v3.21'; allowed: v3.22 or later for dual stack. Choose a later version.",
  ],
  Docker: [
    "EdgeCluster 'chart/shop' has 1 problem:",
    `  - containerRuntime: given 'docker'; allowed: only ${CLUSTER_PROPS}. There is no such prop.`,
  ],
  'a label of KKP': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - labels.project-id: given 'x'; allowed: any label except this one. Use the prop projectId.",
  ],
  'a label that is none': [
    "EdgeCluster 'chart/shop' has 2 problems:",
    "  - labels key: given 'a b'; allowed: a name of at most 63 letters, digits, -, _ and ., optionally after a DNS prefix and a slash. Give a valid label key.",
    "  - labels.d: given 'e f'; allowed: at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, or an empty string. Give a valid label value.",
  ],
  'the same name twice in a chart': [
    "EdgeCluster 'chart/again' has 1 problem:",
    "  - name: given 'shop'; allowed: a name that no other Cluster of this chart has; 'chart/shop' has this one. Rename one of the two.",
  ],
  'a cluster in a chart for the master cluster': [
    "EdgeCluster 'chart/shop' has 1 problem:",
    "  - scope: given 'chart 'chart''; allowed: a chart for the kkp-seed; this one holds Seed 'chart/seed', which is for the kkp-master. Declare it in another chart: the two are applied to different clusters.",
  ],
};

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
