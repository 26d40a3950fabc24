import type { k8s } from 'cdk8s-plus-27';
import { AutonomyLevel, type KinsClusterProps } from '../../lib';
import { pod, PARTS, type Part } from './support/pods';

const { L3 } = AutonomyLevel;

describe('privileges', () => {
  test('the control plane has none, but the network of the node', () => {
    const spec = pod('server');
    expect(spec).toMatchObject({
      hostNetwork: true,
      automountServiceAccountToken: false,
      securityContext: { runAsUser: 10001, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const { securityContext } of spec.containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
    }
  });

  test('only containerd, the check before it, the agent and the recycler are privileged; only what starts containerd and what recycles sees the processes of the node', () => {
    const privileged = (spec: k8s.PodSpec): string[] =>
      [...spec.containers, ...(spec.initContainers ?? [])]
        .filter(({ securityContext }) => securityContext?.privileged === true)
        .map(({ name }) => name);
    expect(PARTS.flatMap((part) => privileged(pod(part)))).toEqual(['containerd', 'check', 'agent']);
    expect(privileged(pod('recycle', {}, L3))).toEqual(['recycle']);
    for (const part of PARTS) expect([part, pod(part).hostNetwork]).toEqual([part, true]);
    expect(PARTS.filter((part) => (pod(part) as { hostPID?: boolean }).hostPID === true)).toEqual(['cri']);
    expect(pod('recycle', {}, L3)).toMatchObject({ hostPID: true });
  });

  test('agents never hold the server token, and the administrator reaches only who needs it', () => {
    const secretsOf = (part: Part, props: Partial<KinsClusterProps> = {}): Record<string, string[]> => {
      const spec = pod(part, props);
      const items = new Map(
        (spec.volumes ?? []).flatMap(({ name, secret }) =>
          secret === undefined ? [] : [[name, (secret.items ?? []).map(({ key }) => key)] as const],
        ),
      );
      return Object.fromEntries(
        [...spec.containers, ...(spec.initContainers ?? [])].map(({ name, volumeMounts = [] }) => [
          name,
          volumeMounts.flatMap((mount) => items.get(mount.name) ?? []),
        ]),
      );
    };
    const all = ['server-token', 'agent-token', 'admin-token'];
    // Of the unit's own Secret the keys that are there yet; the rest gets what has been made of them.
    expect(secretsOf('server')).toEqual({ check: [], tokens: all, release: [], server: [], publish: [] });
    expect(secretsOf('agent')).toEqual({ agent: ['agent-token'], access: ['admin-token'] });
    expect(Object.values(secretsOf('cri')).flat()).toEqual([]);
    expect(secretsOf('server', { tokenSecret: 'own' })).toEqual({ check: [], release: [], server: all, publish: all });
  });

  test('servers wait for the Secret of a user, but come before there is anything in that of the unit, and have its tokens in memory', () => {
    const volumes = (props: Partial<KinsClusterProps>): [string, unknown, unknown][] =>
      (pod('server', props).volumes ?? [])
        .filter(({ name }) => name === 'tokens' || name === 'secret')
        .map(({ name, secret, emptyDir }) => [name, secret && [secret.secretName, secret.optional], emptyDir?.medium]);
    expect(volumes({ tokenSecret: 'own' })).toEqual([['tokens', ['own', undefined], undefined]]);
    expect(volumes({})).toEqual([
      ['tokens', undefined, 'Memory'],
      ['secret', ['test-sec-kins', true], undefined],
    ]);
    const { initContainers = [] } = pod('server');
    // A node whose clock is wrong is told of, before anybody waits for the cloud.
    expect(initContainers.map(({ name }) => name)).toEqual(['check', 'tokens', 'release']);
  });

  test('only who talks to the cloud all the time has an account in it', () => {
    const mounts = ({ containers }: k8s.PodSpec): string[] =>
      containers
        .filter(({ volumeMounts }) => volumeMounts?.some(({ mountPath }) => mountPath.includes('serviceaccount')))
        .map(({ name }) => name);
    expect(mounts(pod('server'))).toEqual(['publish']);
    for (const part of ['cri', 'agent'] as const) {
      expect([mounts(pod(part)), pod(part).automountServiceAccountToken]).toEqual([[], false]);
    }
  });

  test('no token is in an argument or in the environment', () => {
    for (const part of PARTS) {
      for (const { env = [], args, command } of pod(part).containers) {
        expect(env.filter(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined)).toEqual([]);
        expect(args).toBeUndefined();
        expect(command).toEqual(['/bin/sh', expect.stringMatching(/^\/etc\/kins\/scripts\/[a-z]+\.sh$/)]);
      }
    }
  });
});
