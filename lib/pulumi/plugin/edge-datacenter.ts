import * as pulumi from '@pulumi/pulumi';
import type { ApiServerServiceType } from '../../kkp';
import { EdgeDatacenter as Rich, type EdgeDatacenterArgs as RichArgs } from '../components/edge-datacenter';
import { Seed } from '../components/seed';
import type {
  AuditWebhookSettings,
  AuthenticationConfigurationReference,
  EdgeNodeSettings,
  EdgeOperatingSystemProfiles,
} from './kkp-types';

/** Arguments of a datacenter. */
export interface EdgeDatacenterArgs {
  /** Name of the Seed, which must exist. By default `kubermatic`. */
  seedName?: pulumi.Input<string>;
  /** Namespace of the Seed. By default `kubermatic`. */
  seedNamespace?: pulumi.Input<string>;
  /** Name of the datacenter. By default the name of the resource. */
  datacenterName?: pulumi.Input<string>;
  /** Country, an ISO 3166-1 alpha-2 code. */
  country?: pulumi.Input<string>;
  /** Where it is, in words. */
  location?: pulumi.Input<string>;
  /** Settings of all nodes. */
  node?: EdgeNodeSettings;
  /** Mail domains of those who may use the datacenter. By default everybody may. */
  requiredEmails?: pulumi.Input<pulumi.Input<string>[]>;
  /** Switches audit logs on in all clusters. */
  enforceAuditLogging?: boolean;
  /** Where audit logs of all clusters go. */
  enforcedAuditWebhookSettings?: AuditWebhookSettings;
  /** AuthenticationConfiguration of the API servers. */
  authenticationConfiguration?: AuthenticationConfigurationReference;
  /** Default OperatingSystemProfiles. */
  operatingSystemProfiles?: EdgeOperatingSystemProfiles;
  /** Type of the API servers' Services. */
  apiServerServiceType?: ApiServerServiceType;
}

/** A datacenter of a KKP seed whose nodes are edge devices: an entry of the Seed, and nothing else of it. */
export class EdgeDatacenter extends pulumi.ComponentResource {
  /** Name of the datacenter. */
  readonly datacenterName: pulumi.Output<string>;

  constructor(name: string, args: EdgeDatacenterArgs, opts?: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:EdgeDatacenter', name, {}, opts);
    const { seedName, seedNamespace, datacenterName, ...others } = args;
    const seed = new Seed(`${name}-seed`, { name: seedName, namespace: seedNamespace }, { parent: this });
    const rich = new Rich(name, { ...others, seed, name: datacenterName } as RichArgs, { parent: this });
    this.datacenterName = rich.datacenterName;
    this.registerOutputs({ datacenterName: this.datacenterName });
  }
}
