import { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { EdgeConstructsError } from '../core/error';
import { listedObjects } from '../core/listed-objects';
import { isPlaceholder } from '../core/placeholders/placeholder';
import { isTrace } from '../core/placeholders/placeholder-traces';
import { problem } from '../core/rules';
import { SYNC_WAVE } from '../core/sync-wave';
import { type ObjectEdges, objectEdges, sortedByEdges } from '../render/object-edges';

/** An object of a chart, with the objects that have to exist before it. */
export interface GraphNode {
  readonly object: ApiObject;
  readonly manifest: Record<string, unknown>;
  /** Objects of the chart or of other charts. */
  readonly after: ReadonlySet<ApiObject>;
}

/**
 * A chart's own objects, each after what it depends on.
 *
 * Besides the dependencies of cdk8s, an object comes after those objects of its construct that are in lower sync waves, as
 * with GitOps tools.
 *
 * @throws {@link EdgeConstructsError} when dependencies form a cycle, or the id of a construct contains a token
 */
export function objectGraph(chart: Chart): GraphNode[] {
  const all = chart.node.findAll();
  const own = all.filter((each): each is ApiObject => ApiObject.isApiObject(each) && Chart.of(each) === chart);
  own.forEach(refuseTokenInPath);
  const after = objectEdges(own, [...chart.node.scopes.slice(0, -1), ...all]);
  const manifests = new Map(own.map((object) => [object, manifestOf(object)]));
  addWaves(own, manifests, after);
  return sortedByEdges(after).map((object) => ({
    object,
    manifest: manifests.get(object) ?? {},
    after: after.get(object) ?? new Set(),
  }));
}

/** Resources are named by the paths of constructs, and must always have the same names. */
function refuseTokenInPath({ node, kind }: ApiObject): void {
  if (!isPlaceholder(node.path) && !isTrace(node.path)) return;
  const name = node.path.split('/').map((id) => (isPlaceholder(id) || isTrace(id) ? '(a Pulumi Output)' : id));
  const remedy = 'Give the construct an id of its own, and the Output as a prop, for instance metadata.name.';
  throw new EdgeConstructsError(name.join('/'), kind, [
    { field: 'id', given: 'a Pulumi Output', allowed: 'a string that is known while the program runs', remedy },
  ]);
}

function manifestOf(object: ApiObject): Record<string, unknown> {
  const manifest = object.toJson() as Record<string, unknown>;
  for (const field of ['apiVersion', 'kind']) {
    if (typeof manifest[field] === 'string' && manifest[field] !== '') continue;
    throw new EdgeConstructsError(object.node.path, 'ApiObject', [
      problem(field, manifest[field], 'the string that says what it is', 'Give it: Pulumi has a type for each kind.'),
    ]);
  }
  refuseList(object, manifest);
  return manifest;
}

/** API servers do not store lists; the items would need resources of their own. */
function refuseList(object: ApiObject, manifest: Record<string, unknown>): void {
  const items = listedObjects(manifest);
  if (items.length === 1 && items[0] === manifest) return;
  throw new EdgeConstructsError(object.node.path, object.kind, [
    {
      field: 'kind',
      given: `a ${object.kind} of ${items.length} objects`,
      allowed: 'one object for each construct, because each becomes a resource',
      remedy: "Split it, for instance with 'kubectl get --output yaml' of each, and include the objects themselves.",
    },
  ]);
}

function addWaves(
  own: readonly ApiObject[],
  manifests: ReadonlyMap<ApiObject, Record<string, unknown>>,
  after: ObjectEdges,
): void {
  for (const group of grouped(own).values()) {
    const waves = new Map<number, ApiObject[]>();
    for (const object of group) {
      push(waves, waveOf(manifests.get(object)), object);
    }
    const order = [...waves.keys()].sort((a, b) => a - b);
    order.slice(1).forEach((wave, index) => {
      const before = waves.get(order[index] ?? 0) ?? [];
      for (const object of waves.get(wave) ?? []) for (const each of before) after.get(object)?.add(each);
    });
  }
}

function grouped(objects: readonly ApiObject[]): Map<IConstruct | undefined, ApiObject[]> {
  const groups = new Map<IConstruct | undefined, ApiObject[]>();
  for (const object of objects) {
    push(groups, object.node.scope, object);
  }
  return groups;
}

function waveOf(manifest: Record<string, unknown> | undefined): number {
  const metadata = manifest?.metadata as { annotations?: Record<string, string> } | undefined;
  return Number(metadata?.annotations?.[SYNC_WAVE] ?? 0);
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
