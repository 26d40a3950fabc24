import type { Problem } from '../../core/problem';
import { cidr } from '../../core/grammars/networks';
import { bool, integer, listOf, optional, problem, shape, text } from '../../core/rules';
import type { Rule } from '../../core/rule';
import { type AddressLock, type LockedRanges, RANGE_KINDS, type RangeKind, readAddressLock } from './address-lock';
import {
  type Interval,
  networkInterval,
  networkPool,
  overlaps,
  type OwnedInterval,
  type Pool,
  PoolAllocator,
  portPool,
} from './address-pool';
import type { SiteRanges } from '../site';

/** A network that is divided into equal blocks for sites. */
export interface NetworkPoolProps {
  /** The whole network, IPv4: `10.0.0.0/9`. */
  readonly network: string;
  /** Prefix length of a site's block: 8 to 22 for pods, 12 to 24 for Services. */
  readonly sitePrefix: number;
}

/** A port range that is divided into equal blocks for sites. */
export interface PortPoolProps {
  /** Lowest port, 1 to 65535. */
  readonly from: number;
  /** Highest port, included. */
  readonly to: number;
  /** How many ports a site gets. */
  readonly perSite: number;
}

/** Allocates address ranges to all sites, so that no two of them overlap. */
export interface AddressPlanProps {
  /**
   * File that records what was allocated; commit it to Git. A site keeps its ranges as long as it has a line in it,
   * whichever other sites come and go. Relative to the working directory.
   */
  readonly lockFile: string;
  /** Addresses for the pods of edge clusters. @default - none are allocated */
  readonly pods?: NetworkPoolProps;
  /** Addresses for the Services of edge clusters. @default - none are allocated */
  readonly services?: NetworkPoolProps;
  /** Ports for NodePort Services. @default - none are allocated */
  readonly nodePorts?: PortPoolProps;
  /** Networks that are never allocated: those of the cloud cluster, of offices, of sites' LANs. @default - none */
  readonly reserved?: readonly string[];
  /**
   * Refuses to allocate anything new. For CI, so that exactly what was reviewed is rendered.
   * @default false - new sites get ranges, and the lock file is written
   */
  readonly frozen?: boolean;
}

const anyNetwork: Rule = cidr({ minPrefix: 1, maxPrefix: 32 });

/** Rules for the props of an address plan. */
export const ADDRESS_PLAN: Rule = shape({
  lockFile: text(),
  pods: optional(shape({ network: anyNetwork, sitePrefix: integer({ min: 8, max: 22 }) })),
  services: optional(shape({ network: anyNetwork, sitePrefix: integer({ min: 12, max: 24 }) })),
  nodePorts: optional(
    shape({
      from: integer({ min: 1, max: 65535 }),
      to: integer({ min: 1, max: 65535 }),
      perSite: integer({ min: 1, max: 65535 }),
    }),
  ),
  reserved: optional(listOf(anyNetwork)),
  frozen: optional(bool()),
});

/** The result of a plan. */
export interface PlannedAddresses {
  readonly ranges: ReadonlyMap<string, SiteRanges>;
  /** The lock to write; `undefined` without a plan. */
  readonly lock: AddressLock | undefined;
  readonly problems: readonly Problem[];
}

/** A site for the plan: its name, the field that declares it, and the ranges that it asks for. */
export interface PlannedSite {
  readonly name: string;
  readonly field: string;
  readonly ranges: SiteRanges;
}

/** Allocates ranges to every site: those that it asks for, else those that it had, else the lowest free ones. */
export function planAddresses(sites: readonly PlannedSite[], plan: AddressPlanProps | undefined): PlannedAddresses {
  const read = plan === undefined ? undefined : readAddressLock(plan.lockFile);
  if (read !== undefined && 'problems' in read) return { ranges: new Map(), lock: undefined, problems: read.problems };
  const before = read ?? { sites: new Map<string, LockedRanges>(), retired: new Map<string, LockedRanges>() };
  // A site may be in both lists, with different kinds of ranges.
  const known = new Map(before.sites);
  for (const [name, ranges] of before.retired) known.set(name, { ...ranges, ...known.get(name) });
  const names = new Set(sites.map(({ name }) => name));
  const problems: Problem[] = plan === undefined || sites.length > 0 ? [] : [...nobodyLeft(before, plan)];
  const ranges = new Map<string, SiteRanges>(sites.map(({ name, ranges: own }) => [name, { ...own }]));
  for (const kind of RANGE_KINDS) {
    const allotted = allot({ kind, pool: poolOf(kind, plan), plan, sites, names, known });
    for (const each of allotted.problems) problems.push(each);
    for (const [name, range] of allotted.ranges) ranges.set(name, { ...ranges.get(name), [kind]: range });
  }
  return { ranges, lock: plan === undefined ? undefined : nextLock(sites, ranges, known, names), problems };
}

