import type * as pulumi from '@pulumi/pulumi';
import type { ProvisioningScript } from '../kkp';
import { MACHINE_UID_LABEL } from './machine-objects';
import { ManifestResource } from './manifest-resource';

/** What KKP made for a machine and leaves behind when it goes. */
export interface Leftovers {
  readonly names: pulumi.Output<ProvisioningScript>;
  /** The uid of the machine's object; known when KKP has made everything, so that nothing is made in its place. */
  readonly machineUid: pulumi.Output<string>;
  /** Whether the token that all machines of the cluster share is revoked when this machine goes. */
  readonly rotateToken: boolean;
}

/**
 * The account that the token of all machines is for. The token holds no time: as long as the account is the same, a token
 * Secret that is deleted and made anew holds the same one.
 */
const GETTER = 'cloud-init-getter';

/**
 * Takes over what nobody deletes, so that it goes with the device. Only a label of each is owned: what is in them is KKP's.
 */
export function takeLeftoversOver(
  name: string,
  { names, machineUid, rotateToken }: Leftovers,
  options: pulumi.CustomResourceOptions,
): ManifestResource[] {
  const { namespace } = names;
  const labels = { [MACHINE_UID_LABEL]: machineUid };
  const taken = (id: string, kind: string, object: pulumi.Input<string>): ManifestResource => {
    const manifest = { apiVersion: 'v1', kind, metadata: { name: object, namespace, labels } };
    return new ManifestResource(`${name}/${id}`, manifest, false, options);
  };
  return [
    taken('script', 'Secret', names.secretName),
    ...(rotateToken ? [taken('token', 'ServiceAccount', GETTER)] : []),
  ];
}
