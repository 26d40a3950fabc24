import { dnsLabel, dnsSubdomain } from '../core/grammars/names';
import { enumOf, optional, shape, text } from '../core/rules';
import type { Rule } from '../core/rule';
import { nameOf } from '../core/construct-name';
import { countryCode } from './country';
import { ExposeStrategy } from './expose-strategy';
import { PROXY_FIELDS, type NodeProxySettings } from './proxy-settings';

/** Props of a {@link Seed}. */
export interface SeedProps {
  /**
   * Name of the Seed object.
   * @default 'kubermatic' - the only name that KKP's Community Edition accepts
   */
  readonly name?: string;

  /**
   * Namespace of the Seed object in the master cluster.
   * @default 'kubermatic' - where KKP looks for Seeds
   */
  readonly namespace?: string;

  /**
   * Country of the seed cluster, an ISO 3166-1 alpha-2 code: `DE`, `US`. KKP's dashboard shows it.
   * @default - left as it is
   */
  readonly country?: string;

  /**
   * Where the seed cluster's kubeconfig is kept. Setting it means that this program owns the whole Seed: a Seed that does
   * not exist yet is created, and the props below can be set.
   * @default - the Seed exists already; only the country and the datacenters declared here are added to it
   */
  readonly kubeconfig?: SeedKubeconfig;

  /**
   * Where the seed cluster is, in words: `Hamburg`. KKP's dashboard shows it. Needs `kubeconfig`.
   * @default - not set
   */
  readonly location?: string;

  /**
   * How API servers of user clusters are reached unless a cluster says otherwise. Needs `kubeconfig`.
   * @default - the strategy of the KubermaticConfiguration
   */
  readonly exposeStrategy?: ExposeStrategy;

  /**
   * Name of this seed in the DNS names of user clusters: `<cluster>.<name>.<domain>`. Needs `kubeconfig`.
   * @default - the Seed's name
   */
  readonly seedDnsOverwrite?: string;

  /**
   * Proxy for the nodes of all datacenters of this seed that have none of their own. Needs `kubeconfig`.
   * @default - no proxy
   */
  readonly proxySettings?: NodeProxySettings;
}

/** A Secret in the master cluster that holds the kubeconfig of a seed cluster, with cluster-admin rights. */
export interface SeedKubeconfig {
  /** Name of the Secret. */
  readonly name: string;

  /** Namespace of the Secret. @default - the Seed's namespace */
  readonly namespace?: string;

  /** Key within the Secret. @default 'kubeconfig' - KKP's default key */
  readonly fieldPath?: string;
}

/** Props that only an owner of the whole Seed may set. */
export const WHOLE_SEED_PROPS = ['location', 'exposeStrategy', 'seedDnsOverwrite', 'proxySettings'] as const;

export const SEED_FIELDS: Readonly<Record<string, Rule>> = {
  name: optional(dnsLabel()),
  namespace: optional(dnsLabel()),
  country: optional(countryCode()),
  kubeconfig: optional(
    shape({
      name: nameOf('a Secret', dnsSubdomain()),
      namespace: optional(dnsLabel()),
      fieldPath: optional(text({ maxLength: 253 })),
    }),
  ),
  location: optional(text({ maxLength: 253 })),
  exposeStrategy: optional(enumOf(ExposeStrategy, 'ExposeStrategy')),
  seedDnsOverwrite: optional(dnsLabel()),
  proxySettings: optional(shape(PROXY_FIELDS)),
};
