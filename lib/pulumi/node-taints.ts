import { TaintEffect, type NodeTaint } from '../superedge';
import { labelKey, labelValue } from '../core/grammars/names';
import { enumOf, listOf, optional, shape } from '../core/rules';
import type { Rule } from '../core/rule';
import type { ClusterObjects, LiveTaint, ObjectKey } from './cluster-objects';

/** Annotation of a node with its declared taints, for previews, and to know later which taints were declared before. */
export const TAINTS_ANNOTATION = 'edge-constructs.io/taints';

/** The same annotation in version 0.1. */
export const FORMER_TAINTS_ANNOTATION = 'edge-constructs/taints';

/** A list of taints, each pair of key and effect only once. */
export const NODE_TAINTS: Rule = listOf(
  shape({ key: labelKey(), value: optional(labelValue()), effect: enumOf(TaintEffect, 'TaintEffect') }),
  { uniqueBy: (taint) => identity(taint as NodeTaint) },
);

/** Taints as kubectl writes them: `key=value:NoSchedule`, with commas between them. */
export function taintsText(taints: readonly NodeTaint[]): string {
  return taints.map(({ key, value, effect }) => `${key}${value === undefined ? '' : `=${value}`}:${effect}`).join(',');
}

/** Parses a text that {@link taintsText} has written. */
export function parseTaints(text: string): readonly Pick<LiveTaint, 'key' | 'effect'>[] {
  return text
    .split(',')
    .filter((each) => each !== '')
    .map((each) => ({
      key: each.replace(/[=:].*/, ''),
      effect: each.slice(each.lastIndexOf(':') + 1),
    }));
}

/**
 * Sets taints of a node, and keeps those of others. The taints of a node are one list, which controllers change at any
 * time, so no Pulumi resource can own only some of them.
 */
export class NodeTaints {
  readonly #objects: ClusterObjects;
  readonly #node: ObjectKey;

  constructor(objects: ClusterObjects, node: string) {
    this.#objects = objects;
    this.#node = { apiVersion: 'v1', kind: 'Node', name: node };
  }

  /** Adds what is missing, and corrects values. */
  async ensure(wanted: readonly NodeTaint[]): Promise<void> {
    await this.#change((live) => {
      const others = live.filter((each) => !wanted.some((taint) => identity(taint) === identity(each)));
      return [...others, ...wanted.map(({ key, value, effect }) => ({ key, value, effect }))];
    });
  }

  /** Removes taints that are no longer declared. */
  async remove(unwanted: readonly Pick<LiveTaint, 'key' | 'effect'>[]): Promise<void> {
    await this.#change((live) => live.filter((each) => !unwanted.some((taint) => identity(taint) === identity(each))));
  }

  async #change(change: (live: readonly LiveTaint[]) => readonly LiveTaint[]): Promise<void> {
    await this.#objects.change(this.#node, ({ spec }) => {
      const live = spec?.taints ?? [];
      const taints = change(live);
      return sameTaints(live, taints) ? undefined : { spec: { taints } };
    });
  }
}

function identity({ key, effect }: Pick<LiveTaint, 'key' | 'effect'>): string {
  return `${key}:${effect}`;
}

function sameTaints(one: readonly LiveTaint[], other: readonly LiveTaint[]): boolean {
  const texts = (taints: readonly LiveTaint[]): string =>
    taints
      .map((taint) => `${identity(taint)}=${taint.value ?? ''}`)
      .sort()
      .join('\n');
  return texts(one) === texts(other);
}
