import { needsValue, needsValueLike } from '../placeholders/ask';
import type { Rule } from '../rule';
import { isPlainObject, listOf, mapOf, problem, shape } from '../rules';
import { type UrlParts } from './urls';

/** The notations for mirrors of a registry: only the endpoints, or an object with further settings. */
export type WrittenMirror<T extends { readonly endpoints: readonly string[] }> = readonly string[] | T;

/** The rules for mirrors of registries. */
export interface MirrorRules {
  /** Names of registries. */
  readonly registry: Rule;
  /** An endpoint. */
  readonly endpoint: Rule;
  /** Endpoints with the same identity are duplicates. */
  readonly identity: (endpoint: unknown) => unknown;
  /** Rules for further settings of a registry's mirrors. @default - none */
  readonly others?: Readonly<Record<string, Rule>>;
  /** Settings that are supported elsewhere, but not here, and what to do instead. @default - none */
  readonly refused?: Readonly<Record<string, { readonly allowed: string; readonly remedy: string }>>;
}

/**
 * Mirrors by registry, in the same form everywhere: for each registry a list of endpoints, or an object with the list as
 * `endpoints`.
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

/** KKP itself has a list without registries, for Docker Hub. */
const NAME_THE_REGISTRY = "Name the registry: registryMirrors: { 'docker.io': ['https://mirror.example.com'] }.";

/** The settings of a registry's mirrors as an object, whichever notation was used. */
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
 * Whether the mirror's API is exactly at the path of its URL, as with Harbor and Artifactory. By default, containerd
 * appends `/v2` to every path, does not find the image there, and silently falls back to the registry. K3s does the same
 * for the endpoints in its registries.yaml.
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
