import type { Problem } from '../core/problem';
import { ownCopy } from '../core/own-copy';
import { problem, shape } from '../core/rules';
import { type AddressLock } from './addresses/address-lock';
import { type AddressPlanProps, planAddresses } from './addresses/address-plan';
import { portInterval } from './addresses/address-pool';
import { clustersWithDefaults } from './cluster-names';
import { Collisions } from './checks/collisions';
import { factsOfSite } from './checks/facts';
import type { FleetProps } from './fleet-props';
import { combine, settingsOf, unknownNames } from './merge-settings';
import type { FleetData, Site, SiteProps, SiteRanges, SiteSettings } from './site';
import { readSiteFile } from './files/site-file';
import { FLEET_DATA } from './checks/site-rules';

/** What applies to many sites. */
const SETTINGS = ['defaults', 'templates', 'regions', 'rings'] as const;

/** The result of a fleet's declaration. */
export interface FleetSites {
  readonly sites: readonly Site[];
  /** The address lock to write before the sites' files; `undefined` without an address plan. */
  readonly lock: AddressLock | undefined;
  readonly problems: readonly Problem[];
}

/** A site with the place that declares it: a prop, or a line of a file. */
interface DeclaredSite {
  readonly site: SiteProps;
  readonly inFile: (problem: Problem) => Problem;
  readonly field: string;
  /** File, line and column, if a file declares it. */
  readonly placeOf?: (field: string) => string;
}

const AS_IS = (problem: Problem): Problem => problem;

/**
 * Reads all files, merges settings, allocates addresses and compares sites with each other. Problems do not stop other
 * checks, unless those depend on them.
 *
 * @param props as they were given
 * @param wrong their problems
 */
export function readFleet(props: Partial<FleetProps>, wrong: readonly Problem[]): FleetSites {
  const isFine = (prop: string): boolean => wrong.every(({ field }) => !new RegExp(`^${prop}\\b`).test(field));
  const problems: Problem[] = [];
  const own = soundPart(props, wrong);
  let data: FleetData = { ...own.data, sites: [] };
  // Whether all settings that sites may refer to are known.
  let isWhole = own.isWhole && isFine('files');
  const declared: DeclaredSite[] = own.sites.map(([i, site]) => ({ site, inFile: AS_IS, field: `sites[${i}]` }));
  for (const file of isFine('files') ? (props.files ?? []) : []) {
    const read = readSiteFile(file);
    if ('field' in read) {
      problems.push(read);
      isWhole = false;
      continue;
    }
    const { inFile, placeOf } = read;
    const found = shape(FLEET_DATA)(read.data, '');
    for (const each of found) problems.push(inFile(each));
    for (const each of read.problems) problems.push(each);
    const sound = soundPart(ownCopy(read.data), found);
    isWhole &&= sound.isWhole;
    data = combine(data, { ...sound.data, sites: [] });
    for (const [i, site] of sound.sites) declared.push({ site, inFile, placeOf, field: `sites[${i}]` });
  }
  const addressPlan = isFine('addressPlan') ? props.addressPlan : undefined;
  const read = resolve(declared, data, {
    addressPlan,
    isWhole,
    areAllThere: isWhole && problems.length === 0 && isFine('sites'),
  });
  return { ...read, problems: [...problems, ...read.problems] };
}

/** The part without problems: the sites, with their indices, and the settings. */
function soundPart(
  data: Partial<FleetData>,
  wrong: readonly Problem[],
): { readonly data: FleetData; readonly isWhole: boolean; readonly sites: readonly (readonly [number, SiteProps])[] } {
  const heads = new Set(wrong.map(({ field }) => /^\w+(?:\[\d+\])?/.exec(field)?.[0]));
  const settings = SETTINGS.filter((name) => !heads.has(name)).map((name) => [name, data[name]] as const);
  const all = heads.has('sites') || heads.has('props') ? [] : (data.sites ?? []);
  return {
    data: Object.fromEntries(settings),
    isWhole: settings.length === SETTINGS.length && !heads.has('props'),
    sites: all.flatMap((site, i) => (heads.has(`sites[${i}]`) ? [] : [[i, site] as const])),
  };
}

