import { k8s } from 'cdk8s-plus-27';
import { kinsLabels, kinsName, KINS_NAMESPACE, type KinsPart } from './names';

/** A service account of a unit's pod. Only containers that need its token get it. */
export function serviceAccount(unit: string, part: KinsPart): unknown {
  return k8s.KubeServiceAccount.manifest({
    metadata: { name: kinsName(unit, part), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, part) },
    automountServiceAccountToken: false,
  });
}

/** Objects, by name, that a service account may read and change. */
export interface Grant {
  readonly resource: 'secrets' | 'configmaps';
  readonly names: readonly string[];
}

/** A Role that allows reading and patching the named objects, and nothing else; without grants it allows nothing. */
export function role(unit: string, part: KinsPart, grants?: readonly Grant[]): unknown {
  return k8s.KubeRole.manifest({
    metadata: { name: kinsName(unit, part), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, part) },
    rules: grants?.map(({ resource, names }) => ({
      apiGroups: [''],
      resources: [resource],
      resourceNames: [...names],
      verbs: ['get', 'patch'],
    })),
  });
}

/** Binds the Role of a part to its service account. */
export function roleBinding(unit: string, part: KinsPart): unknown {
  const name = kinsName(unit, part);
  return k8s.KubeRoleBinding.manifest({
    metadata: { name, namespace: KINS_NAMESPACE, labels: kinsLabels(unit, part) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: KINS_NAMESPACE }],
  });
}
