import type * as pulumi from '@pulumi/pulumi';
import type { ProvisioningScript } from '../kkp';
import { MACHINE_UID_LABEL } from './machine-objects';
import { ManifestResource } from './manifest-resource';

/** Objects that KKP makes for a machine and leaves behind when the machine is deleted. */
export interface Leftovers {
  readonly names: pulumi.Output<ProvisioningScript>;
  /**
   * The uid of the machine's object; known only once KKP has made everything, so that the objects below are taken over and
   * not created.
   */
  readonly machineUid: pulumi.Output<string>;
  /** Whether the token that all machines of the cluster share is revoked when this machine is deleted. */
  readonly rotateToken: boolean;
}

/**
 * The ServiceAccount of the token that all machines share. The token contains no time, so if only its Secret is deleted and
 * recreated, the token is the same; only a new ServiceAccount changes it.
 */
const GETTER = 'cloud-init-getter';

/**
 * Takes over objects that KKP does not delete, so that they are deleted with the device. Owns only a label of each; the
 * content is KKP's.
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
