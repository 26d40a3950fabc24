import { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { EdgeConstructsError } from '../core/error';
import { cycleError } from './cycle-error';

/** A construct with its position in the tree, so that comparing two numbers tells whether it is below another. */
interface Place {
  readonly construct: IConstruct;
  readonly index: number;
  /** One past the last construct below this one. */
  end: number;
  readonly parent: Place | undefined;
  /** The closest chart, the construct itself included. */
  chart: Place | undefined;
  readonly object: ApiObject | undefined;
  /** What it depends on, including implied dependencies of charts. */
  readonly dependencies: Place[];
}

/** The state of the depth-first walk for one construct. */
interface Frame {
  readonly place: Place;
  readonly edges: readonly Edge[];
  next: number;
  /** The objects of the edge being walked, when that edge leads to all objects of a construct. */
  group: readonly Place[] | undefined;
  nextInGroup: number;
  skippedItself: boolean;
}

interface Edge {
  readonly target: Place;
  /** Whether the edge leads to every object of the target instead of the target itself. */
  readonly toItsObjects: boolean;
}

const NO_PLACES: readonly Place[] = [];

/**
 * The order in which charts and their objects are written: dependencies first, otherwise as declared.
 *
 * It is the order of cdk8s' `App`, found in one walk. cdk8s makes an edge for every pair of objects behind a
 * dependency and follows every path; here a construct's objects stay one group, and everything is visited once.
 */
export class DependencyOrder {
  readonly #places: Place[] = [];
  readonly #byConstruct = new Map<IConstruct, Place>();
  readonly #objects = new Map<Place, readonly Place[]>();

  /**
   * @param root the app, or the root of the constructs to order
   * @param app the app; dependencies on its constructs outside of `root` are allowed, but do not affect the order
   * @throws {@link EdgeConstructsError} when a construct outside all charts or of another app takes part in a
   * dependency, or a construct depends on itself
   */
  constructor(root: IConstruct, app: IConstruct = root) {
    this.#add(root, undefined);
    for (const place of this.#places) {
      for (const target of place.construct.node.dependencies) {
        const found = this.#placeOf(target, place, [root.node.root, app.node.root]);
        if (found !== undefined) place.dependencies.push(found);
      }
    }
    this.#addChartDependencies();
  }

  /** All constructs, as declared: parents before children. */
  get constructs(): readonly IConstruct[] {
    return this.#places.map((place) => place.construct);
  }

  /** The constructs of a chart, as declared, without those of charts inside it. */
  constructsOf(chart: Chart): readonly IConstruct[] {
    const place = this.#byConstruct.get(chart);
    if (place === undefined) return [];
    return this.#places
      .slice(place.index, place.end)
      .flatMap(({ construct, chart: own }) => (own === place ? [construct] : []));
  }

  /** All charts, dependencies first. */
  charts(): readonly Chart[] {
    const [root] = this.#places;
    if (root === undefined) return [];
    return this.#sort(root)
      .filter((place) => place.chart === place)
      .flatMap(({ construct }) => (Chart.isChart(construct) ? [construct] : []));
  }

  /** The objects of a chart, dependencies first, without those of charts inside it. */
  objectsOf(chart: Chart): readonly ApiObject[] {
    const place = this.#byConstruct.get(chart);
    if (place === undefined) return [];
    const found: ApiObject[] = [];
    for (const each of this.#sort(place)) {
      if (each.object !== undefined && each.chart === place) found.push(each.object);
    }
    return found;
  }

  #add(construct: IConstruct, parent: Place | undefined): void {
    const place: Place = {
      construct,
      index: this.#places.length,
      end: 0,
      parent,
      chart: parent?.chart,
      object: ApiObject.isApiObject(construct) ? construct : undefined,
      dependencies: [],
    };
    if (Chart.isChart(construct)) place.chart = place;
    this.#places.push(place);
    this.#byConstruct.set(construct, place);
    for (const child of construct.node.children) this.#add(child, place);
    place.end = this.#places.length;
  }

  /** `undefined` for a construct that is in the same app but not below the root: it does not affect the order. */
  #placeOf(target: IConstruct, source: Place, apps: readonly IConstruct[]): Place | undefined {
    const place = this.#byConstruct.get(target);
    const { path } = source.construct.node;
    if (source.chart === undefined || (place !== undefined && place.chart === undefined)) {
      const outside = source.chart === undefined ? source.construct : target;
      throw dependencyError(
        path,
        target.node.path,
        'constructs inside charts',
        `Move '${outside.node.path}' into a chart.`,
      );
    }
    if (place === undefined && !apps.includes(target.node.root)) {
      throw dependencyError(path, target.node.path, 'constructs of the same app', 'Remove this dependency.');
    }
    if (place === source) {
      throw dependencyError(path, target.node.path, 'other constructs', 'Remove the dependency on itself.');
    }
    return place;
  }

  /** A chart comes after the charts inside it, and after those that anything in it depends on. */
  #addChartDependencies(): void {
    const between: [Place, Place][] = [];
    for (const place of this.#places) {
      if (place.chart !== place) continue;
      for (const child of place.construct.node.children) {
        if (Chart.isChart(child)) between.push([place, this.#byConstruct.get(child) as Place]);
      }
    }
    for (const { chart, dependencies } of this.#places) {
      for (const target of dependencies) {
        if (chart !== undefined && target.chart !== undefined && chart !== target.chart)
          between.push([chart, target.chart]);
      }
    }
    const known = new Map<Place, Set<Place>>();
    for (const [source, target] of between) {
      let targets = known.get(source);
      if (targets === undefined) known.set(source, (targets = new Set(source.dependencies)));
      if (targets.has(target)) continue;
      targets.add(target);
      source.dependencies.push(target);
    }
  }

  /** Everything from `root` down, dependencies first; only dependencies below `root` count. */
  #sort(root: Place): readonly Place[] {
    const all = startOrder(this.#places.slice(root.index, root.end));
    if (all.every((place) => !place.dependencies.some((target) => isBelow(target, root)))) return all;
    const hasDependant = this.#withDependants(all, root);
    const sorted: Place[] = [];
    const state = new Map<Place, 'open' | 'done'>();
    const doneGroups = new Set<Place>();
    for (const place of all) {
      if (!hasDependant.has(place)) this.#visit(place, root, sorted, state, doneGroups);
    }
    // What is left was not reached from any start, so it is part of a cycle, which the walk then finds.
    for (const place of all) this.#visit(place, root, sorted, state, doneGroups);
    return sorted;
  }

  #withDependants(all: readonly Place[], root: Place): ReadonlySet<Place> {
    const found = new Set<Place>();
    const doneGroups = new Set<Place>();
    for (const place of all) {
      for (const target of place.dependencies) {
        if (!isBelow(target, root)) continue;
        found.add(target);
        if (doneGroups.has(target)) continue;
        const sources = this.#objectsBelow(place);
        if (sources.length === 0) continue;
        let all = true;
        for (const object of this.#objectsBelow(target)) {
          if (sources.length > 1 || sources[0] !== object) found.add(object);
          else all = false;
        }
        if (all) doneGroups.add(target);
      }
    }
    return found;
  }

  #visit(start: Place, root: Place, sorted: Place[], state: Map<Place, 'open' | 'done'>, doneGroups: Set<Place>): void {
    const stack: Frame[] = [];
    const enter = (place: Place): void => {
      const before = state.get(place);
      if (before === 'done') return;
      if (before === 'open') throw cycleOf(stack, place);
      state.set(place, 'open');
      stack.push({
        place,
        edges: this.#edgesOf(place, root),
        next: 0,
        group: undefined,
        nextInGroup: 0,
        skippedItself: false,
      });
    };
    enter(start);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      if (frame.group !== undefined) {
        const object = frame.group[frame.nextInGroup++];
        if (object === frame.place) frame.skippedItself = true;
        else if (object !== undefined) enter(object);
        else {
          const edge = frame.edges[frame.next - 1];
          // While the walk is inside a group, that group is not done.
          if (edge !== undefined && !frame.skippedItself) doneGroups.add(edge.target);
          frame.group = undefined;
        }
        continue;
      }
      const edge = frame.edges[frame.next++];
      if (edge === undefined) {
        state.set(frame.place, 'done');
        sorted.push(frame.place);
        stack.pop();
      } else if (!edge.toItsObjects) {
        enter(edge.target);
      } else if (!doneGroups.has(edge.target)) {
        frame.group = this.#objectsBelow(edge.target);
        frame.nextInGroup = 0;
        frame.skippedItself = false;
      }
    }
  }

  /**
   * What a construct comes after: its own dependencies and, if it is an object, also the objects that its parents depend
   * on.
   */
  #edgesOf(place: Place, root: Place): readonly Edge[] {
    const edges: Edge[] = [];
    for (const target of place.dependencies) {
      if (isBelow(target, root)) edges.push({ target, toItsObjects: false });
    }
    if (place.object === undefined) return edges;
    const upToChart: Place[] = [];
    for (
      let each: Place | undefined = place;
      each !== undefined;
      each = each === place.chart ? undefined : each.parent
    ) {
      if (each.dependencies.length > 0) upToChart.unshift(each);
    }
    for (const each of upToChart) {
      for (const target of each.dependencies) {
        if (isBelow(target, root)) edges.push({ target, toItsObjects: true });
      }
    }
    return edges;
  }

  /** The objects below a construct that are in the same chart as it. */
  #objectsBelow(place: Place): readonly Place[] {
    const known = this.#objects.get(place);
    if (known !== undefined) return known;
    let found: Place[] | undefined;
    for (let i = place.index; i < place.end; i++) {
      const each = this.#places[i];
      if (each?.object !== undefined && each.chart === place.chart) (found ??= []).push(each);
    }
    this.#objects.set(place, found ?? NO_PLACES);
    return found ?? NO_PLACES;
  }
}

/** cdk8s keeps constructs in an object keyed by path, where JavaScript puts keys that are whole numbers first. */
function startOrder(places: readonly Place[]): readonly Place[] {
  const isNumber = (place: Place): boolean => /^(?:0|[1-9][0-9]{0,9})$/.test(place.construct.node.path);
  const numbered = places.filter(isNumber);
  return numbered.length === 0 ? places : [...numbered, ...places.filter((place) => !isNumber(place))];
}

function isBelow(place: Place, root: Place): boolean {
  return place.index >= root.index && place.index < root.end;
}

function cycleOf(stack: readonly Frame[], closing: Place): EdgeConstructsError {
  const paths = stack.map((frame) => frame.place.construct.node.path);
  return cycleError(paths.slice(paths.indexOf(closing.construct.node.path)));
}

function dependencyError(path: string, target: string, allowed: string, remedy: string): EdgeConstructsError {
  return new EdgeConstructsError(path, 'Construct', [{ field: 'dependencies', given: `'${target}'`, allowed, remedy }]);
}
