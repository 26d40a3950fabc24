import { k8s } from 'cdk8s-plus-27';
import type { Manifest } from '../../core/edge-object';
import { NEVER_PRUNED_ANNOTATIONS } from '../../core/sync-wave';
import { hasOwnCluster, type AutonomyLevel } from '../../superedge/autonomy-level';
import { shortHashOf } from '../hashes';
import { KINS_NAMESPACE } from '../names';
import { SCRIPTS, type ScriptsOf } from '../scripts';

const KINDS = Object.keys(SCRIPTS) as readonly ScriptsOf[];

/**
 * The pods whose scripts have to be there for a unit: at L4 and L5 those of its end, too, so that nothing else has to be
 * applied before that.
 */
export function scriptsFor(level: AutonomyLevel): readonly ScriptsOf[] {
  return hasOwnCluster(level) ? KINDS : ['recycle'];
}

const NAMES = Object.fromEntries(KINDS.map((of) => [of, `kins-${of}-scripts-${shortHashOf(SCRIPTS[of])}`])) as Readonly<
  Record<ScriptsOf, string>
>;

/** Name of the ConfigMap with the scripts of a kind of pods. It changes with them, and with nothing else. */
export function scriptsName(of: ScriptsOf): string {
  return NAMES[of];
}

/**
 * What pods of a kind run, once for all units of a cluster. It never changes: changed scripts have another name, and the
 * pods that run them are replaced. Pods of other versions of this library, and of sites that are dark for a year, mount
 * what they were created with; so only a person removes it.
 * @see https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable
 */
export function scriptsConfigMap(of: ScriptsOf): Manifest {
  return k8s.KubeConfigMap.manifest({
    metadata: {
      name: scriptsName(of),
      namespace: KINS_NAMESPACE,
      annotations: {
        ...NEVER_PRUNED_ANNOTATIONS,
        // Several Kustomizations may bring it; each would write its own name into it at every reconciliation.
        'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent',
      },
      labels: {
        'app.kubernetes.io/component': `${of}-scripts`,
        'app.kubernetes.io/managed-by': 'edge-constructs',
        'app.kubernetes.io/name': 'kins',
      },
    },
    immutable: true,
    data: SCRIPTS[of],
  }) as Manifest;
}

/** The scripts of a kind of pods as files. */
export function scriptsVolume(of: ScriptsOf): k8s.Volume {
  return { name: 'scripts', configMap: { name: scriptsName(of), defaultMode: 0o555 } };
}
