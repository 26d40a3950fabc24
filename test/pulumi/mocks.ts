import * as pulumi from '@pulumi/pulumi';
import { runtime } from '@pulumi/pulumi';
import './short-stacks';

/** A resource as the engine would have got it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

// What Pulumi wraps secrets into on the wire.
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';

/** An engine that keeps what is registered: each test starts one of its own. */
export class Engine {
  readonly registered: Registered[] = [];
  readonly #options = new Map<string, pulumi.CustomResourceOptions>();

  /**
   * @param isPreview whether values that only an update brings are unknown
   * @param isThere whether the objects are there already, so that a preview knows their ids
   */
  static async start(isPreview = false, isThere = !isPreview): Promise<Engine> {
    const engine = new Engine();
    await runtime.setMocks(
      {
        call: ({ inputs }) => inputs as Record<string, unknown>,
        newResource: ({
          type,
          name,
          inputs,
          id,
        }: runtime.MockResourceArgs): { id: string | undefined; state: object } => {
          engine.registered.push({ type, name, inputs: inputs as Record<string, unknown> });
          const made = type === 'random:index/randomPassword:RandomPassword' ? { result: `password of ${name}` } : {};
          // Only what is read has an id before.
          const known = id === undefined || id === '' ? `${name}-id` : id;
          return { id: isThere ? known : undefined, state: { ...(inputs as object), ...made } };
        },
      },
      'project',
      'stack',
      isPreview,
    );
    return engine;
  }

  /** Options for a component that let `optionsOf` see those of all resources below it. */
  readonly watched: pulumi.ComponentResourceOptions = {
    transformations: [
      ({ name, opts }: pulumi.ResourceTransformationArgs): undefined => {
        this.#options.set(name, opts);
        return undefined;
      },
    ],
  };

  /** The options that a resource was registered with. */
  optionsOf(suffix: string): pulumi.CustomResourceOptions {
    return only(
      [...this.#options].filter(([name]) => name.endsWith(suffix)),
      suffix,
      [...this.#options.keys()],
    )[1];
  }

  /** Waits until all resources are registered. */
  async settle(): Promise<void> {
    // Exported, but missing in the type declarations.
    await (runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  }

  /** The one resource whose name ends so. */
  find(suffix: string): Registered {
    const names = this.registered.map(({ name }) => name);
    return only(
      this.registered.filter(({ name }) => name.endsWith(suffix)),
      suffix,
      names,
    );
  }
}

function only<T>(found: readonly T[], suffix: string, names: readonly string[]): T {
  if (found.length !== 1) throw new Error(`${found.length} resources end with ${suffix}: ${names.join(', ')}`);
  return found[0]!;
}

/** Whether a mock's input came as a secret, and what is in it. */
export function unwrapped(value: unknown): { readonly isSecret: boolean; readonly value: unknown } {
  const wrapped = value as Record<string, unknown> | null;
  return typeof wrapped === 'object' && wrapped !== null && wrapped[SIGNATURE] === SECRET
    ? { isSecret: true, value: wrapped.value }
    : { isSecret: false, value };
}

/** Inputs without the wrapping of secrets. */
export function plain(value: unknown): unknown {
  const { value: inner } = unwrapped(value);
  if (Array.isArray(inner)) return inner.map(plain);
  if (typeof inner !== 'object' || inner === null) return inner;
  return Object.fromEntries(Object.entries(inner).map(([key, each]) => [key, plain(each)]));
}

/** The value of an Output, and whether it is known and secret. */
export async function settled<T>(
  output: pulumi.Output<T>,
): Promise<{ readonly value: T | undefined; readonly isSecret: boolean; readonly isKnown: boolean }> {
  const inner = output as unknown as { promise(): Promise<T>; isSecret: Promise<boolean>; isKnown: Promise<boolean> };
  // At once: one that fails while another is waited for would count as unhandled.
  const [value, isKnown, isSecret] = await Promise.all([inner.promise(), inner.isKnown, inner.isSecret]);
  return { value: isKnown ? value : undefined, isSecret, isKnown };
}

/** A value that is known only when the update has run. */
export function unknown<T>(): pulumi.Output<T> {
  const Make = pulumi.Output as unknown as new (
    resources: unknown[],
    promise: Promise<unknown>,
    isKnown: Promise<boolean>,
    isSecret: Promise<boolean>,
    all: Promise<unknown[]>,
  ) => pulumi.Output<T>;
  return new Make([], Promise.resolve(undefined), Promise.resolve(false), Promise.resolve(false), Promise.resolve([]));
}

interface Manifest {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** A manifest without what is said to Pulumi alone. */
export function withoutPulumi(manifest: unknown): unknown {
  const { metadata, ...others } = manifest as Manifest;
  const kept = Object.entries(metadata.annotations ?? {}).filter(
    ([key]) =>
      !key.startsWith('pulumi.com/') && !['edge-constructs.io/nodes', 'edge-constructs.io/stack'].includes(key),
  );
  const { annotations, ...rest } = metadata;
  const isEmptied = kept.length === 0 && annotations !== undefined && Object.keys(annotations).length > 0;
  return {
    ...others,
    metadata: annotations === undefined || isEmptied ? rest : { ...rest, annotations: Object.fromEntries(kept) },
  };
}
