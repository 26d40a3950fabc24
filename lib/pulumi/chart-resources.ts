import * as pulumi from '@pulumi/pulumi';
import { Chart, type ApiObject } from 'cdk8s';
import { applying } from '../core/placeholders/applying';
import { isCoOwned, isSharedObject } from '../core/edge-object';
import { EdgeConstructsError } from '../core/error';
import type { Problem } from '../core/problem';
import { problem } from '../core/rules';
import { KinsCluster } from '../kins/kins-cluster';
import { UNIT_LABEL } from '../superedge/labels';
import { onlyKnown, refuse, requireArguments } from './arguments';
import { ManifestResource } from './manifest-resource';
import { changingInPlace } from './mutable-objects';
import { objectGraph, type GraphNode } from './object-graph';
import { OutputTokens } from './output-tokens';
import { aliasesOf, aliasProblems, resourceName, type ChartAliases } from './resource-identity';
import { retiredObjects } from './retired-objects';
import { Substitution } from './substitution';
import { hasHooks, isGuard, levelHook, protectUnits } from './unit-protection';
import { NODES_ANNOTATION, nodesHook } from './unit-nodes';
import { ownerHook } from './unit-owner';
import { withStack } from './stack-owner';
import { validationFailure, validationMessages } from '../render/validation';
import { ToldError } from './told-error';

/** Arguments of {@link ChartResources}. */
export interface ChartResourcesArgs {
  /** The chart whose objects are applied: of this library, of cdk8s-plus, or your own. */
  readonly chart: Chart;

  /** Where the objects were registered before, so that they are not replaced. @default - nowhere */
  readonly aliases?: ChartAliases;

  /**
   * Paths of objects below the chart that Pulumi does not wait for, because the component does.
   * @internal
   */
  readonly unawaited?: readonly string[];

  /**
   * Names that the component had before.
   * @internal
   */
  readonly formerNames?: readonly string[];
}

const resources = new WeakMap<ApiObject, ManifestResource>();
/** Charts that were applied, with the names of their components. */
const applied = new WeakMap<Chart, string>();

/**
 * Applies a cdk8s chart with `pulumi up`: one resource for each object, with the dependencies that the chart declares.
 *
 * ```ts
 * const chart = new Chart(new App(), 'site');
 * new KinsCluster(chart, 'shop', { nodes: ['edge1'], autonomyLevel: AutonomyLevel.L4 });
 * new ChartResources('site', { chart }, { provider: cloudCluster });
 * ```
 * Create it when the chart is complete: objects that are added afterwards are not applied. Outputs are passed in props with
 * {@link OutputTokens}.
 *
 * Resources are named by the paths of their constructs below the chart. An object that has other owners (a Seed without
 * `kubeconfig`, the namespace `kins-system`), or that all units of a cluster share, becomes a Patch resource, which owns
 * only its own fields. Objects that GitOps tools are told never to delete stay in the cluster when their resources are
 * deleted.
 */
export class ChartResources extends pulumi.ComponentResource {
  readonly #objects: readonly ApiObject[];
  readonly #substitution: Substitution;

  /**
   * @param name name of the component, unique in the stack
   * @param args the chart
   * @param opts `provider` is required: a `kubernetes.Provider` for the cluster that the chart is for
   * @throws {@link EdgeConstructsError} when there is no provider, a validation of a construct fails, or a token was
   * changed on its way. The preview fails when the chart has a KinsCluster, and the provider does not set
   * `enableConfigMapMutable` and `enableSecretMutable`.
   */
  constructor(name: string, args: ChartResourcesArgs, opts: pulumi.ComponentResourceOptions) {
    super('edge-constructs:index:ChartResources', name, {}, opts);
    requireArguments('ChartResources', name, args);
    const { chart } = args;
    refuse('ChartResources', name, argumentProblems(args));
    const provider = requireProvider(this, name, chart);
    const inPlace = changingInPlace(provider, name, chart);
    // Objects may contain Outputs directly.
    OutputTokens.of(chart);
    const graph = applying(() => {
      refuseInvalid(chart);
      return objectGraph(chart);
    });
    this.#substitution = new Substitution(chart);
    const needed = new Set(graph.flatMap(({ after }) => [...after]));
    for (const node of graph) this.#register(name, args, node, needed.has(node.object), provider, inPlace);
    this.#objects = graph.map(({ object }) => object);
    this.#registerRetired(name, args);
    applied.set(chart, name);
    protectUnits(
      this,
      chart,
      this.#objects.map((object) => this.resourceOf(object)),
    );
    this.registerOutputs({ objectCount: graph.length });
  }

