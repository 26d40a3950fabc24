import * as path from 'node:path';
import type { App } from 'cdk8s';
import type { Node } from 'constructs';
import { EdgeConstructsError } from '../../core/error';
import { problem } from '../../core/rules';
import type { FleetProps } from '../fleet-props';
import { fileOptionsOf } from '../file-options';
import { hashOfLibrary } from './library-hash';
import { OWN_FOLDER } from '../../render/output-folder';
import { contentHash } from '../../render/content-hash';
import { SiteCache } from './site-cache';
import { hashSources, type UnreadableSource } from './source-hash';

/* eslint-disable @typescript-eslint/no-require-imports -- loaded on first use only; by names that a bundler sees */
/** Packages whose versions influence the output of constructs. */
const PACKAGES: readonly (() => unknown)[] = [
  () => require('cdk8s/package.json') as unknown,
  () => require('cdk8s-plus-27/package.json') as unknown,
  () => require('constructs/package.json') as unknown,
];
/* eslint-enable @typescript-eslint/no-require-imports */

/** The file in which a fleet stores the output of its sites, below {@link OWN_FOLDER}. */
export function cacheName(fleetPath: string): string {
  return `cache-${fleetPath.replaceAll('/', '-')}`;
}

/**
 * @returns the cache of the last run; `undefined` if nothing shall be skipped
 * @throws {@link EdgeConstructsError} when a source does not exist
 */
export function openCache(app: App, node: Node, props: FleetProps): SiteCache | undefined {
  if (props.skipUnchanged === undefined) return undefined;
  const { files = [], addressPlan, reportFile } = props;
  // Settings that differ between sites are compared for each site.
  const without = [
    app.outdir,
    ...files,
    ...(addressPlan ? [addressPlan.lockFile] : []),
    ...(reportFile ? [reportFile] : []),
  ];
  const hashed = hashSources(props.skipUnchanged.sources, without);
  if ('code' in hashed) throw unreadable(node.path, hashed);
  const fingerprint = contentHash(
    JSON.stringify([
      hashed.hash,
      // This library itself is a source, too, whatever its version says.
      hashOfLibrary(),
      process.version,
      process.env.CDK8S_DISABLE_SORT,
      PACKAGES.map((load) => (load() as { readonly version: string }).version),
      [app.yamlOutputType, app.outputFileExtension, node.getAllContext()],
      fileOptionsOf(app),
      [props.kustomize, props.argoCd, props.flux],
    ]),
  );
  return new SiteCache(path.join(app.outdir, OWN_FOLDER, cacheName(node.path)), fingerprint, path.resolve(app.outdir));
}

function unreadable(path: string, { file, code }: UnreadableSource): EdgeConstructsError {
  const found = problem(
    'skipUnchanged.sources',
    file,
    'files and folders that exist',
    'Correct the path; it is relative to the working directory.',
  );
  const isMissing = code === 'ENOENT';
  const cannotRead = { given: `${found.given}, which cannot be read (${code})`, allowed: 'files that can be read' };
  const remedy = 'Make it readable, remove it, or name narrower sources.';
  return new EdgeConstructsError(path, 'Fleet', [isMissing ? found : { ...found, ...cannotRead, remedy }]);
}
