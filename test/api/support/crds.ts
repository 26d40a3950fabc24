import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Cluster, Response } from './cluster';
import { eventually } from './poll';

/** One file with one CustomResourceDefinition. */
export interface CrdFile {
  readonly path: string;
  /** Name of the CustomResourceDefinition, `<plural>.<group>`. */
  readonly name: string;
}

const FOLDER = resolve(__dirname, '../../../../shared/crds');

/** The upstream CRDs beside this repository; undefined where they are missing, which is no error: see {@link describeWithCrds}. */
export function sharedCrds(): readonly CrdFile[] | undefined {
  if (!existsSync(FOLDER)) return undefined;
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .sort()
    .map((path) => ({ path: join(FOLDER, path), name: crdName(basename(path)) }));
}

/** `describe` for suites that need the upstream CRDs: without them it is skipped, and says so. */
export function describeWithCrds(name: string, body: () => void): void {
  if (sharedCrds() !== undefined) describe(name, body);
  else describe.skip(`${name} (skipped: upstream CRDs not found at ../shared/crds)`, body);
}

/**
 * Installs all upstream CRDs and waits until objects of each can be made; answers at once when another suite has done so.
 * They stay for the whole run.
 */
export async function installCrds(cluster: Cluster): Promise<readonly string[]> {
  const files = sharedCrds();
  if (files === undefined) throw new Error(`upstream CRDs not found at ${FOLDER}; see describeWithCrds`);
  const names = files.map(({ name }) => name);
  const ready = await Promise.all(names.map((name) => isServed(cluster, name)));
  if (ready.every(Boolean)) return names;
  const { code, stderr } = await cluster.kubectl([
    'apply',
    '--server-side',
    '--validate=strict',
    '--field-manager=upstream-crds',
    ...files.map(({ path }) => `--filename=${path}`),
  ]);
  if (code !== 0) throw new Error(`installing the upstream CRDs failed: ${stderr}`);
  for (const name of names) await eventually(`CRD ${name} is served`, () => isServed(cluster, name));
  return names;
}

/** `<group>_<plural>.yaml`; `.no-conversion` marks a file whose conversion webhook was taken out. */
function crdName(file: string): string {
  const match = /^([a-z0-9.]+)_([a-z0-9]+)(\.no-conversion)?\.yaml$/.exec(file);
  if (match === null) throw new Error(`${file}: expected the name <group>_<plural>.yaml`);
  return `${match[2]!}.${match[1]!}`;
}

/** Established comes first, and serving the resource a moment later. */
async function isServed(cluster: Cluster, name: string): Promise<boolean> {
  const crd = await cluster.request('GET', `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`);
  if (crd.status !== 200) return false;
  const { spec, status } = crd.body as {
    spec: { group: string; names: { plural: string }; versions: { name: string; served: boolean }[] };
    status?: { conditions?: { type: string; status: string }[] };
  };
  if (!status?.conditions?.some((condition) => condition.type === 'Established' && condition.status === 'True')) {
    return false;
  }
  const lists = await Promise.all(
    spec.versions
      .filter(({ served }) => served)
      .map(({ name: version }) => cluster.request('GET', `/apis/${spec.group}/${version}/${spec.names.plural}`)),
  );
  return lists.every((list: Response) => list.status === 200);
}
