import type * as command from '@pulumi/command';
import * as pulumi from '@pulumi/pulumi';
import { EdgeConstructsError } from '../../core/error';
import { integer, optional, problem } from '../../core/rules';
import { deviceInput, provisioningSupervisor, type SupervisorOptions } from '../../device';
import { ClusterReader } from '../cluster-reader';
import { connectionArgs, connectionProblems, type DeviceConnection } from '../device-connection';
import { ManifestResource } from '../manifest-resource';
import { ProvisioningSecretsWait } from '../provisioning-secrets';
import { partsOf, type EdgeMachine } from './edge-machine';

/** Arguments of {@link EdgeDevice}. */
export interface EdgeDeviceArgs {
  /** The machine that the device becomes. */
  readonly machine: EdgeMachine;

  /** How the device is reached. A change of it never provisions again. */
  readonly connection: DeviceConnection;

  /** Kubeconfig of the user cluster, to read the script and what it needs. Kept secret. */
  readonly kubeconfig: pulumi.Input<string>;

  /** What the supervisor checks and how patient it is. @default - see the options */
  readonly supervisor?: SupervisorOptions;

  /** Labels of the node, from before it joins. @default - the kubelet's own */
  readonly nodeLabels?: Readonly<Record<string, pulumi.Input<string>>>;

  /** Annotations of the node. @default - none but Kubernetes' own */
  readonly nodeAnnotations?: Readonly<Record<string, pulumi.Input<string>>>;

  /** How long KKP may take to make the script and its Secrets, in seconds. @default 600 */
  readonly scriptTimeout?: number;

  /**
   * Leaves the device as it is when this is destroyed, for one that is dead or gone: run `pulumi up` with it, then destroy.
   * Whoever has the device has the token on it; delete Secret `cloud-init-getter-token`, which KKP makes anew.
   * @default false
   */
  readonly abandon?: boolean;
}

/**
 * A device that becomes a Ready node over SSH: one connection, KKP's script unchanged, under a supervisor that checks the
 * device first and changes nothing on one that is a node already. Destroying it moves the pods away, takes Kubernetes off
 * the device and deletes the node.
 *
 * @see docs/provisioning.md
 */
export class EdgeDevice extends pulumi.ComponentResource {
  /** Name of the node; known when it is Ready. */
  readonly nodeName: pulumi.Output<string>;

  /**
   * @param name name of the component
   * @param args the machine, and how its device is reached
   * @param opts `provider` is required: for the user cluster
   * @throws {@link EdgeConstructsError} when an argument is wrong
   */
  constructor(name: string, args: EdgeDeviceArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:EdgeDevice', name, {}, opts);
    check(name, this, args);
    const { construct, deployment } = partsOf(args.machine);
    const props = { ...args.supervisor, name: construct.name, operatingSystem: construct.operatingSystem };
    // Tells what is wrong with the options now, not when the Secrets have come.
    provisioningSupervisor(props);

    const node = new ManifestResource(
      `${name}/node`,
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: construct.name, labels: args.nodeLabels, annotations: args.nodeAnnotations },
      },
      false,
      // Made before the device joins, so that it goes after the device has been cleaned: a running kubelet would come back.
      { parent: this },
    );
    const wait = new ProvisioningSecretsWait(
      new ClusterReader(args.kubeconfig),
      this,
      construct.name,
      construct.provisioningScript,
      args.scriptTimeout ?? 600,
    );
    // Unknown in the preview of a machine that is not there yet, and so is all that comes from it.
    const stdin = deployment.metadata.apply(async () => {
      const secrets = await wait.read();
      return secrets === undefined ? '' : deviceInput(props, secrets);
    });
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
        dependsOn: [node, deployment],
        retainOnDelete: args.abandon ?? false,
        deleteBeforeReplace: true,
        additionalSecretOutputs: ['stdin', 'connection'],
        // A supervised script that downloads packages takes longer than resources usually do; it is bounded itself.
        customTimeouts: { create: '3h', update: '3h', delete: '2h' },
      },
    );
    if (args.abandon === true) {
      void pulumi.log.warn(
        `${construct.name} is abandoned: destroying it deletes the node, but leaves kubelet, credentials and data on the ` +
          'device. Delete Secret cloud-init-getter-token in namespace cloud-init-settings if somebody else may have it.',
        this,
      );
    }
    this.nodeName = provisioned.stdout.apply(() => construct.name);
    this.registerOutputs({ nodeName: this.nodeName });
  }
}

function check(name: string, component: pulumi.ComponentResource, args: EdgeDeviceArgs): void {
  const problems = [
    ...connectionProblems(args.connection),
    ...optional(integer({ min: 1, max: 86_400, unit: 'seconds' }))(args.scriptTimeout, 'scriptTimeout'),
  ];
  if (component.getProvider('kubernetes:core/v1:Node') === undefined) {
    problems.push(
      problem('provider', undefined, 'a kubernetes.Provider for the user cluster', 'Give it as an option.'),
    );
  }
  if (problems.length > 0) throw new EdgeConstructsError(name, 'EdgeDevice', problems);
}
