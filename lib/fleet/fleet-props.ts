import type { Construct } from 'constructs';
import { bool, listOf, optional, rule, shape, text } from '../core/rules';
import type { Rule } from '../core/rule';
import { ADDRESS_PLAN, type AddressPlanProps } from './addresses/address-plan';
import { ARGO_CD, type ArgoCdProps, FLUX, type FluxProps } from './gitops/props';
import type { FleetData, Site } from './site';
import { FLEET_DATA } from './checks/site-rules';

/** Props of a {@link Fleet}. Sites and their settings come from props, from files, or from both. */
export interface FleetProps extends FleetData {
  /**
   * Creates the constructs of one site: charts in `scope`, whose ids name their files. Called once for each site, when the
   * app is synthesized; what it creates is dropped when the site's files are written. It must not be async: a promise is
   * refused.
   */
  readonly build: (scope: Construct, site: Site) => void;

  /**
   * Files with sites, templates, regions and rings: YAML, JSON or CSV, by their extension. Relative to the working
   * directory. The JSON Schema for editors is `edge-constructs/fleet.schema.json`.
   * @default - none
   */
  readonly files?: readonly string[];

  /**
   * Skips sites whose output would be the same as in the last run.
   * @default - every site is rendered in every run
   */
  readonly skipUnchanged?: SkipUnchangedProps;

  /** Address ranges for all sites. @default - sites have the ranges that they declare, if any */
  readonly addressPlan?: AddressPlanProps;

  /**
   * Writes a folder for each chart, with a file for each object and a `kustomization.yaml` that lists them in order. The
   * namespace of units is in `shared/<cluster>` instead, because a cluster has it only once.
   * @default - true with `argoCd` or `flux`, otherwise false: one file for each chart
   */
  readonly kustomize?: boolean;

  /** Writes an Argo CD ApplicationSet for the fleet. @default - none is written */
  readonly argoCd?: ArgoCdProps;

  /** Writes Flux Kustomizations for the fleet. @default - none are written */
  readonly flux?: FluxProps;

  /**
   * File that gets all problems of all sites as JSON, on every run; outside the output folder. Relative to the working
   * directory.
   * @default - problems are reported by the error only
   */
  readonly reportFile?: string;
}

/** How a fleet detects that the output of a site would be the same. */
export interface SkipUnchangedProps {
  /**
   * Files and folders whose content, together with the site's data, determines the output of a site: your program, and the
   * lock file of your package manager. A site is rendered again when any of them changes. Nothing else that the program
   * reads (the environment, the clock, the network) may influence the output. Of folders, `node_modules`, the output
   * folder, `files` and the address plan's lock file are left out.
   */
  readonly sources: readonly string[];
}

/** Rules for all props of a fleet. */
export const FLEET_PROPS: Readonly<Record<string, Rule>> = {
  build: rule(
    (value) => typeof value === 'function',
    'a function (scope, site)',
    'Pass a function that creates charts.',
  ),
  files: optional(
    listOf(text(), {
      min: 1,
      uniqueBy: (file) => file,
      remedy: 'A pattern that matched no file? Leave files out if there are none.',
    }),
  ),
  skipUnchanged: optional(shape({ sources: listOf(text(), { min: 1, remedy: 'Name your program.' }) })),
  addressPlan: optional(ADDRESS_PLAN),
  kustomize: optional(bool()),
  argoCd: optional(ARGO_CD),
  flux: optional(FLUX),
  reportFile: optional(text()),
  ...FLEET_DATA,
};
