import { needsValue, needsValueLike } from '../placeholders/ask';
import type { Rule } from '../rule';
import { isPlainObject, listOf, mapOf, problem, shape } from '../rules';
import { type UrlParts } from './urls';

/** Mirrors of a registry as they may be written: their endpoints alone, or what is said of them besides. */
export type WrittenMirror<T extends { readonly endpoints: readonly string[] }> = readonly string[] | T;

/** What may stand at the mirrors of registries. */
export interface MirrorRules {
  /** Names of registries. */
  readonly registry: Rule;
  /** An endpoint. */
  readonly endpoint: Rule;
  /** What makes two endpoints the same. */
  readonly identity: (endpoint: unknown) => unknown;
  /** What else may be said of the mirrors of a registry. @default - nothing */
  readonly others?: Readonly<Record<string, Rule>>;
  /** What can be said of them elsewhere and not here, with what to do instead. @default - nothing */
  readonly refused?: Readonly<Record<string, { readonly allowed: string; readonly remedy: string }>>;
}

/**
 * Mirrors by registry, in the one shape that they have everywhere: of each registry a list of endpoints, or an object that has
 * the list as `endpoints`.
 */
export function mirrorsByRegistry({ registry, endpoint, identity, others = {}, refused = {} }: MirrorRules): Rule {
  const endpoints = listOf(endpoint, { min: 1, uniqueBy: identity });
  const whole = shape({ endpoints, ...others });
  const mirrors = needsValue((value, field) => {
    if (!isPlainObject(value)) return endpoints(value, field);
    const elsewhere = Object.entries(refused).filter(([name]) => value[name] !== undefined);
    const here = { ...value, ...Object.fromEntries(elsewhere.map(([name]) => [name, undefined])) };
    return [
      ...whole(here, field),
      ...elsewhere.map(([name, { allowed, remedy }]) => problem(`${field}.${name}`, value[name], allowed, remedy)),
    ];
  });
  const byRegistry = mapOf(registry, mirrors);
  return needsValueLike(
    (value, field) =>
      Array.isArray(value)
        ? [problem(field, value, 'a map of registries, each with its mirrors', NAME_THE_REGISTRY)]
        : byRegistry(value, field),
    byRegistry,
  );
}

/** A list without a registry is what KKP has for Docker Hub. */
const NAME_THE_REGISTRY = "Name the registry: registryMirrors: { 'docker.io': ['https://mirror.example.com'] }.";

/** All that is said of the mirrors of a registry, however they are written. */
export function wholeMirror<T extends { readonly endpoints: readonly string[] }>(
  written: WrittenMirror<T>,
): T | { readonly endpoints: readonly string[] } {
  return isList(written) ? { endpoints: written } : written;
}

function isList(written: object): written is readonly string[] {
  return Array.isArray(written);
}

/**
 * A mirror's URL as containerd takes it. It keeps a slash at the end and puts `/v2` behind it, which registries do not know.
 */
export function mirrorUrlOf(text: string): string {
  return text.replace(/\/+$/, '');
}

/**
 * Whether a mirror's registry is to be found at the very path that its URL has, as Harbor's and Artifactory's are. Left to
 * itself, containerd puts `/v2` behind every path, asks for what is not there, and goes on to the registry without a word.
 * What K3s makes of the endpoints in its registries.yaml is the same.
 * @see https://github.com/containerd/containerd/blob/main/docs/hosts.md#override_path-field
 */
export function hasOwnPath(url: string): boolean {
  const { pathname } = new URL(mirrorUrlOf(url));
  return pathname !== '/' && pathname !== '/v2';
}

/**
 * Whether a URL can be one of a mirror, apart from its scheme and query: its path is a folder that containerd appends to, and
 * it goes through lists with commas on its way to the nodes.
 */
export function isMirrorPath({ path }: UrlParts): boolean {
  return /^(?:\/[\w.~-]+)*\/*$/.test(path);
}
