import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import type { AutonomyLevel } from '../../../lib';
import { Fleet, FleetApp, FleetProgress, KinsCluster } from '../../../lib';

/** Sites by name, with the level of each; one node for each server. */
export type Sites = Readonly<Record<string, AutonomyLevel>>;

/** A repository that a fleet is rendered into again and again. */
export class Repository {
  /** The folder that `dist` is in. */
  public readonly folder = mkdtempSync(join(tmpdir(), 'edge-constructs-gitops-'));

  /** The folder that is rendered into. */
  public readonly dist = join(this.folder, 'dist');

  /** Renders a fleet, as a user's program does. */
  public render(sites: Sites, fleet = 'sites'): void {
    const app = new FleetApp({ outdir: this.dist, progress: FleetProgress.OFF });
    new Fleet(app, fleet, {
      sites: Object.entries(sites).map(([name, autonomyLevel]) => ({
        name,
        autonomyLevel,
        nodes: ['1', '2', '3'].map((number) => ({ name: `${name}-${number}` })),
      })),
      flux: { gitRepository: 'fleet', interval: '10m' },
      build: (scope, site) => {
        new KinsCluster(new Chart(scope, 'cloud'), site.name, {
          nodes: site.nodeNames,
          autonomyLevel: site.autonomyLevel,
        });
      },
    });
    app.synth();
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
