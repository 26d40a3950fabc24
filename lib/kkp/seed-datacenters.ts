import type { IConstruct } from 'constructs';

/** An entry of `spec.datacenters` in a Seed. */
export interface DatacenterManifest {
  readonly country?: string;
  readonly location?: string;
  readonly node?: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

const datacenters = new WeakMap<IConstruct, Map<string, DatacenterManifest>>();

/** Adds a datacenter to the Seed object of its seed. */
export function addDatacenter(seed: IConstruct, name: string, manifest: DatacenterManifest): void {
  const own = datacenters.get(seed);
  if (own === undefined) datacenters.set(seed, new Map([[name, manifest]]));
  else own.set(name, manifest);
}

/** All datacenters declared for a seed so far. */
export function datacentersOf(seed: IConstruct): ReadonlyMap<string, DatacenterManifest> {
  return datacenters.get(seed) ?? new Map();
}
