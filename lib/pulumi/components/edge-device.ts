import type * as command from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';
import { claim } from '../../core/claims';
import { EdgeConstructsError } from '../../core/error';
import type { Problem } from '../../core/problem';
import { duration, secondsOf } from '../../core/grammars/durations';
import { labelKey, labelValue } from '../../core/grammars/names';
import { bool, mapOf, optional, problem } from '../../core/rules';
import type { Rule } from '../../core/rule';
import { deviceInput, type ProvisioningSecretsInput as Secrets, type SupervisorOptions } from '../../device';
import { checkSupervisorOptions } from '../../device/device-options';
import type { NodeTaint } from '../../superedge';
import { adoptingProvider } from '../adopting-provider';
import { component, onlyKnown, requireArguments, secretInput } from '../arguments';
import { ClusterObjects } from '../cluster-objects';
import { ClusterReader } from '../cluster-reader';
import { approveServingCertificates } from '../device-approver';
import { takeLeftoversOver } from '../device-leftovers';
import { connectionArgs } from '../connection-arguments';
import { connectionProblems, type DeviceConnection } from '../device-connection';
import { MachineObjects } from '../machine-objects';
import { DeviceNode } from '../device-node';
import { hold } from '../node-hold';
import { NODE_TAINTS } from '../node-taints';
import { ProvisioningSecretsWait } from '../provisioning-secrets';
import { EdgeMachine, partsOf, type MachineFacts } from './edge-machine';

/** Arguments of {@link EdgeDevice}. */
export interface EdgeDeviceArgs {
  /** The machine that the device becomes. */
  readonly machine: EdgeMachine;

  /** How the device is reached. Changing it never provisions the device again. */
  readonly connection: DeviceConnection;

  /**
   * Kubeconfig of the user cluster: to wait for KKP's Secrets, renew the join token, and set taints. Kept secret.
   */
  readonly kubeconfig: pulumi.Input<string>;

  /** What the supervisor checks, and how long it waits. @default - see the options */
  readonly supervisor?: SupervisorOptions;

  /** Labels of the node, set before it joins. @default - only those of the kubelet */
  readonly nodeLabels?: Readonly<Record<string, pulumi.Input<string>>>;

  /** Annotations of the node. @default - only those of Kubernetes */
  readonly nodeAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;

  /**
   * Taints of the node, set before it joins. Those that others have set stay.
   * @default - only those of others
   */
  readonly nodeTaints?: readonly NodeTaint[];

  /**
   * Adds a `ServingCertificateApprover` to the cluster, one for all devices of the program that have the same provider, so
   * that logs and exec work. `approveServingCertificates` of a machine leaves out a single one.
   * @default true
   */
  readonly servingCertificateApprover?: boolean;

  /** How long KKP may take to make the script and its Secrets: `1s` to `24h`. @default '10m' */
  readonly secretsTimeout?: string;

  /**
   * Deletes the script Secret that an earlier machine of this name left behind, when KKP is stuck on it. A Secret that this
   * library has seen KKP make is deleted even without this.
   * @default false - the update fails, and the error says why
   */
  readonly removeLeftoverScript?: boolean;

  /**
   * Revokes the token that all machines of the cluster share when this is destroyed, for a device that is no longer
   * trusted: it deletes ServiceAccount `cloud-init-getter`, which KKP recreates with another token. Nodes that have joined
   * do not need it. For machines that are still to be provisioned, or provisioned again, KKP must recreate the Secrets: see
   * "A new token" in docs/provisioning.md. Run `pulumi up` with it, then destroy.
   * @default false
   */
  readonly rotateTokenOnDestroy?: boolean;

  /**
   * Leaves the device as it is when this is destroyed, for a device that is dead or gone: run `pulumi up` with it, which
   * reports what is left behind, then destroy. Set `rotateTokenOnDestroy` too if somebody else may have the device.
   * @default false
   */
  readonly abandon?: boolean;
}

