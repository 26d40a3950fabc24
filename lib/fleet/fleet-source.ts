import { type ApiObject, App, Chart, type IResolver } from 'cdk8s';
import { Construct, type IConstruct, type Node } from 'constructs';
import { clusterLevelOf } from '../core/cluster-level';
import { isSharedObject } from '../core/edge-object';
import { EdgeConstructsError } from '../core/error';
import type { Problem } from '../core/problem';
import { EdgeMachine } from '../kkp/edge-machine';
import { showAddressLock, writeAddressLock } from './addresses/address-lock';
import type { FileStamp } from '../render/output-folder';
import type { ExtraFile, RenderedFiles, RenderedPart } from '../render/rendered-part';
import { clusterOfSiteChart } from './cluster-names';
import { unitsWithCluster } from './gitops/edge-charts';
import { type Fact, FactKind, factsOfChart } from './checks/facts';
import { fileOptionsOf } from './file-options';
import type { FleetProps } from './fleet-props';
import type { FleetSites } from './fleet-sites';
import { argoCdFiles, argoCdFolder, siteFile } from './gitops/argocd';
import { fluxFolder, fluxKustomizations, fluxProblems } from './gitops/flux';
import { longNameProblems, namesOfChart, namesOfFleet } from './gitops/names';
import { type SharedFolders, sharingClusters } from './gitops/shared-folders';
import { dividedKustomization, type KustomizationFile } from '../render/kustomization';
import { cacheName, openCache } from './skip-unchanged/open-cache';
import type { OutputLayout } from '../render/output-layout';
import { type ChartPlace, type PlacedChart, sharedManifests, UnitState, unitStateOf } from './gitops/placed-chart';
import { sharedEntry, siteEntries } from './readme/readme-entries';
import { writeReport } from './checks/report';
import { placedProblems } from '../render/gathered-problems';
import { chartFiles } from '../render/run';
import type { PartContents } from './readme/output-contents';
import type { Site } from './site';
import { contentHash } from '../render/content-hash';
import { UnwritableError } from '../render/unwritable-folder';
import type { SiteCache } from './skip-unchanged/site-cache';

/** cdk8s puts this many resolvers of its own behind those of the user. */
const BUILT_IN_RESOLVERS = 3;

/** The parts of a run that the sites of a fleet need. */
export interface SiteTools {
  /** Writes the files of a site. */
  readonly render: (part: RenderedPart, needsStamps: boolean) => RenderedFiles;
  /** Keeps the files of an earlier run instead. */
  readonly keep: (files: readonly FileStamp[]) => void;
  /** Whether files may be kept at all. */
  readonly canKeep: boolean;
  /** Takes facts that must be unique across sites and charts. */
  readonly claim: (facts: readonly Fact[]) => void;
  /** One more site is done. */
  readonly step: () => void;
}

/** Writes a file that only the next run reads. */
export interface OwnFile {
  readonly name: string;
  readonly content: string;
}

/** Makes the constructs of one site at a time, and decides where its charts go. */
export class FleetSource {
  readonly path: string;
  readonly #app: App;
  readonly #node: Node;
  readonly #props: FleetProps;
  readonly #read: FleetSites;
  readonly #hasEngine: boolean;
  readonly #hasKustomizations: boolean;
  readonly #layout: OutputLayout;
  #placed: PlacedChart[] = [];
  #cache: SiteCache | undefined;
  /** What sites share, by content. */
  readonly #shared = new Map<string, KustomizationFile>();

  constructor(app: App, node: Node, props: FleetProps, read: FleetSites) {
    this.path = node.path;
    this.#app = app;
    this.#node = node;
    this.#props = props;
    this.#read = read;
    this.#layout = fileOptionsOf(app).layout;
    this.#hasEngine = props.argoCd !== undefined || props.flux !== undefined;
    this.#hasKustomizations = props.kustomize ?? this.#hasEngine;
  }

  get siteCount(): number {
    return this.#read.sites.length;
  }

  /** The charts of all sites, once they are rendered. */
  get chartCount(): number {
    return this.#placed.length;
  }

  /** The files that have sites. */
  get files(): readonly string[] {
    return this.#props.files ?? [];
  }

