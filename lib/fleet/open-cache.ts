import * as path from 'node:path';
import type { App } from 'cdk8s';
import type { Node } from 'constructs';
import { EdgeConstructsError } from '../core/error';
import { problem } from '../core/rules';
import type { FleetProps } from './fleet-props';
import { OWN_FOLDER } from './output-folder';
import { contentHash, SiteCache } from './site-cache';
import { hashSources } from './source-hash';

/** Packages whose version decides what constructs render to. */
const PACKAGES = ['cdk8s/package.json', 'cdk8s-plus-27/package.json', 'constructs/package.json'];

/** Where a fleet remembers what its sites rendered to, below {@link OWN_FOLDER}. */
export function cacheName(fleetPath: string): string {
  return `cache-${fleetPath.replaceAll('/', '-')}.json`;
}

/**
 * @returns what the last run left; `undefined` when nothing is to be skipped
 * @throws {@link EdgeConstructsError} when a source does not exist
 */
export function openCache(app: App, node: Node, props: FleetProps): SiteCache | undefined {
  if (props.skipUnchanged === undefined) return undefined;
  const { files = [], addressPlan, reportFile } = props;
  // What changes with the sites is compared site by site.
  const without = [
    app.outdir,
    ...files,
    ...(addressPlan ? [addressPlan.lockFile] : []),
    ...(reportFile ? [reportFile] : []),
  ];
  // This library itself is a source, too, whatever its version says.
  const hashed = hashSources([...props.skipUnchanged.sources, path.join(__dirname, '..')], without);
  if ('missing' in hashed) {
    throw new EdgeConstructsError(node.path, 'Fleet', [
      problem(
        'skipUnchanged.sources',
        hashed.missing,
        'files and folders that exist',
        'Correct the path; it is relative to the working directory.',
      ),
    ]);
  }
  const fingerprint = contentHash(
    JSON.stringify([
      hashed.hash,
      process.version,
      process.env.CDK8S_DISABLE_SORT,
      PACKAGES.map(versionOf),
      [app.yamlOutputType, app.outputFileExtension, node.getAllContext()],
      [props.kustomize, props.argoCd, props.flux],
    ]),
  );
  return new SiteCache(path.join(app.outdir, OWN_FOLDER, cacheName(node.path)), fingerprint, path.resolve(app.outdir));
}

function versionOf(packageFile: string): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require(packageFile) as { readonly version: string }).version;
}
