import { isDnsName, registryHost } from '../core/grammars/hosts';
import { pinnedImage } from '../core/grammars/images';
import { instanceOf } from '../core/instance-of';
import { anyDuration } from '../core/grammars/durations';
import { dnsLabel, dnsSubdomain, mapKey } from '../core/grammars/names';
import { bool, enumOf, firstOf, listOf, optional, pattern, rule, shape, text } from '../core/rules';
import type { Rule } from '../core/rule';
import { nameOf } from '../core/construct-name';
import { countryCode } from './country';
import { PROXY_FIELDS, type NodeProxySettings } from './proxy-settings';
import { registryMirrors } from './registry-mirrors';
import { Seed } from './seed';

/** Props of an {@link EdgeDatacenter}. */
export interface EdgeDatacenterProps {
  /** The seed whose clusters can use the datacenter. */
  readonly seed: Seed;

  /**
   * Name of the datacenter, unique over all seeds of a KKP installation. It cannot be changed: a new name is a new
   * datacenter, and clusters cannot move.
   * @default - the construct's id
   */
  readonly name?: string;

  /** Country, an ISO 3166-1 alpha-2 code: `DE`, `US`. KKP's dashboard shows it. @default - not set */
  readonly country?: string;

  /** Where it is, in words: `LA`, `Plant 7`. KKP's dashboard shows it. @default - not set */
  readonly location?: string;

  /** Settings that provisioning writes onto every node of the datacenter. @default - KKP's defaults */
  readonly node?: EdgeNodeSettings;

  /**
   * Mail domains whose users may use the datacenter, each matched exactly: `example.com` does not let in
   * `user@plant.example.com`.
   * @default - all users
   */
  readonly requiredEmails?: readonly string[];

  /** Audit logging in every cluster of the datacenter, whatever the cluster's own setting. @default false */
  readonly enforceAuditLogging?: boolean;

  /**
   * Where audit logs of all clusters of the datacenter are sent. Needs `enforceAuditLogging`.
   * @default - each cluster's own setting
   */
  readonly enforcedAuditWebhookSettings?: AuditWebhookSettings;

  /**
   * Authentication configuration for the API servers of all clusters of the datacenter.
   * @default - that of the seed
   */
  readonly authenticationConfiguration?: AuthenticationConfigurationReference;

  /**
   * Profiles that KKP's dashboard offers first. An {@link EdgeMachine} takes its own prop instead.
   * @default - `osp-ubuntu`
   */
  readonly operatingSystemProfiles?: EdgeOperatingSystemProfiles;

  /** Service type of the clusters' API servers in the seed. @default - what the expose strategy asks for */
  readonly apiServerServiceType?: ApiServerServiceType;
}

/** Settings that reach the nodes of a datacenter with their provisioning; nodes that have joined keep what they have. */
export interface EdgeNodeSettings extends NodeProxySettings {
  /**
   * Registries whose certificates are not verified: `registry.plant7.local:5000`. They are still accessed over TLS; for one
   * without, name it as a mirror by an `http://` URL.
   * @default - none
   */
  readonly insecureRegistries?: readonly string[];

  /**
   * Where nodes pull images from, by registry (`docker.io`, `registry.example.com:5000`): mirrors, as hosts or URLs, as a
   * list or an {@link EdgeRegistryMirror}. A path is where the mirror's API is, including `/v2` if it has that:
   * `https://harbor.example.com/v2/dockerhub`. KKP sorts them, and asks the registry itself last. A value of URLs also
   * works for a {@link KinsCluster}; its `rewrites`, `fallback` and `'*'` are refused, because KKP's Seed has no fields for
   * them.
   * @default - none; images are pulled from the registries they name
   */
  readonly registryMirrors?: Readonly<Record<string, readonly string[] | EdgeRegistryMirror>>;

  /** Image of the pause container, with tag or digest. @default - containerd's own */
  readonly pauseImage?: string;

  /** Lets containers that do not run as root use devices given to them. @default false */
  readonly enableNonRootDeviceOwnership?: boolean;
}

