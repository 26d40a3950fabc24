import type { DatacenterManifest } from './edge-datacenter-manifest';
import type { Seed } from './seed';

const datacenters = new WeakMap<Seed, Map<string, DatacenterManifest>>();

/** Adds a datacenter to the Seed object of its seed. */
export function addDatacenter(seed: Seed, name: string, manifest: DatacenterManifest): void {
  const own = datacenters.get(seed);
  if (own === undefined) datacenters.set(seed, new Map([[name, manifest]]));
  else own.set(name, manifest);
}

/** All datacenters declared for a seed so far. */
export function datacentersOf(seed: Seed): ReadonlyMap<string, DatacenterManifest> {
  return datacenters.get(seed) ?? new Map();
}
