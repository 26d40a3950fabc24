import { k8s } from 'cdk8s-plus-27';
import type { KinsModel } from '../model';
import { kinsLabels, kinsName, kinsPaths, KINS_NAMESPACE } from '../names';
import { containerResources, environment, memory, script, tokensVolume, unitEnvironment, UNPRIVILEGED } from './pod';

/** The unit's Secret. It is rendered empty and filled in the cluster, so that tokens and kubeconfigs never get into Git. */
export function unitSecret(unit: string): unknown {
  return k8s.KubeSecret.manifest({
    metadata: { name: kinsName(unit, 'sec'), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, 'sec') },
    type: 'Opaque',
  });
}

/** The tokens that a server needs. */
const TOKENS = ['server-token', 'agent-token', 'admin-token'] as const;

/** Where the container that fills the Secret leaves the tokens for the server; in memory only. */
const MADE = '/run/kins-tokens';

/** The parts of a server pod that provide the tokens. */
export interface ServerTokens {
  /** Containers that run before the server. */
  readonly initContainers: readonly k8s.Container[];
  /** Volumes of the pod; the one named `tokens` holds all tokens when the server starts. */
  readonly volumes: readonly k8s.Volume[];
}

/**
 * Mounts the Secret of the user, or the unit's own, which the server pods fill. The keys of the latter are optional: a
 * kubelet does not start a pod until all required keys exist, and notices new keys only about once a minute. Instead, the
 * container that makes the tokens passes them on.
 *
 * @param work a volume in memory that another container uses later
 * @param cloud mounts the service account of the pod
 */
export function serverTokens(model: KinsModel, work: k8s.VolumeMount, cloud: k8s.VolumeMount): ServerTokens {
  if (model.tokenSecret !== undefined) {
    return { initContainers: [], volumes: [tokensVolume(model, 'tokens', TOKENS)] };
  }
  const { unit, image } = model;
  const { server } = kinsPaths(unit);
  return {
    initContainers: [
      {
        name: 'tokens',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: script('tokens.sh'),
        env: environment({
          ...unitEnvironment(unit),
          UNIT: unit,
          SECRET: kinsName(unit, 'sec'),
          NAMESPACE: KINS_NAMESPACE,
          HOME: work.mountPath,
          TMPDIR: work.mountPath,
        }),
        resources: containerResources({ cpuRequest: '10m', memoryRequest: '64Mi' }),
        securityContext: UNPRIVILEGED,
        volumeMounts: [
          { name: 'tokens', mountPath: MADE },
          work,
          { name: 'data', mountPath: server, readOnly: true },
          { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
          { name: 'state', mountPath: '/etc/kins/state', readOnly: true },
          { name: 'secret', mountPath: '/etc/kins/secrets', readOnly: true },
          cloud,
        ],
      },
    ],
    volumes: [memory('tokens'), tokensVolume(model, 'secret', TOKENS, { optional: true })],
  };
}