/** Where the images of a registry come from. */
export interface EdgeRegistryMirror {
  /** Mirrors, as hosts or URLs: `mirror.example.com`, `https://harbor.example.com/v2/dockerhub`. */
  readonly endpoints: readonly string[];
}

/** Where audit events go. */
export interface AuditWebhookSettings {
  /** The Secret in the seed cluster that holds the webhook's kubeconfig. */
  readonly auditWebhookConfig: SeedSecretReference;

  /** How long to wait before the first retry: `10s`. @default '10s' */
  readonly auditWebhookInitialBackoff?: string;
}

/** A Secret by name and namespace. */
export interface SeedSecretReference {
  /** Name of the Secret. */
  readonly name: string;
  /** Namespace of the Secret. */
  readonly namespace: string;
}

/** A Secret of the seed cluster that holds an AuthenticationConfiguration. */
export interface AuthenticationConfigurationReference {
  /** Name of the Secret. */
  readonly secretName: string;
  /** Key within the Secret. */
  readonly secretKey: string;
}

/** An OperatingSystemProfile for each operating system that edge nodes can have. */
export interface EdgeOperatingSystemProfiles {
  /** Name of the profile for Ubuntu. @default 'osp-ubuntu' */
  readonly ubuntu?: string;
}

/** The type of the API server's Service in the seed cluster. */
export enum ApiServerServiceType {
  /** Reachable only within the seed cluster; something in front of it accepts the connections. */
  CLUSTER_IP = 'ClusterIP',
  /** A port of the seed's nodes. */
  NODE_PORT = 'NodePort',
  /** A load balancer of the seed's infrastructure. */
  LOAD_BALANCER = 'LoadBalancer',
}

export const DATACENTER_NAME: Rule = firstOf(dnsLabel(), mapKey());

const SECRET_KEY = pattern(
  /^(?!\.\.?$)[-._a-zA-Z0-9]{1,253}$/,
  'at most 253 letters, digits, -, _ and . (a key of a Secret)',
  'Give the key as it is in the Secret.',
);

const NODE_FIELDS: Readonly<Record<string, Rule>> = {
  ...PROXY_FIELDS,
  insecureRegistries: optional(listOf(registryHost(), { min: 1, uniqueBy: (host) => host })),
  registryMirrors: optional(registryMirrors()),
  pauseImage: optional(pinnedImage()),
  enableNonRootDeviceOwnership: optional(bool()),
};

export const DATACENTER_FIELDS: Readonly<Record<string, Rule>> = {
  seed: instanceOf(Seed, 'a Seed construct', 'Declare a Seed and give it here.'),
  name: optional(DATACENTER_NAME),
  country: optional(countryCode()),
  location: optional(text({ maxLength: 253 })),
  node: optional(shape(NODE_FIELDS, { containerdRegistryMirrors: 'registryMirrors, which is by registry' })),
  requiredEmails: optional(listOf(mailDomain(), { min: 1, uniqueBy: (domain) => domain })),
  enforceAuditLogging: optional(bool()),
  enforcedAuditWebhookSettings: optional(
    shape({
      auditWebhookConfig: shape({
        name: nameOf('a Secret', dnsSubdomain()),
        namespace: nameOf('a namespace', dnsLabel()),
      }),
      auditWebhookInitialBackoff: optional(anyDuration()),
    }),
  ),
  authenticationConfiguration: optional(
    shape({ secretName: nameOf('a Secret', dnsSubdomain()), secretKey: nameOf('a key of the Secret', SECRET_KEY) }),
  ),
  operatingSystemProfiles: optional(shape({ ubuntu: optional(dnsSubdomain()) })),
  apiServerServiceType: optional(enumOf(ApiServerServiceType, 'ApiServerServiceType')),
};

/** A mail domain: the part after the @. */
function mailDomain(): Rule {
  return rule(
    (value) => typeof value === 'string' && isDnsName(value) && value.includes('.') && value === value.toLowerCase(),
    'a mail domain in lower case, like example.com; it must match exactly, not as a suffix',
    'Write only what follows the @.',
  );
}
