import * as pulumi from '@pulumi/pulumi';

/** Annotation of what there may be once in a cluster: the project and the stack that it belongs to. */
export const STACK_ANNOTATION = 'edge-constructs.io/stack';

type Manifest = Readonly<Record<string, unknown>>;

/** The stack of this program, as the annotation names it. */
export function ownStack(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}

/** The manifest, which says to which stack it belongs. @param more further annotations */
export function withStack(manifest: Manifest, more: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  const metadata = manifest.metadata as { readonly annotations?: object };
  const annotations = { ...metadata.annotations, ...more, [STACK_ANNOTATION]: ownStack() };
  return { ...manifest, metadata: { ...metadata, annotations } };
}
