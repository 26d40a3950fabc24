import { noProxyEntry } from '../core/grammars/hosts';
import { listOf, optional } from '../core/rules';
import type { Rule } from '../core/rule';
import { httpProxyUrl } from '../core/grammars/urls';

/** An HTTP proxy for nodes. */
export interface NodeProxySettings {
  /**
   * Proxy for both HTTP and HTTPS: `http://proxy.example.com:3128`. Without credentials, which would be readable in
   * Git and in the Seed.
   * @default - no proxy; for a datacenter: the proxy of its seed
   */
  readonly httpProxy?: string;

  /**
   * Destinations reached without the proxy: hosts, domains (`.example.com`), addresses, networks. What is given for nodes
   * replaces KKP's list as a whole: with a proxy that does not lead to the API server of the user cluster, name its host
   * here, or provisioning runs until it is stopped.
   * @default - none but KKP's own; for a datacenter: those of its seed
   */
  readonly noProxy?: readonly string[];
}

export const PROXY_FIELDS: Readonly<Record<string, Rule>> = {
  httpProxy: optional(httpProxyUrl()),
  noProxy: optional(listOf(noProxyEntry(), { min: 1, uniqueBy: (entry) => entry })),
};

/** As in a Seed, where exceptions are one string with commas. */
export function proxyManifest(settings: NodeProxySettings): Record<string, unknown> {
  return {
    httpProxy: settings.httpProxy,
    noProxy: settings.noProxy?.join(','),
  };
}