  /**
   * The resource of an object of the chart, for its outputs or for others to depend on.
   *
   * @throws Error when the object is in another chart, or was added after the component was created
   */
  resourceOf(object: ApiObject): ManifestResource {
    const resource = resources.get(object);
    if (resource === undefined || !this.#objects.includes(object)) {
      throw new Error(`Object '${object.node.path}' is not among those that were applied`);
    }
    return resource;
  }

  /** A value from a construct, with Outputs in the place of tokens. @internal */
  outputOf<T>(value: T): pulumi.Output<T> {
    return pulumi.output(this.#substitution.substitute(value, 'outputs')) as pulumi.Output<T>;
  }

  #register(
    name: string,
    { chart, aliases = {}, unawaited = [], formerNames = [] }: ChartResourcesArgs,
    { object, manifest, after }: GraphNode,
    isNeeded: boolean,
    provider: pulumi.ProviderResource,
    inPlace: Promise<pulumi.Resource> | undefined,
  ): void {
    const path = pathBelow(chart, object.node.path);
    const ofUnit = isGuard(manifest);
    const own = isCoOwned(object) ? withoutGitOps(manifest) : ofUnit ? withStack(manifest, nodesOf(object)) : manifest;
    const awaited = isAwaitedInVain(own, isNeeded) || unawaited.includes(path) ? withoutAwait(own) : own;
    const inputs = this.#substitution.substitute(awaited, object.node.path) as Record<string, unknown>;
    // Several components, and stacks, apply what their charts share. Only a Patch can be applied to an object that exists
    // already.
    const isPatch = isCoOwned(object) || isSharedObject(object);
    const resource = new ManifestResource(resourceName(name, path), inputs, isPatch, {
      ...(ofUnit && hasHooks() ? { hooks: unitHooks(resourceName(name, path), provider) } : {}),
      parent: this,
      dependsOn: [
        ...(inPlace === undefined ? [] : [inPlace]),
        ...[...after].map((each) => appliedBefore(each, object)),
      ],
      aliases: aliasesOf(name, path, manifest, aliases, formerNames),
      // Deleting a Patch removes only its own fields; an object with other owners stays anyway.
      retainOnDelete: !isCoOwned(object) && isNeverDeleted(manifest),
    });
    resources.set(object, resource);
  }

  /** After the new bindings, so that the guard of the earlier version is in force until then. */
  #registerRetired(name: string, { chart, aliases = {}, formerNames = [] }: ChartResourcesArgs): void {
    const bindings = this.#objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    const dependsOn = bindings.map((object) => this.resourceOf(object));
    for (const { path: wholePath, manifest, ignoreChanges } of retiredObjects(chart)) {
      const path = pathBelow(chart, wholePath);
      const inputs = this.#substitution.substitute(manifest, wholePath) as Record<string, unknown>;
      const options = {
        parent: this,
        dependsOn,
        aliases: aliasesOf(name, path, manifest, aliases, formerNames),
        ignoreChanges,
      };
      new ManifestResource(resourceName(name, path), inputs, false, options);
    }
  }
}

function pathBelow(chart: Chart, path: string): string {
  return path.slice(chart.node.path === '' ? 0 : chart.node.path.length + 1);
}

function unitHooks(resource: string, provider: pulumi.ProviderResource): pulumi.ResourceHookBinding {
  const nodes = nodesHook(resource, provider);
  return { beforeCreate: [ownerHook(resource, provider), nodes], beforeUpdate: [levelHook(resource), nodes] };
}

