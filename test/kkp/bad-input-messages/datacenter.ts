import { LABEL, type Messages } from './common';

const DATACENTER_PROPS =
  'seed, name, country, location, node, requiredEmails, enforceAuditLogging, enforcedAuditWebhookSettings, authenticationConfiguration, operatingSystemProfiles, apiServerServiceType';
const PROXY =
  'http://host:port or https://host:port, without credentials and without a path. Write it like http://proxy.example.com:3128.';
const REGISTRY =
  'a registry as host or host:port, without https:// and without a path, in lower case. Write it like registry.example.com or 192.168.1.10:5000.';

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
