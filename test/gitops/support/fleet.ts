import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import {
  type AutonomyLevel,
  ClusterLevel,
  Fleet,
  FleetApp,
  FleetProgress,
  KinsCluster,
  type KinsClusterProps,
  setCluster,
} from '../../../lib';
import { forgetWriters } from '../../../lib/render/output-folder';

/** Sites by name, with the level of each, what else is said of its unit, and whether something goes into its K3s cluster. */
export type Sites = Record<
  string,
  Partial<KinsClusterProps> & { readonly autonomyLevel: AutonomyLevel; readonly hasEdgeChart?: boolean }
>;

/** A repository that a fleet is rendered into again and again. */
export class Repository {
  /** The folder that `dist` is in. */
  public readonly folder = mkdtempSync(join(tmpdir(), 'edge-constructs-gitops-'));

  /** The folder that is rendered into. */
  public readonly dist = join(this.folder, 'dist');

  /** Renders a fleet, as a user's program does: each site has a unit, and an object of another chart. */
  public render(sites: Sites, engine: 'flux' | 'argocd' = 'flux', fleet = 'sites'): void {
    // Each run of a program is a process of its own.
    forgetWriters();
    const app = new FleetApp({ outdir: this.dist, progress: FleetProgress.OFF });
    new Fleet(app, fleet, {
      sites: Object.keys(sites).map((name) => ({
        name,
        nodes: ['1', '2', '3'].map((n) => ({ name: `${name}-${n}` })),
      })),
      ...(engine === 'flux'
        ? { flux: { gitRepository: 'fleet' } }
        : { argoCd: { repoUrl: 'https://git.example.org/fleet.git', automated: true } }),
      build: (scope, site) => {
        const nodes = site.nodeNames;
        const { hasEdgeChart = false, ...unit } = sites[site.name] ?? {};
        new KinsCluster(new Chart(scope, 'cloud'), site.name, { nodes, credentialsInConfigMap: true, ...unit });
        if (hasEdgeChart) {
          const pos = new Chart(scope, 'pos');
          setCluster(pos, { level: ClusterLevel.EDGE_CLUSTER });
          new ApiObject(pos, 'pos', {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'pos', namespace: 'default' },
          });
        }
        new ApiObject(new Chart(scope, 'apps'), 'app', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `app-${site.name}`, namespace: 'default' },
        });
      },
    });
    app.synth();
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