/**
 * A device that becomes a Ready node over SSH: one connection, KKP's script unchanged, run by a supervisor that checks the
 * device first, and changes nothing on a device that is already a node. Destroying it drains the node, removes Kubernetes
 * from the device and deletes the node.
 *
 * @see docs/provisioning.md
 */
export class EdgeDevice extends pulumi.ComponentResource {
  /** Name of the node, once it is Ready. */
  readonly nodeName: pulumi.Output<string>;

  /**
   * @param name name of the component
   * @param args the machine, and how its device is reached
   * @param opts `provider` is required: for the user cluster
   * @throws {@link EdgeConstructsError} when an argument is wrong
   */
  constructor(name: string, args: EdgeDeviceArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:EdgeDevice', name, {}, opts);
    const provider = check(name, this, args);
    const { construct, deployment, facts } = partsOf(args.machine);
    // Reports errors in the options now, not only once the Secrets exist.
    if (args.supervisor !== undefined) checkSupervisorOptions(construct.name, args.supervisor);
    const options = { ...args.supervisor, operatingSystem: construct.operatingSystem };
    if (args.servingCertificateApprover !== false) approveServingCertificates(provider);

    const kubeconfig = pulumi.secret(args.kubeconfig);
    // An existing node is taken over, because the device may have been provisioned without this program.
    const adopting = { parent: this, provider: adoptingProvider(provider, args.kubeconfig) };
    const node = new DeviceNode(name, facts.name, args, kubeconfig, { ...adopting, dependsOn: [deployment] });
    const secretsOf = ({ name: machine, script }: MachineFacts, text: string): Promise<Secrets | undefined> => {
      const machineObjects = new MachineObjects(new ClusterObjects(text), machine, script);
      const reader = new ClusterReader(text, 'kubeconfig');
      return new ProvisioningSecretsWait(reader, machineObjects, this, machine, script, {
        timeoutSeconds: secondsOf(args.secretsTimeout ?? '10m'),
        removeLeftoverScript: args.removeLeftoverScript ?? false,
        joinsAgain: args.supervisor?.rebuild !== undefined,
      }).read();
    };
    // Unknown, like everything derived from it, in a preview before the machine exists.
    const ready = pulumi
      .all([deployment.metadata, facts, kubeconfig, node.isTainted])
      .apply(async ([metadata, machine, text]) => ({
        secrets: await secretsOf(machine, text),
        uid: String(metadata.uid),
      }));
    const leftovers = takeLeftoversOver(
      name,
      {
        names: facts.script,
        // It is read together with the Secrets, but is not secret itself.
        machineUid: pulumi.unsecret(ready.apply(({ uid }) => uid)),
        rotateToken: args.rotateTokenOnDestroy ?? false,
      },
      { ...adopting, dependsOn: [deployment] },
    );
    const stdin = pulumi
      .all([facts.name, ready])
      .apply(([machine, { secrets }]) =>
        secrets === undefined ? '' : deviceInput({ ...options, name: machine }, secrets),
      );
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- takes a second to load, and only devices need it
    const { remote } = require('@pulumi/command') as typeof command;
    const sudo = pulumi.output(args.connection.user ?? 'root').apply((user) => (user === 'root' ? '' : 'sudo -n '));
    const provisioned = new remote.Command(
      `${name}/device`,
      {
        connection: connectionArgs(args.connection),
        create: pulumi.interpolate`${sudo}sh -s provision`,
        update: pulumi.interpolate`${sudo}sh -s provision`,
        delete: pulumi.interpolate`${sudo}sh -s decommission`,
        stdin: pulumi.secret(stdin),
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        dependsOn: [node.resource, deployment, ...leftovers],
        retainOnDelete: args.abandon ?? false,
        deleteBeforeReplace: true,
        additionalSecretOutputs: ['stdin', 'connection'],
        // Longer than Pulumi's defaults, because the script downloads packages. The supervisor has time limits of its own.
        customTimeouts: { create: '3h', update: '3h', delete: '2h' },
      },
    );
    const held = [provisioned, node.resource, deployment, ...leftovers];
    hold(name, { part: 'device', node: facts.name, resources: held }, adopting);
    if (args.abandon === true) facts.name.apply((machine) => pulumi.log.warn(whatStays(machine), this));
    this.nodeName = pulumi.all([facts.name, provisioned.stdout]).apply(([machine]) => machine);
    this.registerOutputs({ nodeName: this.nodeName });
  }
}

