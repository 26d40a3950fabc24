import * as fs from 'node:fs';
import * as path from 'node:path';
import { isPlainObject } from '../core/rules';
import { problem } from '../core/rules';
import type { Problem } from '../core/error';

/** The kinds of ranges that are allotted to sites. */
export const RANGE_KINDS = ['pods', 'services', 'nodePorts'] as const;
export type RangeKind = (typeof RANGE_KINDS)[number];

/** The ranges of one site, as text. */
export type LockedRanges = Readonly<Partial<Record<RangeKind, string>>>;

/** What has been allotted so far: committed to Git, so that every run, everywhere, allots the same. */
export interface AddressLock {
  readonly sites: ReadonlyMap<string, LockedRanges>;
  /** Ranges of sites that are gone. They are not given to others before somebody removes them here. */
  readonly retired: ReadonlyMap<string, LockedRanges>;
}

const VERSION = 1;
const LARGEST_BYTES = 64 * 1024 * 1024;
const REMEDY = 'Restore the file from Git; without it all sites would get new addresses.';

/** @returns the lock, empty when there is no file yet, or what is wrong with the file */
export function readAddressLock(file: string): AddressLock | Problem {
  if (!fs.existsSync(file)) return { sites: new Map(), retired: new Map() };
  const stat = fs.statSync(file);
  if (!stat.isFile() || stat.size > LARGEST_BYTES) {
    return problem('addressPlan.lockFile', file, 'a file of at most 64 MiB', REMEDY);
  }
  let data: unknown;
  try {
    data = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    return {
      field: `addressPlan.lockFile ${file}`,
      given: `text that is not JSON (${(error as Error).message.slice(0, 100)})`,
      allowed: 'the file as it was written; the marks of a Git conflict must be resolved',
      remedy: REMEDY,
    };
  }
  if (!isPlainObject(data) || data.version !== VERSION) {
    return problem(`addressPlan.lockFile ${file}`, data, `a lock of version ${VERSION}`, REMEDY);
  }
  const sites = rangesByName(data.sites);
  const retired = rangesByName(data.retired ?? {});
  if (sites === undefined || retired === undefined) {
    return problem(`addressPlan.lockFile ${file}`, data, 'ranges by site, as they were written', REMEDY);
  }
  return { sites, retired };
}

/** One line a site, sorted by name: a new site is one new line in Git. */
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

/** Writes the lock whole or not at all; not when it says the same already. */
export function writeAddressLock(file: string, text: string): void {
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return;
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  const fresh = `${file}.${process.pid}.new`;
  fs.writeFileSync(fresh, text);
  fs.renameSync(fresh, file);
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