/** The annotation with the unit's nodes, if the object is the guard of a unit. */
function nodesOf({ node: { scope } }: ApiObject): Readonly<Record<string, string>> {
  return scope instanceof KinsCluster ? { [NODES_ANNOTATION]: scope.nodes.join(',') } : {};
}

function appliedBefore(object: ApiObject, by: ApiObject): ManifestResource {
  const resource = resources.get(object);
  if (resource !== undefined) return resource;
  throw new EdgeConstructsError(by.node.path, by.kind, [
    problem(
      'dependencies',
      object.node.path,
      'objects that have already been applied',
      `Create the ChartResources of chart '${Chart.of(object).node.path}' first.`,
    ),
  ]);
}

function argumentProblems(args: ChartResourcesArgs): readonly Problem[] {
  const { chart, aliases } = args;
  const strangers = onlyKnown(args, ['chart', 'aliases', 'unawaited', 'formerNames']);
  if (strangers.length > 0) return strangers;
  if (!Chart.isChart(chart)) {
    return [
      problem(
        'chart',
        undefined,
        'a cdk8s Chart',
        'Pass the chart itself; for an App, create one component per chart.',
      ),
    ];
  }
  const first = applied.get(chart);
  const remedy = 'Declare it once, after everything has been added to the chart.';
  return [
    ...(first === undefined
      ? []
      : [problem('chart', chart.node.path, `a chart that '${first}' has not applied`, remedy)]),
    ...(aliases === undefined ? [] : aliasProblems(aliases, chart)),
  ];
}

/** Without this, Pulumi would take whatever cluster the user's kubectl points to. */
function requireProvider(component: pulumi.ComponentResource, name: string, chart: Chart): pulumi.ProviderResource {
  const provider = component.getProvider('kubernetes:core/v1:ConfigMap');
  if (provider !== undefined) return provider;
  throw new EdgeConstructsError(name, 'ChartResources', [
    problem(
      'provider',
      undefined,
      `a kubernetes.Provider for the cluster that chart '${chart.node.path}' is for`,
      'Give { provider } as the last argument, or the component a parent that has one.',
    ),
  ]);
}

/** Runs the validations that cdk8s runs at synthesis. */
function refuseInvalid(chart: Chart): void {
  const failure = validationFailure(validationMessages(chart.node.root.node.findAll()));
  if (failure !== undefined) throw new ToldError(failure);
}

function isNeverDeleted(manifest: Readonly<Record<string, unknown>>): boolean {
  const { annotations } = manifest.metadata as { readonly annotations?: Readonly<Record<string, string>> };
  return annotations?.['argocd.argoproj.io/sync-options']?.split(',').includes('Delete=false') ?? false;
}

/**
 * Removes annotations for GitOps controllers, which are meant for the controller that applies the manifest. On an object
 * with other owners, they could conflict with those of its own controller.
 */
function withoutGitOps(manifest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { annotations = {}, ...metadata } = manifest.metadata as {
    readonly annotations?: Readonly<Record<string, string>>;
  };
  const kept = Object.entries(annotations).filter(([key]) => !GITOPS_ANNOTATION.test(key));
  return {
    ...manifest,
    metadata: kept.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(kept) },
  };
}

const GITOPS_ANNOTATION = /^(argocd\.argoproj\.io|kustomize\.toolkit\.fluxcd\.io)\//;

/**
 * Whether Pulumi would wait in vain for a Service to have endpoints: if objects come after the Service, its pods may be
 * among them; and a unit that ends has no pods any more.
 */
function isAwaitedInVain(manifest: Readonly<Record<string, unknown>>, isNeeded: boolean): boolean {
  const { labels = {} } = manifest.metadata as { readonly labels?: Readonly<Record<string, string>> };
  return manifest.apiVersion === 'v1' && manifest.kind === 'Service' && (isNeeded || UNIT_LABEL in labels);
}

function withoutAwait(manifest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const metadata = manifest.metadata as { readonly annotations?: Readonly<Record<string, string>> };
  const annotations = { ...metadata.annotations, 'pulumi.com/skipAwait': 'true' };
  return { ...manifest, metadata: { ...metadata, annotations } };
}
