import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process';

/** The programs of a control plane. */
export interface Assets {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubectl: string;
  /** Missing where KUBEBUILDER_ASSETS names a folder without it. */
  readonly kubeControllerManager?: string;
}

/**
 * Finds the programs, building them the first time (minutes; progress goes to stderr).
 * @throws Error with the one line that says why there are none.
 */
export async function assets(): Promise<Assets> {
  const { code, stdout, stderr } = await run(join(__dirname, 'assets', 'build.sh'), [], {
    onStderr: (text) => process.stderr.write(text),
  });
  if (code !== 0) throw new Error(stderr.trimEnd().split('\n').at(-1) ?? `build.sh ended with status ${code}`);
  const folder = stdout.trim();
  const controllerManager = join(folder, 'kube-controller-manager');
  return {
    etcd: join(folder, 'etcd'),
    kubeApiserver: join(folder, 'kube-apiserver'),
    kubectl: join(folder, 'kubectl'),
    kubeControllerManager: existsSync(controllerManager) ? controllerManager : undefined,
  };
}
