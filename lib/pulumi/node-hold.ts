import type * as pulumi from '@pulumi/pulumi';
import { HOLD_NAMESPACE, holdName, METADATA_HOLD_LABEL, metadataHoldOf, METADATA_HOLD_PREFIX } from '../kins/names';
import { ManifestResource } from './manifest-resource';
import { withStack } from './stack-owner';

/** What is protected, and for which node. */
export interface Held {
  readonly part: 'device' | 'machine' | 'metadata';
  readonly node: pulumi.Output<string>;
  /** Resources that must stay as long as a unit with a cluster of its own runs on the node. */
  readonly resources: readonly pulumi.Resource[];
  /** Names that the component had before. @default - none */
  readonly formerNames?: readonly string[];
}

/**
 * A ConfigMap that depends on everything that makes a node, so it is deleted before the rest. While a unit at L4 or L5 runs
 * on the node, its guard refuses the deletion, even if the unit belongs to another stack or to GitOps. Then nothing that
 * the ConfigMap depends on is touched.
 */
export function hold(
  component: string,
  { part, node, resources, formerNames = [] }: Held,
  options: Pick<pulumi.CustomResourceOptions, 'parent' | 'provider'>,
): ManifestResource {
  const isNamed = part !== 'metadata';
  const metadata = {
    // A node has one device and one machine, but any number of stacks may set metadata. So Pulumi generates the names of
    // ConfigMaps for metadata from the resource.
    ...(isNamed ? { name: node.apply((name) => holdName(part, name)) } : {}),
    namespace: HOLD_NAMESPACE,
    labels: {
      'app.kubernetes.io/managed-by': 'edge-constructs',
      ...(isNamed ? {} : { [METADATA_HOLD_LABEL]: node.apply(metadataHoldOf) }),
    },
  };
  const nameOf = (name: string): string => (isNamed ? `${name}/hold` : METADATA_HOLD_PREFIX + slugOf(name));
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { node } };
  return new ManifestResource(nameOf(component), isNamed ? withStack(manifest) : manifest, false, {
    ...options,
    dependsOn: [...resources],
    aliases: formerNames.map((name) => ({ name: nameOf(name) })),
  });
}

function slugOf(component: string): string {
  return component
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 100);
}
