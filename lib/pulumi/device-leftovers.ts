import type * as pulumi from '@pulumi/pulumi';
import type { ProvisioningScript } from '../kkp';
import { MACHINE_UID_LABEL } from './machine-objects';
import { ManifestResource } from './manifest-resource';

/** What KKP made for a machine and leaves behind when it goes. */
export interface Leftovers {
  readonly names: pulumi.Output<ProvisioningScript>;
  /** The uid of the machine's object; known when KKP has made everything, so that nothing is made in its place. */
  readonly machineUid: pulumi.Output<string>;
  /** Whether the token that all machines of the cluster share is made anew when this machine goes. */
  readonly rotateToken: boolean;
}

/**
 * Takes the Secrets over that nobody deletes, so that they go with the device. Only a label of each is owned: what is in
 * them is KKP's.
 */
export function takeLeftoversOver(
  name: string,
  { names, machineUid, rotateToken }: Leftovers,
  options: pulumi.CustomResourceOptions,
): ManifestResource[] {
  const { namespace } = names;
  const labels = { [MACHINE_UID_LABEL]: machineUid };
  const secret = (id: string, secretName: pulumi.Output<string>): ManifestResource => {
    const manifest = { apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName, namespace, labels } };
    return new ManifestResource(`${name}/${id}`, manifest, false, options);
  };
  return [
    secret('script', names.secretName),
    ...(rotateToken ? [secret('token', names.requiredSecrets.getterToken)] : []),
  ];
}
