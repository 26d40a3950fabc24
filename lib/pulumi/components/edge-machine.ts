import * as pulumi from '@pulumi/pulumi';
import { ApiObject } from 'cdk8s';
import { EdgeMachine as EdgeMachineConstruct, type EdgeMachineProps, type ProvisioningScript } from '../../kkp';
import { optional } from '../../core/rules';
import { component, refuse, requireArguments } from '../arguments';
import { ChartResources } from '../chart-resources';
import { propsOf, type Inputs } from '../inputs';
import type { ManifestResource } from '../manifest-resource';
import { hold } from '../node-hold';
import { machineHook } from '../node-owner';
import { componentChart, refuseSecond } from '../program-app';
import { formerNamesOf } from '../resource-identity';
import { hasHooks } from '../unit-protection';
import { constructOf, EdgeCluster } from './edge-cluster';

/** Arguments of {@link EdgeMachine}: the props of the construct of that name. */
export interface EdgeMachineArgs extends Inputs<Omit<EdgeMachineProps, 'cluster'>> {
  /**
   * The cluster that the device joins, to check `kubeletVersion` against.
   * @default - not known, so that is not checked
   */
  readonly cluster?: EdgeCluster;
}

/** The parts of a machine that its EdgeDevice needs. */
export interface MachineParts {
  readonly construct: EdgeMachineConstruct;
  readonly deployment: ManifestResource;
  readonly facts: pulumi.Output<MachineFacts>;
}

/** The name of a machine, and of what KKP makes for it; known once its name is. */
export interface MachineFacts {
  readonly name: string;
  readonly script: ProvisioningScript;
}

const machines = new WeakMap<EdgeMachine, MachineParts>();

/** The parts of a machine that are not outputs of the component. @internal */
export function partsOf(machine: EdgeMachine): MachineParts {
  const parts = machines.get(machine);
  if (parts === undefined) throw new Error('this EdgeMachine was not created by its constructor');
  return parts;
}

/**
 * KKP reads a machine only once: it ignores later changes of the spec, and on a changed annotation it deletes the machine's
 * Secrets and gets stuck. So changes, except of labels, replace the machine, and KKP makes new Secrets for it.
 */
function replacedWhenChanged(
  name: string,
  provider: pulumi.ProviderResource | undefined,
): pulumi.ResourceTransformation {
  const hooks = provider === undefined || !hasHooks() ? {} : { hooks: { beforeCreate: [machineHook(name, provider)] } };
  const anew = { replaceOnChanges: ['spec', 'metadata.annotations'], deleteBeforeReplace: true, ...hooks };
  return ({ type, props, opts }) =>
    type.endsWith(':MachineDeployment') ? { props, opts: pulumi.mergeOptions(opts, anew) } : undefined;
}

function deploymentOf(construct: EdgeMachineConstruct): ApiObject {
  const [deployment] = construct.node.findAll().filter((each): each is ApiObject => ApiObject.isApiObject(each));
  if (deployment === undefined) throw new Error(`EdgeMachine '${construct.node.path}' has no object`);
  return deployment;
}

/** Where KKP puts the script that turns a device into a node. */
export interface ScriptSecret {
  /** Name of the Secret. */
  readonly name: string;
  /** Its namespace in the user cluster. */
  readonly namespace: string;
  /** Key of the script within it. */
  readonly key: string;
}

/**
 * The Kubernetes half of an edge device: a MachineDeployment in a KKP user cluster, from which KKP makes the script to run
 * on the device. Deleting it does not undo anything on the device.
 *
 * Labels, `addresses` and `approveServingCertificates` change in place. Any other change replaces the MachineDeployment, so
 * that KKP makes a new script; a device that was provisioned with the old one stays as it is until it is rebuilt.
 */
export class EdgeMachine extends pulumi.ComponentResource {
  /** Name of the node, and host name of the device. */
  readonly nodeName: pulumi.Output<string>;

  /** The Secret with the provisioning script, which is a credential; known before KKP has made it. */
  readonly scriptSecret: pulumi.Output<ScriptSecret>;

  /** A shell command that writes the script into a file that only its owner can read. */
  readonly kubectlCommand: pulumi.Output<string>;

  /**
   * @param name name of the component, which is the default name of the machine
   * @param args what the construct `EdgeMachine` takes; strings may be Outputs
   * @param opts `provider` is required: for the user cluster
   * @throws {@link EdgeConstructsError} when an argument is wrong or the provider is missing
   */
  constructor(name: string, args: EdgeMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:EdgeMachine', name, {}, opts);
    requireArguments('EdgeMachine', name, args);
    refuse('EdgeMachine', name, optional(component(EdgeCluster))(args.cluster, 'cluster'));
    const { cluster, ...others } = args;
    const chart = componentChart('EdgeMachine', name, this);
    const construct = new EdgeMachineConstruct(chart, name, {
      ...propsOf<Omit<EdgeMachineProps, 'cluster'>>(chart, others),
      ...(cluster === undefined ? {} : { cluster: constructOf(cluster) }),
    });
    refuseSecond(this, 'EdgeMachine', name, { kind: 'EdgeMachine of the cluster', name: construct.name });
    const provider = this.getProvider('kubernetes:core/v1:ConfigMap');
    const transformations = [replacedWhenChanged(name, provider)];
    const resources = new ChartResources(
      name,
      { chart, formerNames: formerNamesOf(opts) },
      { parent: this, transformations },
    );
    const { provisioningScript: script } = construct;
    const { secretName, namespace, key, kubectlCommand } = script;
    const facts = resources.outputOf<MachineFacts>({ name: construct.name, script });
    const deployment = resources.resourceOf(deploymentOf(construct));
    machines.set(this, { construct, deployment, facts });
    // The cluster must not be deleted before its nodes.
    const held = [deployment, ...(cluster === undefined ? [] : [cluster])];
    hold(name, { part: 'machine', node: facts.name, resources: held }, { parent: this });
    this.nodeName = resources.outputOf(construct.name);
    this.scriptSecret = resources.outputOf({ name: secretName, namespace, key });
    this.kubectlCommand = resources.outputOf(kubectlCommand);
    this.registerOutputs({
      nodeName: this.nodeName,
      scriptSecret: this.scriptSecret,
      kubectlCommand: this.kubectlCommand,
    });
  }
}
