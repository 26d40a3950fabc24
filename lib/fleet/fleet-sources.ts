import type { App } from 'cdk8s';
import { Attached } from '../core/attached';
import type { FleetSource } from './fleet-source';

const sources = new Attached<App, FleetSource[]>();

/** Makes an app render a fleet; only a `FleetApp` does. */
export function addFleetSource(app: App, source: FleetSource): void {
  const known = sources.get(app);
  if (known === undefined) sources.set(app, [source]);
  else known.push(source);
}

/** The fleets of an app, in the order they were declared. */
export function fleetSourcesOf(app: App): readonly FleetSource[] {
  return sources.get(app) ?? [];
}
