import * as pulumi from '@pulumi/pulumi';
import { EdgeConstructsError } from '../../core/error';
import { dnsSubdomain, labelKey, labelValue } from '../../core/grammars/names';
import { PropsCheck } from '../../core/props-check';
import { mapOf, optional, problem, rule } from '../../core/rules';
import { ExistingObject } from '../existing-object';
import { propsOf } from '../inputs';
import { ManifestResource } from '../manifest-resource';
import { hold } from '../node-hold';
import { separateChart } from '../program-app';
import { formerNamesOf } from '../resource-identity';
import { Substitution } from '../substitution';

/** Labels and annotations for a node. */
interface NodeMetadataProps {
  readonly nodeName: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Arguments of {@link NodeMetadata}. */
export interface NodeMetadataArgs {
  /** Name of the node, which must have joined. */
  readonly nodeName: pulumi.Input<string>;
  /** Labels to set. @default - none */
  readonly labels?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Annotations to set. @default - none */
  readonly annotations?: Readonly<Record<string, pulumi.Input<string>>>;
}

/**
 * Labels and annotations of a node, set by a Patch that owns only these; those that the kubelet or others have set stay.
 * With KKP on edge, nothing else sets them. Taints are not offered, because Kubernetes keeps them as one list with one
 * owner.
 */
export class NodeMetadata extends pulumi.ComponentResource {
  /** Name of the node. */
  readonly nodeName: pulumi.Output<string>;

  /**
   * @param name name of the component
   * @param args the node, and what to set on it
   * @param opts `provider` is required: for the cluster that the node is in
   * @throws {@link EdgeConstructsError} when an argument is wrong or the provider is missing. The preview fails when the
   * node does not exist.
   */
  constructor(name: string, args: NodeMetadataArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:NodeMetadata', name, {}, opts);
    const chart = separateChart(name);
    const props = propsOf<NodeMetadataProps>(chart, args);
    const check = new PropsCheck(chart, name, 'NodeMetadata');
    check.props(props, {
      nodeName: dnsSubdomain(),
      labels: optional(mapOf(labelKey(), labelValue())),
      annotations: optional(
        mapOf(
          labelKey(),
          rule((value) => typeof value === 'string', 'a string', 'Use a string.'),
        ),
      ),
    });
    if (check.areFine('labels', 'annotations') && isEmpty(props.labels) && isEmpty(props.annotations)) {
      check.add('labels', undefined, 'at least one label or annotation', 'Say what to set on the node.');
    }
    check.throwIfAny();
    check.entered(chart);
    if (this.getProvider('kubernetes:core/v1:Node') === undefined) throw noProvider(name);

    const { nodeName, labels, annotations } = props;
    const manifest = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, labels, annotations } };
    const inputs = new Substitution(chart).substitute(manifest, name) as Record<string, unknown>;
    // A Patch of a missing node would create one that never becomes ready.
    const existing = new ExistingObject(
      `${name}/existing`,
      { apiVersion: 'v1', kind: 'Node', name: args.nodeName },
      { parent: this },
    );
    const patch = new ManifestResource(`${name}/node`, inputs, true, { parent: this, dependsOn: [existing] });
    this.nodeName = pulumi.output(args.nodeName);
    hold(
      name,
      { part: 'metadata', node: this.nodeName, resources: [patch], formerNames: formerNamesOf(opts) },
      { parent: this },
    );
    this.registerOutputs({ nodeName: this.nodeName });
  }
}

function isEmpty(map: Readonly<Record<string, string>> | undefined): boolean {
  return map === undefined || Object.keys(map).length === 0;
}

function noProvider(name: string): EdgeConstructsError {
  return new EdgeConstructsError(name, 'NodeMetadata', [
    problem(
      'provider',
      undefined,
      'a kubernetes.Provider for the cluster that the node is in',
      'Give it as an option.',
    ),
  ]);
}
