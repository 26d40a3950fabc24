import type { Problem } from '../core/error';
import { ownCopy } from '../core/own-copy';
import { problem, shape } from '../core/rules';
import { type AddressLock } from './address-lock';
import { planAddresses } from './address-plan';
import { portInterval } from './address-pool';
import { clustersWithDefaults } from './cluster-names';
import { Collisions } from './collisions';
import { factsOfSite } from './facts';
import type { FleetProps } from './fleet-props';
import { combine, settingsOf, unknownNames } from './merge-settings';
import type { FleetData, Site, SiteProps, SiteRanges, SiteSettings } from './site';
import { readSiteFile } from './site-file';
import { FLEET_DATA } from './site-rules';

/** What a fleet's declaration comes to. */
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
}

const AS_IS = (problem: Problem): Problem => problem;

/**
 * Reads all files, merges settings, allots addresses and looks for what sites have in common and must not.
 *
 * @param props checked already
 */
export function readFleet(props: FleetProps): FleetSites {
  const problems: Problem[] = [];
  let data: FleetData = { ...pick(props), sites: [] };
  const declared: DeclaredSite[] = (props.sites ?? []).map((site, i) => ({
    site,
    inFile: AS_IS,
    field: `sites[${i}]`,
  }));
  for (const file of props.files ?? []) {
    const read = readSiteFile(file);
    if ('field' in read) {
      problems.push(read);
      continue;
    }
    const found = shape(FLEET_DATA)(read.data, '');
    problems.push(...found.map(read.inFile));
    if (found.length > 0) continue;
    const content = ownCopy(read.data) as FleetData;
    data = combine(data, { ...pick(content), sites: [] });
    (content.sites ?? []).forEach((site, i) => declared.push({ site, inFile: read.inFile, field: `sites[${i}]` }));
  }
  // What a site refers to may stand in a file that could not be read.
  if (problems.length > 0) return { sites: [], lock: undefined, problems };
  return resolve(declared, data, props);
}

function resolve(declared: readonly DeclaredSite[], data: FleetData, props: FleetProps): FleetSites {
  const problems: Problem[] = [];
  const settings: SiteSettings[] = [];
  const first = new Map<string, string>();
  const place = ({ inFile, field }: DeclaredSite): string => inFile(problem(field, undefined, '', '')).field;
  for (const each of declared) {
    const { site, inFile, field } = each;
    settings.push(settingsOf(site, data));
    const own = [...unknownNames(site, data, field)];
    const owner = first.get(site.name);
    if (owner !== undefined) {
      own.push(problem(`${field}.name`, site.name, `each site once; ${owner} has this name`, 'Rename one of the two.'));
    }
    problems.push(...own.map(inFile));
    if (owner === undefined) first.set(site.name, place(each));
  }
  if (problems.length > 0) return { sites: [], lock: undefined, problems };

  const planned = declared.map((each, i) => ({
    name: each.site.name,
    field: `site ${each.site.name}`,
    ranges: settings[i]?.ranges ?? {},
  }));
  const plan = planAddresses(planned, props.addressPlan);
  // Programs get them, and what they have been checked as is what is rendered.
  const sites = ownCopy(
    declared.map(({ site }, i) => siteOf(site, settings[i] ?? {}, plan.ranges.get(site.name) ?? {})),
  );
  const collisions = new Collisions();
  sites.forEach((site) => {
    collisions.add(factsOfSite(site, `site ${site.name}`));
  });
  return { sites, lock: plan.lock, problems: [...plan.problems, ...collisions.problems] };
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
 * Without a prototype, V8 keeps an object as a table. Of others it remembers every first key in one list for the whole
 * process; thousands of node names would fill it, and make all objects that any code builds key by key slow and large.
 */
function byName(entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const table = Object.create(null) as Record<string, string>;
  for (const [name, value] of entries) table[name] = value;
  return table;
}

function pick({ defaults, templates, regions, rings }: FleetData): FleetData {
  return { defaults, templates, regions, rings };
}
