import { k8s } from 'cdk8s-plus-27';
import type { KinsModel } from '../model';
import { kinsLabels, kinsName, kinsPaths, KINS_NAMESPACE } from '../names';
import { containerResources, environment, memory, script, tokensVolume, unitEnvironment, UNPRIVILEGED } from './pod';

/** The unit's Secret, empty: tokens and kubeconfigs come into it in the cluster, never into Git. */
export function unitSecret(unit: string): unknown {
  return k8s.KubeSecret.manifest({
    metadata: { name: kinsName(unit, 'sec'), namespace: KINS_NAMESPACE, labels: kinsLabels(unit, 'sec') },
    type: 'Opaque',
  });
}

/** The tokens that a server needs. */
const TOKENS = ['server-token', 'agent-token', 'admin-token'] as const;

/** Where the container that has just made the tokens leaves them; in memory only. */
const MADE = '/run/kins-tokens';

/** Where the tokens come from, as far as the server pods see to it. */
export interface ServerTokens {
  /** What runs before the server. */
  readonly initContainers: readonly k8s.Container[];
  /** Volumes of the pod; the one named `tokens` has all tokens in it when the server starts. */
  readonly volumes: readonly k8s.Volume[];
}

/**
 * The Secret of the user as it is, or the unit's own, which the server pods fill. A kubelet waits with a pod until the keys
 * are there that a volume names, and looks for keys that come later about once a minute only: so the volume may be empty,
 * and who makes the tokens hands them on.
 *
 * @param work a volume in memory that the account's container of the pod uses later
 * @param cloud mounts the account of the pod
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
