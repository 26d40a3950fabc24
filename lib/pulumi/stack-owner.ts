import * as pulumi from '@pulumi/pulumi';

/** Annotation of objects that a cluster can have only once: the project and the stack that they belong to. */
export const STACK_ANNOTATION = 'edge-constructs.io/stack';

type Manifest = Readonly<Record<string, unknown>>;

/** The project and stack of this program, in the form of the annotation. */
export function ownStack(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}

/** The manifest, with the annotation that names the stack. @param more further annotations */
export function withStack(manifest: Manifest, more: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  const metadata = manifest.metadata as { readonly annotations?: object };
  const annotations = { ...metadata.annotations, ...more, [STACK_ANNOTATION]: ownStack() };
  return { ...manifest, metadata: { ...metadata, annotations } };
}
