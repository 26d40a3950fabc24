import type * as JsYaml from 'js-yaml';
import { isPlainObject } from './rules';

/** js-yaml, loaded only when YAML is read. */
export function jsYaml(): typeof JsYaml {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded on first use only
  return require('js-yaml') as typeof JsYaml;
}

/** The documents of a text; `undefined` for what is not YAML. */
export function yamlDocuments(text: string): readonly unknown[] | undefined {
  try {
    return jsYaml().loadAll(text);
  } catch {
    return undefined;
  }
}

/** What stands at a path of keys and places in lists. */
export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof key === 'number') return Array.isArray(inner) ? (inner as readonly unknown[])[key] : undefined;
    return isPlainObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, value);
}
