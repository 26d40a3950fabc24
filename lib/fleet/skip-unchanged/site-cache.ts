import * as fs from 'node:fs';
import * as path from 'node:path';
import { contentHash } from '../../render/content-hash';
import type { Fact, FactKind } from '../checks/facts';
import type { KustomizationFile } from '../../render/kustomization';
import type { ChartPlace } from '../gitops/placed-chart';
import type { FileStamp } from '../../render/output-folder';

/** The stored result of rendering a site: enough to keep its files, and to compare the site with others. */
export interface CachedSite {
  /** Hash of everything that was declared of the site. */
  readonly input: string;
  readonly files: readonly FileStamp[];
  readonly facts: readonly Fact[];
  /** Its charts, for the files of GitOps controllers. */
  readonly charts: readonly ChartPlace[];
}

/** A chart in the file. What many charts share is stored once, and referred to by its index. */
type PackedChart = Omit<ChartPlace, 'shared'> & { readonly shared: readonly number[] };

/** Facts in the file: kind, scope, name, path and perhaps content; names of fields would double its size. */
type PackedFact = readonly [FactKind, string, string, string, string?];

interface CacheFile {
  readonly fingerprint: string;
  readonly shared: readonly KustomizationFile[];
  readonly sites: Readonly<
    Record<
      string,
      {
        readonly input: string;
        readonly files: readonly FileStamp[];
        readonly facts: readonly PackedFact[];
        readonly charts: readonly PackedChart[];
      }
    >
  >;
}

/** Stores the output of sites from one run to the next. */
export class SiteCache {
  readonly #fingerprint: string;
  readonly #outdir: string;
  readonly #before = new Map<string, CachedSite>();
  readonly #after = new Map<string, CachedSite>();
  #isChanged = false;

  /**
   * @param file where the last run left the cache; one that cannot be read counts as none, because it only saves time
   * @param fingerprint of everything but the sites that decides what they render to
   */
  constructor(file: string, fingerprint: string, outdir: string) {
    this.#fingerprint = fingerprint;
    this.#outdir = outdir;
    for (const [name, site] of read(file, fingerprint)) this.#before.set(name, site);
  }

  /** The stored result of a site, if nothing that it depends on has changed and its files are unchanged. */
  find(name: string, input: string): CachedSite | undefined {
    const known = this.#before.get(name);
    if (known?.input !== input) return undefined;
    const files = known.files.map((stamp) => this.#unchanged(stamp));
    if (!files.every((stamp) => stamp !== undefined)) return undefined;
    if (files.some((stamp, i) => stamp !== known.files[i])) this.#isChanged = true;
    const site = { ...known, files };
    this.#after.set(name, site);
    return site;
  }

  /** Stores the result of rendering a site. */
  add(name: string, site: CachedSite): void {
    this.#after.set(name, site);
    this.#isChanged = true;
  }

  /** The file's new content; `undefined` if it has not changed. */
  content(): string | undefined {
    if (!this.#isChanged && this.#after.size === this.#before.size) return undefined;
    const sites: Record<string, unknown> = {};
    const shared: KustomizationFile[] = [];
    // An object's file is named by what is in it.
    const places = new Map<string, number>();
    const placeOf = (file: KustomizationFile): number => {
      const known = places.get(file.content);
      if (known !== undefined) return known;
      places.set(file.content, shared.length);
      return shared.push(file) - 1;
    };
    for (const [name, site] of this.#after) {
      const charts = site.charts.map((chart) => ({ ...chart, shared: chart.shared.map(placeOf) }));
      sites[name] = { ...site, facts: site.facts.map(pack), charts };
    }
    return JSON.stringify({ fingerprint: this.#fingerprint, shared, sites });
  }

  /** A file whose time differs, as after a checkout, is compared by content. */
  #unchanged(stamp: FileStamp): FileStamp | undefined {
    const file = path.join(this.#outdir, stamp.path);
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat?.isFile() !== true || stat.size !== stamp.size) return undefined;
    if (stat.mtimeMs === stamp.mtimeMs) return stamp;
    return contentHash(fs.readFileSync(file)) === stamp.hash ? { ...stamp, mtimeMs: stat.mtimeMs } : undefined;
  }
}

function read(file: string, fingerprint: string): readonly (readonly [string, CachedSite])[] {
  try {
    const cache = JSON.parse(fs.readFileSync(file, 'utf8')) as CacheFile;
    if (cache.fingerprint !== fingerprint) return [];
    const chartOf = (chart: PackedChart): ChartPlace => ({ ...chart, shared: chart.shared.map((i) => at(cache, i)) });
    return Object.entries(cache.sites).map(([name, site]) => [
      name,
      { ...site, facts: site.facts.map(unpack), charts: site.charts.map(chartOf) },
    ]);
  } catch {
    return [];
  }
}

/** @throws Error when it is missing, because the file is incomplete */
function at({ shared }: CacheFile, place: number): KustomizationFile {
  const file = shared[place];
  if (file === undefined) throw new Error('missing');
  return file;
}

function pack({ kind, scope, name, path: where, content }: Fact): PackedFact {
  return content === undefined ? [kind, scope, name, where] : [kind, scope, name, where, content];
}

function unpack([kind, scope, name, where, content]: PackedFact): Fact {
  return { kind, scope, name, path: where, content };
}
