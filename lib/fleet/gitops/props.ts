import { parseHostAndPort } from '../../core/grammars/hosts';
import { anyDuration } from '../../core/grammars/durations';
import { dnsLabel, dnsSubdomain } from '../../core/grammars/names';
import { bool, enumOf, mapOf, optional, pattern, rule, shape, text } from '../../core/rules';
import type { Rule } from '../../core/rule';
import { parseUrl } from '../../core/grammars/urls';

/**
 * An Argo CD ApplicationSet that makes one Application for each chart of each site, and an Application for what the sites of
 * a cluster share.
 */
export interface ArgoCdProps {
  /** URL of the Git repository that holds the output folder. */
  readonly repoUrl: string;
  /** Branch, tag or commit. @default 'HEAD' */
  readonly revision?: string;
  /** The output folder's path in the repository. @default 'dist' */
  readonly path?: string;
  /** Namespace of the ApplicationSet. @default 'argocd' */
  readonly namespace?: string;
  /** Argo CD project of the Applications. @default 'default' */
  readonly project?: string;
  /**
   * Applies changes automatically when they are in Git.
   * @default false - syncs are started by hand
   * @see https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/
   */
  readonly automated?: boolean;
}

/** How Flux reaches the K3s cluster of a site: which kubeconfig in the Secret of the unit it uses. */
export enum EdgeAccess {
  /** Through the HTTP proxy that the unit's `tunnelProxyUrl` names. */
  TUNNEL = 'tunnel',
  /** By the address of a server. */
  DIRECT = 'direct',
}

/** Flux Kustomizations: one for each chart of each site, and one for what the sites of a cluster share. Needs Flux 2.5. */
export interface FluxProps {
  /** Name of the GitRepository that holds the output folder, in `namespace`. */
  readonly gitRepository: string;
  /** The output folder's path in the repository. @default 'dist' */
  readonly path?: string;
  /** Namespace of the Kustomizations. @default 'flux-system' */
  readonly namespace?: string;
  /** How often Flux compares: `10m`, `1h30m`. @default '10m' */
  readonly interval?: string;
  /** Name, among the sites' clusters, of the cluster that Flux runs in. @default 'cloud-cluster' */
  readonly localCluster?: string;
  /**
   * For every other cluster the Secret in `namespace` that holds its kubeconfig.
   * @default - none; a chart for another cluster is an error then
   * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#kubeconfig-remote-clusters
   */
  readonly kubeConfigSecrets?: Readonly<Record<string, string>>;
  /**
   * How Flux reaches the K3s clusters of sites that `kubeConfigSecrets` does not name. It reads the kubeconfig that the unit
   * keeps in its own Secret, which must be in `localCluster`: those Kustomizations are in namespace `kins-system`.
   * @default EdgeAccess.TUNNEL
   */
  readonly edgeAccess?: EdgeAccess;
}

/** Only `git@host:path` and `ssh://` have a user, which is not secret there; in an https URL it may be a token. */
const REPOSITORY_URL = rule(
  (value) => {
    const [, host, path] = typeof value === 'string' ? (/^git@([^:/@]+):([\w.~/-]+)$/.exec(value) ?? []) : [];
    if (path !== undefined) return parseHostAndPort(host) !== undefined;
    const { scheme, credentials, query } = parseUrl(value) ?? {};
    const isHttps = scheme === 'https' && credentials === undefined;
    return query === '' && (isHttps || (scheme === 'ssh' && credentials?.includes(':') !== true));
  },
  'an https:// or ssh:// URL, or git@host:path, without a password or token in it',
  'Configure the credentials of the repository in Argo CD.',
);

/** A path below the repository's root. */
const FOLDER = pattern(
  /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[A-Za-z0-9._/-]+$/,
  'a path relative to the root of the repository, of letters, digits, ., _, - and /',
  'Write it like dist or clusters/dist.',
);

/** Rules for the props of the Argo CD layout. */
export const ARGO_CD: Rule = shape({
  repoUrl: REPOSITORY_URL,
  revision: optional(text({ maxLength: 250 })),
  path: optional(FOLDER),
  namespace: optional(dnsLabel()),
  project: optional(dnsSubdomain()),
  automated: optional(bool()),
});

/** Rules for the props of the Flux layout. */
export const FLUX: Rule = shape({
  gitRepository: dnsSubdomain(),
  path: optional(FOLDER),
  namespace: optional(dnsLabel()),
  interval: optional(anyDuration()),
  localCluster: optional(dnsSubdomain()),
  kubeConfigSecrets: optional(mapOf(dnsSubdomain(), dnsSubdomain())),
  edgeAccess: optional(enumOf(EdgeAccess, 'EdgeAccess')),
});
