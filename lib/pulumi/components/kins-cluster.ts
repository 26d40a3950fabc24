import * as pulumi from '@pulumi/pulumi';
import { RandomPassword } from '@pulumi/random';
import { ApiObject, Chart } from 'cdk8s';
import { duration, secondsOf } from '../../core/grammars/durations';
import { dns1035Label } from '../../core/grammars/names';
import { optional } from '../../core/rules';
import { KinsCluster as KinsClusterConstruct, type KinsClusterProps } from '../../kins';
import { kinsLabels, kinsName, KINS_NAMESPACE } from '../../kins/names';
import { hasOwnCluster, type AutonomyLevel } from '../../superedge/autonomy-level';
import { NodeUnit as NodeUnitConstruct, type NodeUnitProps } from '../../superedge';
import { refuse, requireArguments, secretInput } from '../arguments';
import { ChartResources } from '../chart-resources';
import { ClusterReader } from '../cluster-reader';
import { propsOf, type Inputs } from '../inputs';
import { OutputTokens } from '../output-tokens';
import { componentChart } from '../program-app';
import { formerNamesOf } from '../resource-identity';
import { deletionAdvice } from '../unit-protection';
import { UnitWait, type UnitFacts, type UnitKubeconfigs } from '../unit-wait';

/** Arguments of {@link KinsCluster}: the props of the construct of that name, and arguments for what only Pulumi can do. */
export interface KinsClusterArgs extends Inputs<Omit<KinsClusterProps, 'nodeUnit'>> {
  /**
   * Creates the NodeUnit too, at L3 with the true level in an annotation, and takes name, nodes and level from it.
   * @default - `nodes` and `autonomyLevel` are given here
   */
  readonly nodeUnit?: Inputs<NodeUnitProps>;

  /**
   * Kubeconfig of the cloud cluster, made secret. With it the component waits until the servers are ready and all nodes
   * have joined, returns the kubeconfigs of the edge cluster, and at L3 waits until all nodes are clean.
   * @default - Pulumi waits for the DaemonSets only, and `tunnelKubeconfig` and `directKubeconfig` are `undefined`
   */
  readonly cloudKubeconfig?: pulumi.Input<string>;

  /** How long to wait for servers and nodes: `1s` to `24h`. @default '15m' */
  readonly timeout?: string;
}

const DEFAULT_TIMEOUT = '15m';

/**
 * An independent K3s cluster on a group of edge nodes, see the construct `KinsCluster`. Its tokens are random and kept as
 * secrets in the state of the stack, and in a Secret in the cloud cluster, unless `tokenSecret` names one.
 *
 * Pulumi refuses to delete it at L4 and L5. To remove it, set `autonomyLevel` to L3 and run `pulumi up`: the nodes are cleaned,
 * then remove the component or run `pulumi destroy`.
 */
export class KinsCluster extends pulumi.ComponentResource {
  /** Name of the unit and prefix of its objects. */
  readonly unitName: pulumi.Output<string>;

  /** Names of the unit's nodes. */
  readonly nodes: pulumi.Output<readonly string[]>;

  /** Names of the nodes that run the control plane: none at L3. */
  readonly servers: pulumi.Output<readonly string[]>;

  /** The unit's level. */
  readonly autonomyLevel: AutonomyLevel;

  /**
   * Kubeconfig for use on the unit's nodes; it refers to files there and contains no credential, but is kept secret anyway.
   * `undefined` at L3, and with `credentialsInConfigMap`.
   */
  readonly nodeKubeconfig: pulumi.Output<string | undefined>;

  /** Kubeconfig with a credential for callers in the cloud, through the tunnel. Secret. `undefined` at L3. */
  readonly tunnelKubeconfig: pulumi.Output<string | undefined>;

  /** Kubeconfig with a credential for callers at the site. Secret. `undefined` at L3. */
  readonly directKubeconfig: pulumi.Output<string | undefined>;

  /** A text that says what has to be done before the cluster can be deleted. */
  readonly deletionAdvice: pulumi.Output<string>;

