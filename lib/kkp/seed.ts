import { brand } from '../core/instance-of';
import { Construct } from 'constructs';
import { clusterAt, ClusterLevel } from '../core/cluster-level';
import { addLateObject } from '../core/edge-object';
import { EdgeConstructsError } from '../core/error';
import { PropsCheck, type UniqueName } from '../core/props-check';
import { problem } from '../core/rules';
import { datacentersOf } from './seed-datacenters';
import { seedManifest, seedSpec } from './seed-manifest';
import { SEED_FIELDS, WHOLE_SEED_PROPS, type SeedProps } from './seed-props';

const KIND = 'Seed of its cluster';

/**
 * A KKP Seed, for its edge datacenters: declare an {@link EdgeDatacenter} for each.
 *
 * Without `kubeconfig` this is a partial object for server-side apply. It owns the country and the datacenters declared
 * here and leaves everything else in the Seed to whoever owns it. It is meant for a Seed that exists:
 * ```sh
 * kubectl apply --server-side --field-manager=kubectl-edge-constructs --filename=dist/kkp-master.k8s.yaml
 * ```
 * Do not apply it with plain `kubectl apply`, and if the Seed was created that way, read docs/kkp.md first: kubectl and
 * Argo CD take over all fields of client-side apply unless they are told not to.
 *
 * GitOps controllers never delete the Seed, not even when it leaves the repository.
 *
 * @see https://docs.kubermatic.com/kubermatic/main/tutorials-howtos/project-and-cluster-management/seed-cluster/
 */
export class Seed extends Construct {
  static {
    brand(this, 'Seed');
  }

  /** Name of the Seed object. */
  readonly name: string;

  /** Namespace of the Seed object. */
  readonly namespace: string;

  /**
   * @param scope the chart, or a construct in it, for objects of the KKP master cluster
   * @param id the construct's id; unlike elsewhere it is not the default name, since KKP's Community Edition accepts
   * only one name
   * @throws {@link EdgeConstructsError} when a prop is wrong, the cluster has this Seed already, or the chart holds objects
   * for another cluster. Synthesis fails when the Seed has neither a datacenter, nor a country, nor a kubeconfig.
   */
  constructor(scope: Construct, id: string, props: SeedProps = {}) {
    const check = new PropsCheck(scope, id, 'Seed');
    props = check.props(props, SEED_FIELDS);
    if (props.kubeconfig === undefined) checkPartial(check, props);
    if (check.areFine('name', 'namespace')) check.unique(uniqueName(scope, props));
    check.level(ClusterLevel.KKP_MASTER);
    check.throwIfAny();

    const { name = 'kubermatic', namespace = 'kubermatic' } = props;
    super(scope, id);
    check.entered(this);
    this.name = name;
    this.namespace = namespace;

    const produceSpec = (): unknown => {
      const empty = this.#problemIfEmpty(props);
      if (empty !== undefined) throw empty;
      return seedSpec(namespace, props, datacentersOf(this));
    };
    addLateObject(this, 'seed', seedManifest(name, namespace, props), produceSpec, {
      level: ClusterLevel.KKP_MASTER,
      isCoOwned: props.kubeconfig === undefined,
    });
    this.node.addValidation({ validate: () => [this.#problemIfEmpty(props)?.message ?? []].flat() });
  }

  #problemIfEmpty(props: SeedProps): EdgeConstructsError | undefined {
    const isEmpty = props.kubeconfig === undefined && props.country === undefined && datacentersOf(this).size === 0;
    return isEmpty
      ? new EdgeConstructsError(this.node.path, 'Seed', [
          problem(
            'datacenters',
            [],
            'at least one EdgeDatacenter, a country, or a kubeconfig',
            'Declare an EdgeDatacenter for this Seed, or remove the Seed: applying it would change nothing.',
          ),
        ])
      : undefined;
  }
}

function checkPartial(check: PropsCheck, props: SeedProps): void {
  for (const prop of WHOLE_SEED_PROPS) {
    if (props[prop] === undefined) continue;
    check.add(
      prop,
      props[prop],
      'only together with kubeconfig',
      'It belongs to the whole Seed, which somebody else owns: give kubeconfig to own it here, or leave it out.',
    );
  }
}

function uniqueName(scope: Construct, { name = 'kubermatic', namespace = 'kubermatic' }: SeedProps): UniqueName {
  const cluster = clusterAt(scope, ClusterLevel.KKP_MASTER);
  return {
    within: cluster,
    kind: KIND,
    name: `${namespace}/${name}`,
    remedy:
      'Declare all its datacenters for that one, because the second to be applied would remove those of the first, ' +
      `${cluster.ifOther}.`,
  };
}
