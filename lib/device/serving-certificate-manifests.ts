import { k8s } from 'cdk8s-plus-27';
import type { Manifest } from '../core/edge-object';
import { APPROVING_PARTS } from './scripts';

/** Checked props, from which the approver's objects are made. */
export interface ApproverModel {
  readonly name: string;
  readonly intervalMinutes: number;
  readonly image: string;
  readonly imagePullSecrets: readonly string[];
}

const NAMESPACE = 'kube-system';
const SCRIPT = 'approve.sh';

/** The program of the approver. It runs with kubectl on PATH and the rights of the approver. */
export function approvingScript(): string {
  return ['set -u', ...APPROVING_PARTS, 'approve_all', ''].join('\n');
}

/** The objects of an approver by the ids of their constructs, in the order they are applied in. */
export function approverManifests(model: ApproverModel): Readonly<Record<string, Manifest>> {
  const labels = { 'app.kubernetes.io/name': 'serving-certificate-approver', 'app.kubernetes.io/instance': model.name };
  const own = { name: model.name, namespace: NAMESPACE, labels };
  const clusterOwn = { name: `${NAMESPACE}:${model.name}`, labels };
  const subjects = [{ kind: 'ServiceAccount', name: model.name, namespace: NAMESPACE }];
  return {
    account: manifest(k8s.KubeServiceAccount, { metadata: own, automountServiceAccountToken: false }),
    clusterRole: manifest(k8s.KubeClusterRole, { metadata: clusterOwn, rules: CLUSTER_RULES }),
    clusterRoleBinding: manifest(k8s.KubeClusterRoleBinding, {
      metadata: clusterOwn,
      subjects,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterOwn.name },
    }),
    ...roleIn('machines', own, MACHINE_RULES, subjects),
    ...roleIn('apiServer', { ...own, name: clusterOwn.name, namespace: 'default' }, API_SERVER_RULES, subjects),
    script: manifest(k8s.KubeConfigMap, { metadata: own, data: { [SCRIPT]: approvingScript() } }),
    cronJob: manifest(k8s.KubeCronJob, { metadata: own, spec: cronJobSpec(model, labels) }),
  };
}

/** Makes a manifest of a native kind. The parameter type requires the right fields; the result has a general type. */
function manifest<Props>(kind: { manifest(props: Props): unknown }, props: Props): Manifest {
  return kind.manifest(props) as Manifest;
}

const CLUSTER_RULES: k8s.PolicyRule[] = [
  { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'], verbs: ['list'] },
  { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval'], verbs: ['update'] },
  {
    apiGroups: ['certificates.k8s.io'],
    resources: ['signers'],
    resourceNames: ['kubernetes.io/kubelet-serving'],
    verbs: ['approve'],
  },
  { apiGroups: [''], resources: ['nodes'], verbs: ['list'] },
];

const MACHINE_RULES: k8s.PolicyRule[] = [
  { apiGroups: ['cluster.k8s.io'], resources: ['machinedeployments'], verbs: ['list'] },
];

const API_SERVER_RULES: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['services'], resourceNames: ['kubernetes'], verbs: ['get'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], resourceNames: ['kubernetes'], verbs: ['get'] },
];

function roleIn(
  id: string,
  metadata: k8s.ObjectMeta & { readonly name: string },
  rules: k8s.PolicyRule[],
  subjects: k8s.Subject[],
): Record<string, Manifest> {
  return {
    [`${id}Role`]: manifest(k8s.KubeRole, { metadata, rules }),
    [`${id}RoleBinding`]: manifest(k8s.KubeRoleBinding, {
      metadata,
      subjects,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    }),
  };
}

function cronJobSpec(model: ApproverModel, labels: Record<string, string>): k8s.CronJobSpec {
  const { name, intervalMinutes, image, imagePullSecrets } = model;
  return {
    schedule: `*/${intervalMinutes} * * * *`,
    concurrencyPolicy: 'Forbid',
    // After an outage of the control plane, missed runs need not be made up for.
    startingDeadlineSeconds: 120,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 1,
    jobTemplate: {
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: 300,
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            automountServiceAccountToken: true,
            restartPolicy: 'Never',
            imagePullSecrets: imagePullSecrets.map((each) => ({ name: each })),
            // It has to run somewhere, even if all nodes are tainted.
            tolerations: [{ operator: 'Exists' }],
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65534,
              runAsGroup: 65534,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            containers: [
              {
                name: 'approve',
                image,
                command: ['/bin/sh', `/etc/approver/${SCRIPT}`],
                env: [
                  // kubectl's cache is in the home folder, which must be writable.
                  { name: 'HOME', value: '/tmp' },
                ],
                resources: {
                  requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('64Mi') },
                  limits: { memory: k8s.Quantity.fromString('256Mi') },
                },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                volumeMounts: [{ name: 'script', mountPath: '/etc/approver', readOnly: true }],
              },
            ],
            volumes: [{ name: 'script', configMap: { name } }],
          },
        },
      },
    },
  };
}
