import { k8s } from 'cdk8s-plus-27';
import type { Manifest } from '../../core/edge-object';
import { NEVER_PRUNED_ANNOTATIONS } from '../../core/sync-wave';
import { hasOwnCluster, type AutonomyLevel } from '../../superedge/autonomy-level';
import { shortHashOf } from '../hashes';
import { KINS_NAMESPACE } from '../names';
import { SCRIPTS, type ScriptsOf } from '../scripts';

const KINDS = Object.keys(SCRIPTS) as readonly ScriptsOf[];

/**
 * The kinds of pods whose scripts a unit needs. At L4 and L5 the recycler's are included, so that they are already there
 * when the unit is set to L3.
 * @param hasPrepull whether a release is copied to its nodes in advance
 */
export function scriptsFor(level: AutonomyLevel, hasPrepull = false): readonly ScriptsOf[] {
  return hasOwnCluster(level) ? KINDS.filter((of) => of !== 'prepull' || hasPrepull) : ['recycle'];
}

const NAMES = Object.fromEntries(KINDS.map((of) => [of, `kins-${of}-scripts-${shortHashOf(SCRIPTS[of])}`])) as Readonly<
  Record<ScriptsOf, string>
>;

/** Name of the ConfigMap with the scripts of a kind of pods. It contains a hash of the scripts. */
export function scriptsName(of: ScriptsOf): string {
  return NAMES[of];
}

/**
 * The ConfigMap with the scripts of a kind of pods, shared by all units of a cluster. It is immutable: changed scripts get
 * a ConfigMap of another name, and the pods are replaced. Pods of other versions of this library, and of sites that have
 * been offline for long, still mount earlier ones, so only people may remove those.
 * @see https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable
 */
export function scriptsConfigMap(of: ScriptsOf): Manifest {
  return k8s.KubeConfigMap.manifest({
    metadata: {
      name: scriptsName(of),
      namespace: KINS_NAMESPACE,
      annotations: {
        ...NEVER_PRUNED_ANNOTATIONS,
        // Several Kustomizations may contain it, and each would write its own labels into it at every reconciliation.
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

/** Mounts the scripts of a kind of pods. */
export function scriptsVolume(of: ScriptsOf): k8s.Volume {
  return { name: 'scripts', configMap: { name: scriptsName(of), defaultMode: 0o555 } };
}
