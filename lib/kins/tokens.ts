import { k8s } from 'cdk8s-plus-27';
import { shortHashOf } from './config';
import type { KinsModel } from './model';
import { kinsLabels, kinsName, kinsSelector, KINS_NAMESPACE, SERVER_UID, type KinsPart } from './names';
import { environment, memory, pinnedTo, pullSecrets, script, tolerationsOf, UNPRIVILEGED } from './pod';
import { TOKEN_SCRIPTS } from './scripts';

/** The unit's Secret, empty: tokens and kubeconfigs come into it in the cluster, never into Git. */
export function unitSecret(unit: string): unknown {
  return k8s.KubeSecret.manifest({
    metadata: { name: kinsName(unit, 'sec'), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, 'sec') },
    type: 'Opaque',
  });
}

/**
 * The Job that fills the Secret, on the node that founds the cluster: it puts up with all taints, so anywhere else the
 * scheduler could give it to a node that is off, and the unit would wait for that one. Running it again changes nothing
 * in a Secret that has its tokens.
 */
export function tokenJob(model: KinsModel): unknown {
  const { unit } = model;
  const spec = tokenPod(model);
  return k8s.KubeJob.manifest({
    metadata: {
      // A Job can't be changed once it is there.
      name: `${kinsName(unit, 'token')}-${shortHashOf(TOKEN_SCRIPTS, spec)}`,
      namespace: KINS_NAMESPACE,
      labels: kinsLabels(unit, 'token'),
      // The one before, which has another name, is no reason to call the unit out of sync.
      annotations: {
        'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
        // It never changes; and Flux, told to wait, waits for no Job that is there already: its site may be dark for weeks.
        'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent',
      },
    },
    spec: {
      backoffLimit: 20,
      template: { metadata: { labels: kinsLabels(unit, 'token') }, spec },
    },
  });
}

function tokenPod(model: KinsModel): k8s.PodSpec {
  const { unit, image, servers } = model;
  return {
    restartPolicy: 'OnFailure',
    serviceAccountName: kinsName(unit, 'token'),
    enableServiceLinks: false,
    imagePullSecrets: pullSecrets(model),
    affinity: pinnedTo(servers.slice(0, 1)),
    tolerations: tolerationsOf(model),
    securityContext: {
      runAsUser: SERVER_UID,
      runAsGroup: SERVER_UID,
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'tokens',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: script('tokens.sh'),
        env: environment({ SECRET: kinsName(unit, 'sec'), NAMESPACE: KINS_NAMESPACE, HOME: '/tmp' }),
        resources: {
          requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('64Mi') },
        },
        securityContext: UNPRIVILEGED,
        volumeMounts: [
          { name: 'tmp', mountPath: '/tmp' },
          { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
        ],
      },
    ],
    volumes: [memory('tmp'), { name: 'scripts', configMap: { name: kinsName(unit, 'token'), defaultMode: 0o555 } }],
  };
}

/** Nobody calls the Job. */
export function tokenNetworkPolicy(unit: string): unknown {
  return k8s.KubeNetworkPolicy.manifest({
    metadata: { name: kinsName(unit, 'token'), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, 'token') },
    spec: { podSelector: { matchLabels: kinsSelector(unit, 'token') }, policyTypes: ['Ingress'] },
  });
}

/** An account of a unit's pod. Only the container that needs it gets the token. */
export function serviceAccount(unit: string, part: KinsPart): unknown {
  return k8s.KubeServiceAccount.manifest({
    metadata: { name: kinsName(unit, part), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, part) },
    automountServiceAccountToken: part === 'token',
  });
}

/** What an account may read and change, by name. */
export interface Grant {
  readonly resource: 'secrets' | 'configmaps';
  readonly names: readonly string[];
}

/** A Role that allows to read and patch the named objects, and nothing else. */
export function role(unit: string, part: KinsPart, grants: readonly Grant[]): unknown {
  return k8s.KubeRole.manifest({
    metadata: { name: kinsName(unit, part), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, part) },
    rules: grants.map(({ resource, names }) => ({
      apiGroups: [''],
      resources: [resource],
      resourceNames: [...names],
      verbs: ['get', 'patch'],
    })),
  });
}

/** Gives the role of a part to the account of that part. */
export function roleBinding(unit: string, part: KinsPart): unknown {
  const name = kinsName(unit, part);
  return k8s.KubeRoleBinding.manifest({
    metadata: { name, namespace: KINS_NAMESPACE, labels: kinsLabels(unit, part) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: KINS_NAMESPACE }],
  });
}