/** The state that ranges of one kind are allocated from. */
interface Allotment {
  readonly kind: RangeKind;
  /** Without a pool, nothing is allocated, but the ranges that sites ask for are still compared. */
  readonly pool: Pool | undefined;
  readonly plan: AddressPlanProps | undefined;
  readonly sites: readonly PlannedSite[];
  readonly names: ReadonlySet<string>;
  /** Earlier ranges, including those of sites that are gone. */
  readonly known: ReadonlyMap<string, LockedRanges>;
}

/** Ranges of one kind, by site, and their problems. */
interface Allotted {
  readonly ranges: Map<string, string>;
  readonly problems: Problem[];
}

function allot(allotment: Allotment): Allotted {
  const { kind, pool, plan } = allotment;
  const allotted: Allotted = { ranges: new Map(), problems: [] };
  const taken = kind === 'nodePorts' ? [] : reservedNetworks(plan);
  const open = takeOwn(allotment, allotted, taken);
  if (pool === undefined) {
    for (const [a, b] of overlaps(taken)) allotted.problems.push(clash(kind, a, b));
    return allotted;
  }
  takeRetired(allotment, pool, allotted, taken);
  for (const [a, b] of overlaps(taken)) allotted.problems.push(clash(kind, a, b));
  const lockFile = plan?.lockFile ?? '';
  if (plan?.frozen === true) {
    for (const site of open) allotted.problems.push(frozenProblem(site, kind, lockFile));
    return allotted;
  }
  if (open.length === 0) return allotted;
  const allocator = new PoolAllocator(pool, taken);
  for (const site of [...open].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const piece = allocator.next();
    if (piece === undefined) allotted.problems.push(usedUp(site, kind, pool, lockFile));
    else allotted.ranges.set(site.name, pool.show(piece));
  }
  return allotted;
}

function reservedNetworks(plan: AddressPlanProps | undefined): OwnedInterval[] {
  return (plan?.reserved ?? []).map((network) => ({
    ...(networkInterval(network) as Interval),
    owner: `the reserved network ${network}`,
  }));
}

/**
 * Takes the ranges that sites ask for, or had before.
 * @returns the sites that have no range yet
 */
function takeOwn(
  { kind, pool, plan, sites, known }: Allotment,
  { ranges, problems }: Allotted,
  taken: OwnedInterval[],
): readonly PlannedSite[] {
  const open: PlannedSite[] = [];
  for (const site of sites) {
    const own = site.ranges[kind];
    const had = pool === undefined ? undefined : known.get(site.name)?.[kind];
    const range = own ?? had;
    if (range === undefined) {
      open.push(site);
      continue;
    }
    const interval = (pool ?? poolKind(kind)).read(range);
    // A range that a site asks for need not be a block of the pool.
    if (interval === undefined || (own === undefined && pool !== undefined && !fits(interval, pool))) {
      problems.push(notInPool(site, kind, range, pool, plan?.lockFile ?? ''));
    } else {
      taken.push({ ...interval, owner: site.field });
      ranges.set(site.name, range);
    }
  }
  return open;
}

/** Takes the ranges of sites that are gone, because their nodes may still be running. */
function takeRetired(
  { kind, plan, names, known }: Allotment,
  pool: Pool,
  { problems }: Allotted,
  taken: OwnedInterval[],
): void {
  for (const [name, { [kind]: range }] of known) {
    if (names.has(name) || range === undefined) continue;
    const interval = pool.read(range);
    const owner = `retired site ${name} in ${plan?.lockFile ?? ''}`;
    if (interval !== undefined) taken.push({ ...interval, owner });
    // Otherwise it could be allocated to another site.
    else problems.push(problem(`${owner} ${kind}`, range, 'a range', 'Correct it, or remove the line.'));
  }
}

