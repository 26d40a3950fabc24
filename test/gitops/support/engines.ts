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
export function fluxEngine(): FluxEngine | string {
  const program = onPath('kustomize-controller');
  if (program === undefined) return 'kustomize-controller is not on PATH';
  const crds = process.env.FLUX_CRDS ?? resolve(dirname(program), '../flux/crds');
  if (!existsSync(crds)) return `no CustomResourceDefinitions of Flux in ${crds}; FLUX_CRDS names another folder`;
  return { program, crds };
}

/** `describe` for suites that need Flux: without it they are skipped, and say why. */
export function describeWithFlux(name: string, body: (engine: FluxEngine) => void): void {
  const engine = fluxEngine();
  if (typeof engine === 'string') {
    describe.skip(`${name} (skipped: ${engine})`, () => {
      body({ program: '', crds: '' });
    });
    return;
  }
  describe(name, () => {
    body(engine);
  });
}
