import { type App, ApiObject, ImplicitTokenResolver, Lazy, LazyResolver, NumberStringUnionResolver, Yaml } from 'cdk8s';
import { AnyLazyResolver, resolversOf } from '../core/placeholders/any-lazy';
import { behindKey, LEFT_TO_LIBRARY, yamlDocument, yamlMapKey, yamlNumber, yamlString } from './yaml-document';

/** The private parts of an `ApiObject` from which its `toJson` makes the manifest. */
interface Insides {
  readonly props?: Readonly<Record<string, unknown>>;
  readonly patches?: readonly unknown[];
  readonly metadata?: MetadataInsides;
}

interface MetadataInsides {
  readonly _additionalAttributes?: Readonly<Record<string, unknown>>;
  readonly name?: unknown;
  readonly namespace?: unknown;
  readonly annotations?: unknown;
  readonly finalizers?: unknown;
  readonly ownerReferences?: unknown;
  readonly labels?: unknown;
}

/** Looked up once, because every access to an export of cdk8s is a function call. */
const LazyValue = Lazy;

/** Sorting looks at keys only, and keys of one shape repeat: being sorted already is the common case. */
const ARRAY_INDEX = /^(?:0|[1-9][0-9]{0,9})$/;

/**
 * Writes objects as `Yaml.stringify(object.toJson())` of cdk8s does.
 *
 * A plain `ApiObject` is written straight from its props, in one walk instead of five copies. Everything else
 * (subclasses with their own `toJson`, JSON patches, custom resolvers, unsorted keys) goes through `toJson`. The first
 * object of every kind is written both ways; should a version of cdk8s differ, all go through `toJson`.
 */
export class ObjectWriter {
  readonly #provenKinds = new Set<string>();
  #isDirectTrusted: boolean;

  constructor(app: App) {
    this.#isDirectTrusted = hasOnlyBuiltInResolvers(app) && !process.env.CDK8S_DISABLE_SORT;
  }

  /** One YAML document, with its line end. */
  write(object: ApiObject): string {
    const direct = this.#isDirectTrusted ? directText(object) : undefined;
    if (direct === undefined) return viaJson(object);
    const kind = `${object.apiVersion} ${object.kind}`;
    if (!this.#provenKinds.has(kind)) {
      const proof = Yaml.stringify(object.toJson());
      if (proof !== direct) {
        this.#isDirectTrusted = false;
        return proof;
      }
      this.#provenKinds.add(kind);
    }
    return direct;
  }
}

/** Objects as the documents of a file, joined as cdk8s does it. */
export function documents(objects: readonly ApiObject[], writer: ObjectWriter): string {
  return objects.map((object) => writer.write(object)).join('---\n');
}

function viaJson(object: ApiObject): string {
  const json: unknown = object.toJson();
  // Subclasses may return anything; for undefined, cdk8s writes an empty line.
  return json === undefined ? '\n' : yamlDocument(json);
}

function hasOnlyBuiltInResolvers(app: App): boolean {
  const resolvers = resolversOf(app)?.filter((each) => !(each instanceof AnyLazyResolver));
  return (
    resolvers?.length === 3 &&
    resolvers[0] instanceof LazyResolver &&
    resolvers[1] instanceof ImplicitTokenResolver &&
    resolvers[2] instanceof NumberStringUnionResolver
  );
}

function directText(object: ApiObject): string | undefined {
  const { props, patches, metadata } = object as unknown as Insides;
  if (
    object.toJson !== ApiObject.prototype.toJson ||
    patches?.length !== 0 ||
    metadata?._additionalAttributes === undefined ||
    props === undefined
  ) {
    return undefined;
  }
  try {
    return topLevel(props, metadata);
  } catch (error) {
    if (error === LEFT_TO_LIBRARY) return undefined;
    throw error;
  }
}

function topLevel(props: Readonly<Record<string, unknown>>, metadata: MetadataInsides): string {
  const { name, namespace, annotations, finalizers, ownerReferences, labels } = metadata;
  const allMetadata = {
    ...metadata._additionalAttributes,
    name,
    namespace,
    annotations,
    finalizers,
    ownerReferences,
    labels,
  };
  let text = '';
  const add = (key: string, value: unknown, isMetadata: boolean): void => {
    const line = entry(key, value, '', isMetadata);
    if (line !== undefined) text += `${line}\n`;
  };
  add('apiVersion', props.apiVersion, false);
  add('kind', props.kind, false);
  add('metadata', allMetadata, true);
  for (const key of sortedKeys(props)) {
    if (ARRAY_INDEX.test(key)) throw LEFT_TO_LIBRARY;
    if (key !== 'apiVersion' && key !== 'kind' && key !== 'metadata') add(key, props[key], false);
  }
  return text === '' ? '{}\n' : text;
}

/** `key: value`, or `undefined` when cdk8s leaves the key out. Metadata also loses empty maps and lists. */
function entry(key: string, given: unknown, indent: string, isMetadata: boolean): string | undefined {
  const value = resolved(given);
  if (value === undefined || value === null) return undefined;
  const inner = `${indent}  `;
  const text = node(value, inner, isMetadata);
  return text === undefined ? undefined : `${yamlMapKey(key)}:${behindKey(text, value, inner)}`;
}

function node(value: unknown, indent: string, isMetadata: boolean): string | undefined {
  switch (typeof value) {
    case 'string':
      return yamlString(value, indent);
    case 'number':
      return yamlNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return Array.isArray(value)
        ? list(value, indent, isMetadata)
        : map(value as Readonly<Record<string, unknown>>, indent, isMetadata);
    default:
      throw LEFT_TO_LIBRARY;
  }
}

function list(values: readonly unknown[], indent: string, isMetadata: boolean): string | undefined {
  if (values.length === 0) return isMetadata ? undefined : '[]';
  let text = '';
  for (let i = 0; i < values.length; i++) {
    const value = resolved(values[i]);
    const item = value === undefined || value === null ? undefined : node(value, `${indent}  `, isMetadata);
    if (item === undefined) throw LEFT_TO_LIBRARY;
    text += i === 0 ? `- ${item}` : `\n${indent}- ${item}`;
  }
  return text;
}

function map(value: Readonly<Record<string, unknown>>, indent: string, isMetadata: boolean): string | undefined {
  let text = '';
  for (const key of sortedKeys(value)) {
    const line = entry(key, value[key], indent, isMetadata);
    if (line !== undefined) text += text === '' ? line : `\n${indent}${line}`;
  }
  if (text === '') return isMetadata ? undefined : '{}';
  return text;
}

/** The result of cdk8s' resolvers for a value, as far as this writer knows them. */
function resolved(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  let value: unknown = given;
  while (value instanceof LazyValue) value = value.produce();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // Tokens, unions of numbers and texts, class instances, and maps that have a key named `constructor`.
  if (value.constructor !== Object || 'resolve' in value) throw LEFT_TO_LIBRARY;
  return value;
}

function sortedKeys(value: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(value);
  let isSorted = true;
  for (let i = 1; i < keys.length && isSorted; i++) isSorted = (keys[i - 1] as string) < (keys[i] as string);
  if (!isSorted) keys.sort();
  // JavaScript puts keys that are array indices first, in the order of their numbers: so does the copy that cdk8s makes.
  return keys.some(startsWithDigit) && keys.some((key) => ARRAY_INDEX.test(key))
    ? Object.keys(Object.fromEntries(keys.map((key) => [key, 0])))
    : keys;
}

function startsWithDigit(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 0x30 && first <= 0x39;
}
