import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { cycleError } from './cycle-error';

/** For each object, the objects that it comes after. */
export type ObjectEdges = ReadonlyMap<ApiObject, Set<ApiObject>>;

/**
 * Finds what objects come after, by the dependencies of constructs: if one construct depends on another, every object below
 * it comes after all objects below the other, even if they are in another chart.
 * @param objects the objects to find this for; others are left out
 */
export function objectEdges(objects: readonly ApiObject[], constructs: readonly IConstruct[]): ObjectEdges {
  const edges: ObjectEdges = new Map(objects.map((object) => [object, new Set<ApiObject>()]));
  for (const construct of constructs) {
    const { dependencies } = construct.node;
    if (dependencies.length === 0) continue;
    const targets = dependencies.flatMap(objectsIn);
    for (const source of objectsIn(construct)) {
      for (const target of targets) if (target !== source) edges.get(source)?.add(target);
    }
  }
  return edges;
}

/**
 * Each object after those that it depends on, otherwise in the order given.
 * @throws {@link EdgeConstructsError} when the dependencies form a cycle
 */
export function sortedByEdges(edges: ObjectEdges): readonly ApiObject[] {
  // Without recursion, because chains may be long.
  const waiting = new Map<ApiObject, number>();
  const followers = new Map<ApiObject, ApiObject[]>();
  for (const [object, after] of edges) {
    const known = [...after].filter((each) => edges.has(each));
    waiting.set(object, known.length);
    for (const each of known) {
      const list = followers.get(each);
      if (list === undefined) followers.set(each, [object]);
      else list.push(object);
    }
  }
  const sorted = [...edges.keys()].filter((object) => waiting.get(object) === 0);
  for (const object of sorted) {
    for (const follower of followers.get(object) ?? []) {
      const left = (waiting.get(follower) ?? 0) - 1;
      waiting.set(follower, left);
      if (left === 0) sorted.push(follower);
    }
  }
  if (sorted.length < edges.size) throw cycleError(cycleIn(edges, new Set(sorted)).map(({ node }) => node.path));
  return sorted;
}

/** One cycle among objects of which each comes after another one that is not done. */
function cycleIn(edges: ObjectEdges, done: ReadonlySet<ApiObject>): readonly ApiObject[] {
  const walked: ApiObject[] = [];
  const places = new Map<ApiObject, number>();
  let object = [...edges.keys()].find((each) => !done.has(each));
  while (object !== undefined) {
    const place = places.get(object);
    if (place !== undefined) return walked.slice(place);
    places.set(object, walked.length);
    walked.push(object);
    object = [...(edges.get(object) ?? [])].find((each) => edges.has(each) && !done.has(each));
  }
  return walked;
}

function objectsIn(construct: IConstruct): ApiObject[] {
  return construct.node.findAll().filter((each): each is ApiObject => ApiObject.isApiObject(each));
}