  /** Makes the sites one after another; the constructs of each are dropped when its files are written. */
  renderSites(tools: SiteTools): readonly Problem[] {
    this.#placed = [];
    this.#cache = tools.canKeep ? openCache(this.#app, this.#node, this.#props) : undefined;
    const problems: Problem[] = [];
    for (const site of this.#read.sites) {
      const input = this.#cache === undefined ? '' : contentHash(JSON.stringify(site));
      const known = this.#cache?.find(site.name, input);
      if (known === undefined) {
        const found = this.#renderSite(site, input, tools);
        for (const each of found) problems.push(each);
        // A wrong `build` is wrong for all sites.
        if (found.some(({ field }) => field === BUILD)) break;
      } else {
        for (const chart of known.charts) this.#placed.push({ site, ...chart });
        tools.keep(known.files);
        tools.claim(known.facts);
      }
      tools.step();
    }
    if (this.#hasEngine) {
      const clusters = sharingClusters(this.#placed);
      tools.claim(namesOfFleet(this.path, clusters, this.#props, this.#layout));
      for (const each of longNameProblems(this.#placed, clusters, this.#layout)) problems.push(each);
    }
    const ofFlux = this.#props.flux === undefined ? [] : fluxProblems(this.#placed, this.#props.flux);
    return [...problems, ...ofFlux];
  }

  /** What to store for the next run, if there were no problems. */
  ownFiles(): readonly OwnFile[] {
    const content = this.#cache?.content();
    return content === undefined ? [] : [{ name: cacheName(this.path), content }];
  }

  /**
   * The files for GitOps controllers, once all sites are written without problems.
   * @param shared the shared objects that earlier fleets take care of
   */
  gitOpsFiles(shared: SharedFolders): readonly ExtraFile[] {
    const { argoCd, flux } = this.#props;
    shared.add(this.path, this.#placed);
    return [
      ...(argoCd === undefined ? [] : argoCdFiles(this.path, this.#placed, argoCd, shared)),
      ...(flux === undefined ? [] : fluxKustomizations(this.path, this.#placed, flux, shared)),
    ];
  }

  /** What the README says about the sites, once all are written. */
  get contents(): PartContents {
    const { flux, argoCd } = this.#props;
    return {
      entries: [
        ...sharingClusters(this.#placed).map((cluster) => sharedEntry(cluster, this.#layout)),
        ...siteEntries(this.path, this.#placed, this.#hasKustomizations, this.#layout, (place) =>
          this.#hasKustomizations ? `${place}/` : chartFiles(this.#app, place),
        ),
      ],
      flux: flux === undefined ? [] : [fluxFolder(this.path)],
      argoCd: argoCd === undefined ? [] : [argoCdFolder(this.path)],
      hasUnits: this.#placed.some(({ units }) => units !== UnitState.NONE),
      hasMachines: this.#placed.some(({ hasMachines }) => hasMachines),
    };
  }

  /** Writes files outside of the output folder, right before files in it change. */
  save(): void {
    const { addressPlan } = this.#props;
    if (this.#read.lock === undefined || addressPlan === undefined || addressPlan.frozen === true) return;
    writeAddressLock(addressPlan.lockFile, showAddressLock(this.#read.lock));
  }

  /** The file that gets all problems, if there is one. */
  get reportFile(): string | undefined {
    return this.#props.reportFile;
  }

  /**
   * Writes all problems to the report; an empty list if there are none.
   * @returns why it cannot be written
   */
  report(problems: readonly Problem[]): readonly Problem[] {
    return writeReport(this.reportFile, this.path, problems);
  }

  #renderSite(site: Site, input: string, { render, claim }: SiteTools): readonly Problem[] {
    const scope = this.#scopeFor(site);
    const placedBefore = this.#placed.length;
    let badNames: readonly Problem[] = [];
    try {
      const build: (scope: Construct, site: Site) => unknown = this.#props.build;
      const unfinished = unfinishedProblem(build(scope, site));
      if (unfinished !== undefined) return [unfinished];
      badNames = chartNameProblems(scope);
      const facts: Fact[] = [];
      const { problems, files } = render(this.#part(scope, site, facts), this.#cache !== undefined);
      claim(facts);
      const charts = this.#placed.slice(placedBefore).map(placeOf);
      const all = [...badNames, ...problems];
      if (all.length === 0) this.#cache?.add(site.name, { input, files, facts, charts });
      return all;
    } catch (error) {
      if (error instanceof EdgeConstructsError) return [...badNames, ...placedProblems(error)];
      // A full disk is not a problem of a site.
      if (error instanceof UnwritableError) throw error;
      throw new Error(`Site '${site.name}' cannot be rendered: ${(error as Error).message}`, { cause: error });
    }
  }

  /** An app for one site: constructs store what must be unique in an app with its root, and are dropped with it. */
  #scopeFor(site: Site): Construct {
    const { resolvers } = this.#app as unknown as { readonly resolvers: readonly IResolver[] };
    const root = new App({ outdir: this.#app.outdir, resolvers: resolvers.slice(0, -BUILT_IN_RESOLVERS) });
    for (const [key, value] of Object.entries(this.#node.getAllContext() as Record<string, unknown>)) {
      root.node.setContext(key, value);
    }
    return [...this.path.split('/'), site.name].reduce<Construct>((scope, id) => new Construct(scope, id), root);
  }

  /** @param facts collects what the charts claim */
  #part(scope: Construct, site: Site, facts: Fact[]): RenderedPart {
    const fileOf = (chart: Chart): string =>
      this.#layout.placeIn(clusterOfSiteChart(chart, site.clusters), `${scope.node.path}/${chartName(scope, chart)}`);
    return {
      scope,
      fileOf,
      clusterOf: (chart) => clusterOfSiteChart(chart, site.clusters),
      filesOf: (chart, constructs, objects) => {
        for (const fact of this.#facts(scope, chart, constructs, objects, site)) facts.push(fact);
        return this.#place(chart, constructs, site, fileOf(chart));
      },
    };
  }

  #facts(
    scope: Construct,
    chart: Chart,
    constructs: readonly IConstruct[],
    objects: readonly ApiObject[],
    site: Site,
  ): readonly Fact[] {
    const facts = factsOfChart(chart, constructs, objects, site);
    if (!this.#hasEngine) return facts;
    const shared = new Set(objects.filter(isSharedObject).map(({ node: { path } }) => path));
    return [
      // Two owners of a namespace would take it from each other, and one whose site ends would delete it.
      ...facts.map((fact) =>
        fact.kind === FactKind.OBJECT && !shared.has(fact.path) ? { ...fact, content: undefined } : fact,
      ),
      ...namesOfChart(
        {
          site,
          chart: chartName(scope, chart),
          path: chart.node.path,
          cluster: clusterOfSiteChart(chart, site.clusters),
          level: clusterLevelOf(chart),
        },
        this.#props,
      ),
    ];
  }

  /** Records where a chart is, and makes its files if it has several. */
  #place(
    chart: Chart,
    constructs: readonly IConstruct[],
    site: Site,
    folder: string,
  ): readonly ExtraFile[] | undefined {
    const level = clusterLevelOf(chart);
    const { files, apart } = this.#hasKustomizations
      ? dividedKustomization(chart, sharedManifests(constructs))
      : { files: undefined, apart: [] };
    const placed: PlacedChart = {
      site,
      chart: folder.slice(folder.lastIndexOf('/') + 1),
      path: chart.node.path,
      folder,
      cluster: clusterOfSiteChart(chart, site.clusters),
      ...(level === undefined ? {} : { level }),
      units: unitStateOf(constructs),
      edgeUnits: unitsWithCluster(constructs),
      hasMachines: constructs.some((each) => each instanceof EdgeMachine),
      shared: apart.map((file) => this.#interned(file)),
    };
    this.#placed.push(placed);
    const inFolder = files?.map(({ path, content }) => ({ path: `${folder}/${path}`, content }));
    if (inFolder === undefined) return undefined;
    return this.#props.argoCd === undefined ? inFolder : [...inFolder, siteFile(placed)];
  }

  /** Stored once, because it is the same for all sites. */
  #interned(file: KustomizationFile): KustomizationFile {
    const known = this.#shared.get(file.content) ?? file;
    this.#shared.set(file.content, known);
    return known;
  }
}

/** What is stored about a chart, separately from its site. */
function placeOf(placed: PlacedChart): ChartPlace {
  const { chart, path, folder, cluster, level, units, edgeUnits, hasMachines, shared } = placed;
  return { chart, path, folder, cluster, level, units, edgeUnits, hasMachines, shared };
}

const BUILD = 'build';

/**
 * Refuses functions that return before they have made all charts (async functions, generators), because their sites would
 * lose files. TypeScript allows them where nothing should be returned.
 */
function unfinishedProblem(result: unknown): Problem | undefined {
  const { then, next } = (typeof result === 'object' && result !== null ? result : {}) as Record<string, unknown>;
  const isPromise = typeof then === 'function';
  if (!isPromise && typeof next !== 'function' && typeof result !== 'function') return undefined;
  // The result of the promise does not matter any more.
  if (isPromise) Promise.resolve(result).catch(() => undefined);
  return {
    field: BUILD,
    given: `a function that returns ${isPromise ? 'a promise' : typeof result === 'function' ? 'a function' : 'a generator'}`,
    allowed: 'a function that has created all charts when it returns',
    remedy: isPromise
      ? "Remove async from it: await what it needs before 'new Fleet', and give it to sites as values."
      : 'Let it create the charts itself.',
  };
}

/** A chart's path below its site, as one word. */
function chartName(scope: Construct, chart: Chart): string {
  return chart.node.path.slice(scope.node.path.length + 1).replaceAll('/', '-');
}

function chartNameProblems(scope: Construct): readonly Problem[] {
  return scope.node
    .findAll()
    .filter((each): each is Chart => Chart.isChart(each))
    .filter((chart) => !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(chartName(scope, chart)))
    .map((chart) => ({
      field: chart.node.path,
      given: `a chart with the id '${chart.node.id}'`,
      allowed: 'ids that are DNS labels: files are named after them',
      remedy: 'Rename the chart.',
    }));
}