interface Surroundings {
  readonly addressPlan: AddressPlanProps | undefined;
  /** Whether all settings are known. */
  readonly isWhole: boolean;
  /** Whether all declared sites are included. */
  readonly areAllThere: boolean;
}

function resolve(
  declared: readonly DeclaredSite[],
  data: FleetData,
  { addressPlan, isWhole, areAllThere }: Surroundings,
): FleetSites {
  const problems: Problem[] = [];
  const first = new Map<string, DeclaredSite>();
  const sound: DeclaredSite[] = [];
  for (const each of declared) {
    const { site, inFile, field } = each;
    const own = isWhole ? [...unknownNames(site, data, field)] : [];
    const owner = first.get(site.name);
    if (owner === undefined) first.set(site.name, each);
    else {
      const place = owner.inFile(problem(owner.field, undefined, '', '')).field;
      own.push(problem(`${field}.name`, site.name, `each site once; ${place} has this name`, 'Rename one of the two.'));
    }
    for (const one of own) problems.push(inFile(one));
    if (own.length === 0) sound.push(each);
  }
  if (!isWhole || (sound.length === 0 && !areAllThere)) return { sites: [], lock: undefined, problems };

  const settings = sound.map(({ site }) => settingsOf(site, data));
  const planned = sound.map(({ site }, i) => ({
    name: site.name,
    field: `site ${site.name}`,
    ranges: settings[i]?.ranges ?? {},
  }));
  const plan = planAddresses(planned, addressPlan);
  // Programs get these objects, so they are frozen: what was checked must be what is rendered.
  const sites = ownCopy(sound.map(({ site }, i) => siteOf(site, settings[i] ?? {}, plan.ranges.get(site.name) ?? {})));
  const collisions = new Collisions();
  sites.forEach((site) => {
    collisions.add(factsOfSite(site, `site ${site.name}`));
  });
  for (const each of [...plan.problems, ...collisions.problems]) problems.push(withPlaces(each, first));
  return { sites, lock: plan.lock, problems };
}

/** Adds to each site of a file where it is declared. */
function withPlaces({ field, allowed, ...rest }: Problem, declared: ReadonlyMap<string, DeclaredSite>): Problem {
  const placed = (text: string): string =>
    text.replace(/(?<!retired )\bsite ([-a-z0-9]+)((?:\.\w+(?:\[\d+\])?)*)/g, (whole, name: string, path: string) => {
      const { placeOf, field: own } = declared.get(name) ?? {};
      return placeOf === undefined || own === undefined ? whole : `${whole} (${placeOf(own + path)})`;
    });
  return { field: placed(field), allowed: placed(allowed), ...rest };
}

function siteOf({ name, region, ring }: SiteProps, settings: SiteSettings, ranges: SiteRanges): Site {
  const nodes = settings.nodes ?? [];
  const ports = ranges.nodePorts === undefined ? undefined : portInterval(ranges.nodePorts);
  const addresses = nodes.flatMap((node): [string, string][] =>
    node.address === undefined ? [] : [[node.name, node.address]],
  );
  return {
    name,
    region,
    ring,
    network: settings.network ?? name,
    autonomyLevel: settings.autonomyLevel,
    nodes,
    nodeNames: nodes.map((node) => node.name),
    nodeAddresses: nodes.length > 0 && addresses.length === nodes.length ? byName(addresses) : undefined,
    clusters: clustersWithDefaults(settings.clusters, name),
    podCidr: ranges.pods,
    serviceCidr: ranges.services,
    nodePorts: ports === undefined ? undefined : { from: ports.start, to: ports.end - 1 },
    labels: settings.labels ?? {},
    values: settings.values ?? {},
  };
}

/**
 * A map without a prototype, which V8 stores as a hash table. For other objects, V8 remembers every first key in one list
 * per process; thousands of node names would fill it, and then all objects that are built key by key would become slow and
 * large.
 */
function byName(entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const table = Object.create(null) as Record<string, string>;
  for (const [name, value] of entries) table[name] = value;
  return table;
}
