import * as fs from 'node:fs';
import type { Problem } from '../../core/problem';
import { visible } from '../../core/given';
import { isPlainObject, problem } from '../../core/rules';
import { writeDurably } from '../../render/durable-file';
import { unwritableFile } from '../../render/unwritable-folder';
import { repeatedKeys } from '../files/json-keys';

/** The kinds of ranges that are allocated to sites. */
export const RANGE_KINDS = ['pods', 'services', 'nodePorts'] as const;
export type RangeKind = (typeof RANGE_KINDS)[number];

/** The ranges of one site, as text. */
export type LockedRanges = Readonly<Partial<Record<RangeKind, string>>>;

/** All allocations so far. The lock is committed to Git, so that every run, on any machine, allocates the same ranges. */
export interface AddressLock {
  readonly sites: ReadonlyMap<string, LockedRanges>;
  /** Ranges of sites that are gone. They are not given to other sites until somebody removes them here. */
  readonly retired: ReadonlyMap<string, LockedRanges>;
}

const VERSION = 1;
const LARGEST_BYTES = 64 * 1024 * 1024;
const REMEDY = 'Restore the file from Git; without it all sites would get new addresses.';

/** @returns the lock, empty when there is no file yet, or what is wrong with the file */
export function readAddressLock(file: string): AddressLock | { readonly problems: readonly Problem[] } {
  if (!fs.existsSync(file)) return { sites: new Map(), retired: new Map() };
  const stat = fs.statSync(file);
  if (!stat.isFile() || stat.size > LARGEST_BYTES) {
    return { problems: [problem('addressPlan.lockFile', file, 'a file of at most 64 MiB', REMEDY)] };
  }
  const field = `addressPlan.lockFile ${file}`;
  const text = fs.readFileSync(file, 'utf8');
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    const given = `text that is not JSON (${(error as Error).message.slice(0, 100)})`;
    const allowed = 'the file as it was written; Git conflict markers must be resolved';
    return { problems: [{ field, given, allowed, remedy: REMEDY }] };
  }
  if (!isPlainObject(data) || data.version !== VERSION) {
    return { problems: [problem(field, data, `a lock file of version ${VERSION}`, REMEDY)] };
  }
  const sites = rangesByName(data.sites);
  const retired = rangesByName(data.retired ?? {});
  if (sites === undefined || retired === undefined) {
    return { problems: [problem(field, data, 'ranges by site, as they were written', REMEDY)] };
  }
  const twice = [
    ...repeatedKeys(text).map(({ path: above, key, values }) => twiceProblem(field, [...above, key].join('.'), values)),
    ...twoRanges(field, sites, retired),
  ];
  return twice.length > 0 ? { problems: twice } : { sites, retired };
}

/** After a merge, a site may be listed twice, as present and as gone. If both entries are the same, that is fine. */
function twoRanges(field: string, sites: AddressLock['sites'], retired: AddressLock['retired']): readonly Problem[] {
  return [...sites].flatMap(([name, ranges]) =>
    RANGE_KINDS.flatMap((kind) => {
      const [live, gone] = [ranges[kind], retired.get(name)?.[kind]];
      const isTwice = live !== undefined && gone !== undefined && live !== gone;
      return isTwice
        ? [twiceProblem(field, `sites.${name}`, [`${kind} ${live}`, `${kind} ${gone} under retired`])]
        : [];
    }),
  );
}

function twiceProblem(field: string, key: string, [first, second]: readonly [string, string]): Problem {
  return {
    field: visible(`${field} ${key}`),
    given: `two values: ${shown(first)} and ${shown(second)}`,
    allowed: 'each site once, with one range of each kind',
    remedy: 'Remove the one that the site does not use.',
  };
}

function shown(value: string): string {
  const text = visible(value);
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}

/** One line per site, sorted by name: a new site is one new line in Git. */
export function showAddressLock({ sites, retired }: AddressLock): string {
  const block = (entries: ReadonlyMap<string, LockedRanges>): string => {
    const lines = [...entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, ranges]) => {
        const shown = RANGE_KINDS.flatMap((kind) =>
          ranges[kind] === undefined ? [] : [`"${kind}": ${JSON.stringify(ranges[kind])}`],
        );
        return `    ${JSON.stringify(name)}: ${shown.length === 0 ? '{}' : `{ ${shown.join(', ')} }`}`;
      });
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`;
  };
  return `{\n  "version": ${VERSION},\n  "sites": ${block(sites)},\n  "retired": ${block(retired)}\n}\n`;
}

/**
 * Writes the lock, unless the file is up to date.
 * @throws Error when it cannot be written, as on a full disk; the old file stays
 */
export function writeAddressLock(file: string, text: string): void {
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return;
  try {
    writeDurably(file, text);
  } catch (error) {
    throw unwritableFile(file, error);
  }
}

function rangesByName(value: unknown): ReadonlyMap<string, LockedRanges> | undefined {
  if (!isPlainObject(value)) return undefined;
  const found = new Map<string, LockedRanges>();
  for (const [name, ranges] of Object.entries(value)) {
    if (!isPlainObject(ranges)) return undefined;
    const entries = Object.entries(ranges);
    if (!entries.every(([kind, text]) => RANGE_KINDS.some((each) => each === kind) && typeof text === 'string'))
      return undefined;
    found.set(name, ranges);
  }
  return found;
}
