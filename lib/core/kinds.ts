/**
 * The cluster-scoped kinds among those this library renders; all others are namespaced. Kept by group, because
 * `Cluster` alone says nothing.
 */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  '/Namespace',
  'kubermatic.k8c.io/Cluster',
  'site.superedge.io/NodeUnit',
  'site.superedge.io/NodeGroup',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
]);

/** Whether objects of a kind live outside namespaces. */
export function isClusterScoped(apiVersion: string, kind: string): boolean {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return CLUSTER_SCOPED.has(`${group ?? ''}/${kind}`);
}
