import type { Problem } from '../../core/problem';
import { type Fact, FactKind } from './facts';

interface Wording {
  readonly given: (name: string) => string;
  readonly allowed: (scope: string, owner: string) => string;
  readonly remedy: string;
}

const WORDINGS: Readonly<Record<FactKind, Wording>> = {
  [FactKind.NODE_NAME]: {
    given: (name) => `'${name}'`,
    allowed: (scope, owner) => `names that no other node of cluster '${scope}' has; '${owner}' has it`,
    remedy: 'Rename one of the two devices: host names are node names.',
  },
  [FactKind.ADDRESS]: {
    given: (name) => `'${name}'`,
    allowed: (scope, owner) => `addresses that no other node of network '${scope}' has; '${owner}' has it`,
    remedy: 'Correct one of the two, or give the sites different networks if they are not connected.',
  },
  [FactKind.UNIT_NODE]: {
    given: (name) => `node '${name}'`,
    allowed: (scope, owner) => `nodes that are in no other unit of cluster '${scope}'; '${owner}' has it`,
    remedy: 'Remove the node from one of the two: it can run one edge cluster only.',
  },
  [FactKind.SUBJECT_NAME]: {
    given: (name) => `'${name}' in the certificate`,
    allowed: (_, owner) => `names and addresses that lead to no other edge cluster; '${owner}' has it`,
    remedy: 'Remove it from one of the two.',
  },
  [FactKind.TUNNEL_NAME]: {
    given: (name) => `'${name}' behind the tunnel's proxy`,
    allowed: (scope, owner) => `names that no other edge cluster has behind proxy ${scope}; '${owner}' has it`,
    remedy: 'Rename one of the two units, or give their cloud clusters proxies of their own.',
  },
  [FactKind.OBJECT]: {
    given: (name) => name,
    allowed: (scope, owner) => `objects that nothing else declares in cluster '${scope}'; '${owner}' does`,
    remedy:
      "Rename one of the two, declare it once outside the fleet, or say that they are for different clusters: for sites with 'clusters', for charts with setCluster.",
  },
  [FactKind.NODE_PORT]: {
    given: (name) => `nodePort ${name}`,
    allowed: (scope, owner) => `ports that no other Service of cluster '${scope}' has; '${owner}' has it`,
    remedy: 'Change one of the two.',
  },
  [FactKind.DATACENTER]: {
    given: (name) => `datacenter '${name}'`,
    allowed: (scope, owner) => `names that no other Seed of cluster '${scope}' has; '${owner}' has it`,
    remedy: 'Rename one of the two: users choose datacenters by name, regardless of the Seed.',
  },
  [FactKind.GITOPS_NAME]: {
    given: (name) => `'${name}', a name for GitOps`,
    allowed: (scope, owner) => `names that nothing else has in ${scope}; '${owner}' has it`,
    remedy: 'Rename the site or the chart, or give the two fleets namespaces of their own.',
  },
};

/**
 * Finds names and addresses that two sites, charts or units must not share. It stores facts, not constructs, so that a site
 * can be dropped once it is rendered.
 */
export class Collisions {
  readonly #owners = new Map<string, Pick<Fact, 'path' | 'content'>>();
  readonly #problems: Problem[] = [];

  /** All collisions found so far. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  add(facts: readonly Fact[]): void {
    for (const { kind, scope, name, path, content } of facts) {
      const key = `${kind}\0${scope}\0${name}`;
      const owner = this.#owners.get(key);
      if (owner === undefined) {
        this.#owners.set(key, { path, content });
      } else if (content === undefined || owner.content !== content) {
        const { given, allowed, remedy } = WORDINGS[kind];
        this.#problems.push({ field: path, given: given(name), allowed: allowed(scope, owner.path), remedy });
      }
    }
  }
}