/** If all sites are gone, their list was probably lost; rarely does a whole fleet end. */
function nobodyLeft({ sites }: AddressLock, { lockFile }: AddressPlanProps): readonly Problem[] {
  if (sites.size === 0) return [];
  return [
    {
      field: 'sites',
      given: 'none',
      allowed: `at least one of the ${sites.size} sites in ${lockFile}`,
      remedy: 'Check sites and files. If all sites are gone for good, remove their lines.',
    },
  ];
}

function nextLock(
  sites: readonly PlannedSite[],
  ranges: ReadonlyMap<string, LockedRanges>,
  known: ReadonlyMap<string, LockedRanges>,
  names: ReadonlySet<string>,
): AddressLock {
  return {
    sites: new Map(sites.map(({ name }) => [name, { ...known.get(name), ...ranges.get(name) }])),
    retired: new Map([...known].filter(([name]) => !names.has(name))),
  };
}

function poolOf(kind: RangeKind, plan: AddressPlanProps | undefined): Pool | undefined {
  if (kind === 'nodePorts') {
    return plan?.nodePorts === undefined
      ? undefined
      : portPool(plan.nodePorts.from, plan.nodePorts.to, plan.nodePorts.perSite);
  }
  const props = plan?.[kind];
  return props === undefined ? undefined : networkPool(props.network, props.sitePrefix);
}

/** Reads ranges of a kind that no pool is declared for. */
function poolKind(kind: RangeKind): Pool {
  return kind === 'nodePorts' ? portPool(1, 65535, 1) : networkPool('0.0.0.0/1', 24);
}

function fits(interval: Interval, pool: Pool): boolean {
  const offset = interval.start - pool.start;
  return (
    interval.end - interval.start === pool.size && offset >= 0 && offset % pool.size === 0 && interval.end <= pool.end
  );
}

function notInPool(
  site: PlannedSite,
  kind: RangeKind,
  given: string,
  pool: Pool | undefined,
  lockFile: string,
): Problem {
  return problem(
    `${site.field} ${kind}`,
    given,
    `a block of the pool: ${pool?.name ?? 'none'}`,
    `Widen the pool again, or remove the site's line from ${lockFile} to allocate new ranges: the site must then be set up again.`,
  );
}

function clash(kind: RangeKind, first: OwnedInterval, second: OwnedInterval): Problem {
  // The error is about the site, because the reserved network can't change.
  const [a, b] = second.owner.startsWith('site ') ? [first, second] : [second, first];
  const show = ({ start, end }: Interval): string => poolText(kind, start, end);
  return {
    field: `${b.owner} ${kind}`,
    given: show(b),
    allowed: `a range that no other site has; ${a.owner} has ${show(a)}`,
    remedy: 'Change one of the two; if both are in the lock file, remove the line of the site that is not set up yet.',
  };
}

function poolText(kind: RangeKind, start: number, end: number): string {
  if (kind === 'nodePorts') return portPool(1, 65535, 1).show({ start, end });
  return networkPool('0.0.0.0/1', 32 - Math.round(Math.log2(end - start))).show({ start, end });
}

function frozenProblem(site: PlannedSite, kind: RangeKind, lockFile: string): Problem {
  return {
    field: `${site.field} ${kind}`,
    given: 'a site that does not have one yet',
    allowed: `sites with a line in ${lockFile}, because the plan is frozen`,
    remedy: 'Run once without frozen, and commit the lock file.',
  };
}

function usedUp(site: PlannedSite, kind: RangeKind, pool: Pool, lockFile: string): Problem {
  return {
    field: `${site.field} ${kind}`,
    given: 'a site that does not have one yet',
    allowed: `as many sites as there are blocks in the pool: ${pool.name}`,
    remedy: `Widen the pool, or remove lines of retired sites from ${lockFile}.`,
  };
}
