import type { FleetData, SiteProps, SiteSettings } from './site';
import { problem } from '../core/rules';
import type { Problem } from '../core/problem';

/**
 * The settings of a site: defaults, then its template, region and ring, then the site itself; later ones win. Maps are
 * merged key by key, lists and everything else are replaced.
 */
export function settingsOf(site: SiteProps, fleet: FleetData): SiteSettings {
  const { template, region, ring } = site;
  return [
    fleet.defaults,
    template === undefined ? undefined : ownEntry(fleet.templates, template),
    region === undefined ? undefined : ownEntry(fleet.regions, region),
    ring === undefined ? undefined : ownEntry(fleet.rings, ring),
    ownSettings(site),
  ].reduce<SiteSettings>(
    (merged, layer) => (layer === undefined ? merged : (merge(merged, layer) as SiteSettings)),
    {},
  );
}

/** A template must exist. Regions and rings need no settings, but if some have them, a name without any is an error. */
export function unknownNames(site: SiteProps, fleet: FleetData, field: string): readonly Problem[] {
  const check = (name: string, value: string | undefined, all: object | undefined, mustExist: boolean): Problem[] => {
    if (value === undefined || (!mustExist && all === undefined) || (all !== undefined && Object.hasOwn(all, value)))
      return [];
    const names = Object.keys(all ?? {});
    const allowed = names.length === 0 ? `a name under ${name}s; none is declared there` : `one of ${names.join(', ')}`;
    return [problem(`${field}.${name}`, value, allowed, `Declare it under ${name}s, or name another.`)];
  };
  return [
    ...check('template', site.template, fleet.templates, true),
    ...check('region', site.region, fleet.regions, false),
    ...check('ring', site.ring, fleet.rings, false),
  ];
}

/** Merges two sets of fleet data: sites are concatenated, settings of the same name are merged. */
export function combine(a: FleetData, b: FleetData): FleetData {
  const sites = [...(a.sites ?? []), ...(b.sites ?? [])];
  return { ...(merge({ ...a, sites: undefined }, { ...b, sites: undefined }) as FleetData), sites };
}

function ownSettings({ nodes, autonomyLevel, network, clusters, ranges, labels, values }: SiteProps): SiteSettings {
  return { nodes, autonomyLevel, network, clusters, ranges, labels, values };
}

function ownEntry<T>(all: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return all !== undefined && Object.hasOwn(all, name) ? all[name] : undefined;
}

function merge(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isMap(below) || !isMap(above)) return above;
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    merged[key] = Object.hasOwn(merged, key) ? merge(merged[key], value) : value;
  }
  return merged;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
