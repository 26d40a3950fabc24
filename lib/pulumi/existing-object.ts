import * as pulumi from '@pulumi/pulumi';
import { typeToken } from './resource-identity';

/** An object that somebody else made, by kind and name. */
export interface ExistingObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: pulumi.Input<string>;
  /** @default - the kind is cluster-scoped */
  readonly namespace?: pulumi.Input<string>;
}

/**
 * Fields of an object that others write to as well. At each update and refresh, the state stores them completely. It is not
 * known which parts are secret, so all are treated as such.
 */
export const OTHERS_FIELDS = ['metadata', 'spec', 'status', 'data', 'stringData'];

/** Reads an object and never changes it. Preview and update fail when it does not exist. */
export class ExistingObject extends pulumi.CustomResource {
  constructor(name: string, object: ExistingObjectReference, options: pulumi.CustomResourceOptions) {
    const { apiVersion, kind, name: objectName, namespace } = object;
    const id = namespace === undefined ? objectName : pulumi.interpolate`${namespace}/${objectName}`;
    // Without inputs, the provider would use the whole object as inputs, and every refresh would find changes.
    const inputs = { apiVersion, kind, metadata: { name: objectName, namespace } };
    super(typeToken(apiVersion, kind, false), name, inputs, { ...options, id, additionalSecretOutputs: OTHERS_FIELDS });
  }
}
