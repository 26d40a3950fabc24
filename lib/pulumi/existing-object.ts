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

/** Reads an object and never changes it. Preview and update fail when it does not exist. */
export class ExistingObject extends pulumi.CustomResource {
  constructor(name: string, object: ExistingObjectReference, options: pulumi.CustomResourceOptions) {
    const { apiVersion, kind, namespace } = object;
    const id = namespace === undefined ? object.name : pulumi.interpolate`${namespace}/${object.name}`;
    super(typeToken(apiVersion, kind, false), name, {}, { ...options, id });
  }
}