const NODE = 'kubernetes:core/v1:Node';

/** Describes what is left behind when a device is abandoned. */
function whatStays(machine: string): string {
  return (
    `${machine} is abandoned: destroying it deletes node, machine and its Secrets from the cluster, and does not connect to the device. ` +
    'These stay on the device: the kubelet and containerd, which start with it, and all pods with their data ' +
    '(/var/lib/kubelet, /var/lib/containerd); the credentials of the node (/etc/kubernetes, /var/lib/kubelet/pki), with ' +
    'which a kubelet that is still running registers the node again; the token that reads the scripts of all machines ' +
    '(/etc/cloud/cloud.cfg.d, /opt/bin); ufw masked, swap off, apt sources and packages. In the cluster ' +
    'that token stays valid, with ServiceAccount cloud-init-getter, unless rotateTokenOnDestroy is true. Switch the device off, or reinstall it, ' +
    'before you destroy this.'
  );
}

const metadata: Rule = optional(mapOf(labelKey(), () => []));
const FIELDS: Readonly<Partial<Record<keyof EdgeDeviceArgs, Rule>>> = {
  machine: component(EdgeMachine),
  kubeconfig: secretInput('the kubeconfig of the user cluster'),
  nodeLabels: optional(mapOf(labelKey(), inputOf(labelValue()))),
  nodeAnnotations: metadata,
  nodeTaints: optional(NODE_TAINTS),
  servingCertificateApprover: optional(bool()),
  secretsTimeout: optional(duration({ min: '1s', max: '24h' })),
  removeLeftoverScript: optional(bool()),
  rotateTokenOnDestroy: optional(bool()),
  abandon: optional(bool()),
};

const RENAMED = { scriptTimeout: "secretsTimeout: '10m'; that of supervisor limits the run of the script" };

/** A rule for a value that may be an Output, which is not checked because it is not known yet. */
function inputOf(rule: Rule): Rule {
  return (value, field) => (pulumi.Output.isInstance(value) || value instanceof Promise ? [] : rule(value, field));
}

function check(name: string, component: pulumi.ComponentResource, args: EdgeDeviceArgs): pulumi.ProviderResource {
  requireArguments('EdgeDevice', name, args);
  const wrong = [
    ...connectionProblems(args.connection),
    ...onlyKnown(args, [...Object.keys(FIELDS), 'connection', 'supervisor'], { renamed: RENAMED }),
    ...Object.entries(FIELDS).flatMap(([field, rule]) => rule(args[field as keyof EdgeDeviceArgs], field)),
  ];
  const problems = wrong.length > 0 ? wrong : [...secondDevice(name, args.machine)];
  const provider = component.getProvider(NODE);
  if (provider !== undefined && problems.length === 0) return provider;
  if (provider === undefined) {
    const remedy = 'Give it as an option.';
    problems.push(problem('provider', undefined, 'a kubernetes.Provider for the user cluster', remedy));
  }
  throw new EdgeConstructsError(name, 'EdgeDevice', problems);
}

/** Refuses a second device for one machine: both would be the same node, and take it over from each other. */
function secondDevice(name: string, machine: EdgeMachine): readonly Problem[] {
  const first = claim(machine, 'device of a machine', 'device', name);
  if (first === undefined) return [];
  const allowed = `a machine that no other device has; '${first}' has this one`;
  return [
    { ...problem('machine', undefined, allowed, 'Declare an EdgeMachine for each device.'), given: 'an EdgeMachine' },
  ];
}
