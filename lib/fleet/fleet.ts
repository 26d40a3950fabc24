import { Construct } from 'constructs';
import { EdgeConstructsError } from '../core/error';
import { PropsCheck } from '../core/props-check';
import { isPlainObject } from '../core/rules';
import { checkTogether } from './checks/fleet-check';
import { FLEET_PROPS, type FleetProps } from './fleet-props';
import { readFleet } from './fleet-sites';
import { FleetSource } from './fleet-source';
import { addFleetSource } from './fleet-sources';
import { reportFileOf, writeReport } from './checks/report';
import { FleetApp } from './fleet-app';
import { byField } from '../render/gathered-problems';
import type { Site } from './site';

/**
 * Many sites, declared in TypeScript or in files, checked together and rendered one after another.
 *
 * ```ts
 * const app = new FleetApp();
 * new Fleet(app, 'sites', {
 *   files: ['sites.yaml'],
 *   build: (scope, site) => {
 *     const chart = new Chart(scope, 'cloud');
 *     new KinsCluster(chart, site.name, { nodes: site.nodeNames, autonomyLevel: site.autonomyLevel });
 *   },
 * });
 * app.synth(); // dist/sites/<site>/cloud.k8s.yaml
 * ```
 *
 * Whatever can be checked without the sites' constructs is checked at once, the rest when the app is synthesized. Either
 * way, all problems of all sites come in one sorted error.
 *
 * A site's constructs exist only while it is rendered, in an app of their own: so ten thousand sites need no more memory
 * than one. They may depend on constructs outside, but not the other way round. What sites add to a common object, as
 * datacenters do to a Seed, is declared outside, from {@link Fleet.sites}.
 */
export class Fleet extends Construct {
  /** All sites, in the order of their declaration. */
  readonly sites: readonly Site[];

  /**
   * @param scope the app, or a construct in it outside all charts
   * @param id the construct's id, which is the folder of the sites below the output folder
   * @throws {@link EdgeConstructsError} when a prop, a file or a site is wrong, or two sites share something
   * that only one may have
   */
  constructor(scope: Construct, id: string, props: FleetProps) {
    const { root } = scope.node;
    const check = new PropsCheck(scope, id, 'Fleet');
    props = check.props(props, FLEET_PROPS);
    const declared = check.problems.slice();
    checkTogether(check, scope, id, props);
    const read = readFleet(isPlainObject(props) ? props : {}, declared);
    check.addAll([...read.problems].sort(byField));
    const report = reportFileOf(props);
    try {
      check.throwIfAny(report);
    } catch (error) {
      if (!(error instanceof EdgeConstructsError)) throw error;
      const unreported = writeReport(report, error.path, error.problems);
      if (unreported.length === 0) throw error;
      throw new EdgeConstructsError(error.path, 'Fleet', [...unreported, ...error.problems]);
    }
    super(scope, id);
    check.entered(this);
    this.sites = read.sites;
    if (root instanceof FleetApp) addFleetSource(root, new FleetSource(root, this.node, props, read));
  }
}