  /**
   * @param name name of the component, which is the default name of the unit
   * @param args what the construct `KinsCluster` takes; strings may be Outputs
   * @param opts `provider` is required: for the cloud cluster, with `enableConfigMapMutable` and `enableSecretMutable`
   * @throws {@link EdgeConstructsError} when an argument is wrong, the provider is missing, or the program has a node in
   * two units
   */
  constructor(name: string, args: KinsClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:KinsCluster', name, {}, opts);
    check(name, args);
    const { nodeUnit, cloudKubeconfig, timeout, ...others } = args;
    const chart = componentChart('KinsCluster', name, this);
    const props = propsOf<KinsClusterProps>(chart, others);
    const unit =
      nodeUnit && new NodeUnitConstruct(chart, `${name}-unit`, { name, ...propsOf<NodeUnitProps>(chart, nodeUnit) });
    const ownName = props.name ?? unit?.name ?? name;
    // A wrong name is reported by the construct, which knows the argument that it comes from.
    const isName = dns1035Label()(ownName, '').length === 0;
    const tokenSecret = props.tokenSecret ?? (isName ? kinsName(ownName, 'tokens') : undefined);
    const construct = new KinsClusterConstruct(chart, name, {
      ...props,
      tokenSecret,
      ...(unit === undefined ? {} : { nodeUnit: unit }),
    });
    const isUp = hasOwnCluster(construct.autonomyLevel);
    if (props.tokenSecret === undefined && tokenSecret !== undefined && isUp)
      addTokens(this, name, construct, tokenSecret);

    const part = (id: string): string => `${construct.node.id}/${id}`;
    const resources = new ChartResources(
      name,
      {
        chart,
        formerNames: formerNamesOf(opts),
        // With a kubeconfig, this component waits for some itself, because it can report more about them. Nobody waits for
        // what is copied in advance.
        unawaited: ['prepull', ...(cloudKubeconfig === undefined ? [] : ['cri', 'server', 'agent', 'recycle'])].map(
          part,
        ),
      },
      { parent: this },
    );
    const applied = construct.node.children.map((each) => resources.resourceOf(ApiObject.of(each)).id);
    const { name: unitName, nodes, servers, kubeconfig } = construct;
    const facts = resources.outputOf<UnitFacts>({ unitName, nodes, servers, kubeconfig });
    const ask = async (unit: UnitFacts, isSecret: boolean, kubeconfig: string): Promise<UnitKubeconfigs> => {
      const reader = new ClusterReader(kubeconfig, 'cloudKubeconfig');
      const options = { timeoutSeconds: secondsOf(timeout ?? DEFAULT_TIMEOUT), isSecret };
      const wait = new UnitWait(this, unit, reader, options);
      if (isUp) return wait.kubeconfigs();
      await wait.clean();
      return {};
    };
    // Nothing is asked in a preview in which, say, the nodes or the kubeconfig are not known yet.
    const kubeconfigs: pulumi.Output<UnitKubeconfigs> =
      cloudKubeconfig === undefined
        ? pulumi.output({})
        : pulumi
            .all([facts, pulumi.isSecret(facts), pulumi.secret(cloudKubeconfig), pulumi.all(applied)])
            .apply(([unit, isSecret, kubeconfig]) => ask(unit, isSecret, kubeconfig));

    this.unitName = facts.unitName;
    this.nodes = facts.nodes;
    this.servers = facts.servers;
    this.autonomyLevel = construct.autonomyLevel;
    this.nodeKubeconfig = pulumi.secret(resources.outputOf(nodeKubeconfigOf(construct)));
    this.tunnelKubeconfig = pulumi.secret(kubeconfigs.apply(({ tunnel }) => tunnel));
    this.directKubeconfig = pulumi.secret(kubeconfigs.apply(({ direct }) => direct));
    this.deletionAdvice = resources.outputOf(deletionAdvice(construct.name, construct.autonomyLevel));
    this.registerOutputs({
      unitName: this.unitName,
      nodes: this.nodes,
      servers: this.servers,
      autonomyLevel: this.autonomyLevel,
      nodeKubeconfig: this.nodeKubeconfig,
      tunnelKubeconfig: this.tunnelKubeconfig,
      directKubeconfig: this.directKubeconfig,
      deletionAdvice: this.deletionAdvice,
    });
  }
}

/** Checks the arguments that only the component has; the construct checks the rest. */
function check(name: string, args: KinsClusterArgs): void {
  requireArguments('KinsCluster', name, args);
  const { cloudKubeconfig, timeout } = args;
  refuse('KinsCluster', name, [
    ...optional(secretInput('the content of a kubeconfig'))(cloudKubeconfig, 'cloudKubeconfig'),
    ...optional(duration({ min: '1s', max: '24h' }))(timeout, 'timeout'),
  ]);
}

/** The same length as tokens that the servers make without Pulumi. */
const TOKEN_LENGTH = 64;

/** Adds random tokens and the Secret with them, which is created before the pods that need it. */
function addTokens(parent: pulumi.Resource, name: string, construct: KinsClusterConstruct, secretName: string): void {
  const chart = Chart.of(construct);
  const tokens = OutputTokens.of(chart);
  const keys = ['server-token', 'agent-token', 'admin-token'];
  const stringData = Object.fromEntries(
    keys.map((key) => {
      const password = new RandomPassword(`${name}/${key}`, { length: TOKEN_LENGTH, special: false }, { parent });
      return [key, tokens.asString(password.result)];
    }),
  );
  const secret = new ApiObject(chart, 'tokens', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName, namespace: KINS_NAMESPACE, labels: { ...kinsLabels(construct.name, 'tokens') } },
    type: 'Opaque',
    stringData,
  });
  const guard = construct.node.findChild('guard-binding');
  secret.addDependency(guard);
  for (const part of ['cri', 'server', 'agent']) construct.node.findChild(part).node.addDependency(secret);
}

function nodeKubeconfigOf(construct: KinsClusterConstruct): string | undefined {
  const object = ApiObject.of(construct.node.findChild('kubeconfig'));
  const { data } = object.toJson() as { readonly data?: Readonly<Record<string, string>> };
  return data?.[construct.kubeconfig.key];
}
