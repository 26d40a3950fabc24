import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

/** A program on PATH; undefined when there is none. */
function onPath(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Flux's kustomize-controller, and the folder of its CustomResourceDefinitions and those of its sources. */
export interface FluxEngine {
  readonly program: string;
  readonly crds: string;
}

/** The engine, or why there is none: CRDs are in FLUX_CRDS, or in `flux/crds` beside the folder of the program. */
function fluxEngine(): FluxEngine | string {
  const program = onPath('kustomize-controller');
  if (program === undefined) return 'kustomize-controller is not on PATH';
  const crds = process.env.FLUX_CRDS ?? resolve(dirname(program), '../flux/crds');
  if (!existsSync(crds)) return `no CustomResourceDefinitions of Flux in ${crds}; FLUX_CRDS names another folder`;
  return { program, crds };
}

/** Argo CD's controllers, which are one program under several names, and the folder of its CustomResourceDefinitions. */
export interface ArgoCdEngine {
  /** Folder of the programs. */
  readonly bin: string;
  readonly crds: string;
}

const ARGO_CD_PROGRAMS = [
  'argocd-application-controller',
  'argocd-applicationset-controller',
  'argocd-repo-server',
] as const;

/** The engine, or why there is none: CRDs are in ARGOCD_CRDS, or in `argocd/crds` beside the folder of the programs. */
function argoCdEngine(): ArgoCdEngine | string {
  const missing = [...ARGO_CD_PROGRAMS, 'redis-server', 'git'].filter((program) => onPath(program) === undefined);
  if (missing.length > 0) return `not on PATH: ${missing.join(', ')}`;
  const bin = dirname(onPath(ARGO_CD_PROGRAMS[0]) ?? '');
  const crds = argoCdCrds();
  return typeof crds === 'string' ? crds : { bin, crds: crds.folder };
}

/**
 * The folder of Argo CD's CustomResourceDefinitions, or why there is none: ARGOCD_CRDS, or `argocd/crds` beside the folder of
 * its controllers, or of Flux's.
 */
function argoCdCrds(): { readonly folder: string } | string {
  const program = onPath(ARGO_CD_PROGRAMS[0]) ?? onPath('kustomize-controller');
  const folder = process.env.ARGOCD_CRDS ?? (program && resolve(dirname(program), '../argocd/crds'));
  if (folder === undefined || !existsSync(folder))
    return 'no CustomResourceDefinitions of Argo CD; ARGOCD_CRDS names them';
  return { folder };
}

/** `describe` for suites that need Flux: without it they are skipped, and say why. */
export function describeWithFlux(name: string, body: (engine: FluxEngine) => void): void {
  describeWith(name, fluxEngine(), { program: '', crds: '' }, body);
}

/** `describe` for suites that need Argo CD: without it they are skipped, and say why. */
export function describeWithArgoCd(name: string, body: (engine: ArgoCdEngine) => void): void {
  describeWith(name, argoCdEngine(), { bin: '', crds: '' }, body);
}

/** `describe` for suites that need the kinds of Argo CD: without them they are skipped, and say why. */
export function describeWithArgoCdCrds(name: string, body: (folder: string) => void): void {
  describeWith(name, argoCdCrds(), { folder: '' }, ({ folder }) => {
    body(folder);
  });
}

function describeWith<T extends object>(name: string, engine: T | string, none: T, body: (engine: T) => void): void {
  if (typeof engine === 'string') {
    describe.skip(`${name} (skipped: ${engine})`, () => {
      body(none);
    });
    return;
  }
  describe(name, () => {
    body(engine);
  });
}
