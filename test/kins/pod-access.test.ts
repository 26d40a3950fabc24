import type { k8s } from 'cdk8s-plus-27';
import { AutonomyLevel } from '../../lib';
import type { KubeObject } from '../api/support/objects';
import { kinsObjects } from '../support/units';

const { L3, L4 } = AutonomyLevel;

/** The pods of all workloads, by the name of the workload without what all have in common. */
function podsAt(level: AutonomyLevel): Readonly<Record<string, k8s.PodSpec>> {
  const workloads = kinsObjects('test', level).filter(({ kind }) => kind === 'DaemonSet');
  const specOf = ({ spec }: KubeObject): k8s.PodSpec => (spec as { template: { spec: k8s.PodSpec } }).template.spec;
  return Object.fromEntries(
    workloads.map((workload) => [workload.metadata.name.replace(/^test-|-kins.*$/g, ''), specOf(workload)]),
  );
}

const containersOf = ({ initContainers = [], containers }: k8s.PodSpec): k8s.Container[] => [
  ...initContainers,
  ...containers,
];

/** The places that each container may write to. */
const writable = (pods: Readonly<Record<string, k8s.PodSpec>>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(pods).flatMap(([pod, spec]) =>
      containersOf(spec).map(({ name, volumeMounts = [] }) => [
        `${pod} ${name}`,
        volumeMounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath),
      ]),
    ),
  );

const LIB = '/var/lib/kins/test';
const RUN = '/run/kins/test';
const PACKET_FILTER_LOCK = '/run/xtables.lock';

test('a container can change what it keeps, and nothing that it is given: scripts, settings, tokens', () => {
  expect(writable(podsAt(L4))).toEqual({
    'cri check': [LIB],
    'cri prepare': [LIB, RUN],
    'cri containerd': [LIB, RUN, '/host/sys', PACKET_FILTER_LOCK, '/run/kins-cri'],
    'server check': ['/tmp'],
    'server tokens': ['/run/kins-tokens', '/run/kins-publish'],
    'server server': [`${LIB}/server`, '/run/kins-server', '/run/kins-waiting', '/tmp', '/etc/rancher'],
    'server release': [`${LIB}/releases`, `${LIB}/standby`],
    'server publish': [`${LIB}/server`, '/run/kins-publish', '/run/kins-waiting'],
    'agent agent': [
      ...[LIB, '/etc/rancher/node', RUN, '/run/flannel', '/host/sys'],
      ...['/run/kins-agent', '/run/kins-admission'],
    ],
    'agent access': [`${LIB}/access`, '/run/kins-admission'],
  });
  expect(writable(podsAt(L3))).toMatchObject({
    'recycle recycle': ['/var/lib/kins', '/run/kins', '/host/sys', PACKET_FILTER_LOCK],
  });
});

test('no container is given a file system of its own to write to, or a way to more rights, unless it is privileged', () => {
  for (const level of [L3, L4]) {
    for (const { securityContext } of Object.values(podsAt(level)).flatMap(containersOf)) {
      if (securityContext?.privileged === true) continue;
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  }
});

test('no pod has its account mounted by itself, or the addresses of other Services in its environment', () => {
  for (const level of [L3, L4]) {
    for (const [name, spec] of Object.entries(podsAt(level))) {
      expect([name, spec.automountServiceAccountToken]).toEqual([name, false]);
      const isEnded = spec.containers[0]?.name === 'ended';
      if (!isEnded) expect([name, spec.enableServiceLinks]).toEqual([name, false]);
    }
  }
});

test('servers run as a user who may not be root; the recycler sees the processes that it ends', () => {
  expect(podsAt(L4).server?.securityContext).toMatchObject({ runAsUser: 10001, runAsNonRoot: true });
  expect(podsAt(L3).recycle).toMatchObject({ hostPID: true });
});

test('a pod starts before the unit has formed, but not before it has its tokens', () => {
  for (const name of ['server', 'agent']) {
    const volumes = podsAt(L4)[name]?.volumes ?? [];
    expect(volumes.find((volume) => volume.name === 'state')?.configMap?.optional).toBe(true);
    // A server makes them itself, where nobody else does.
    const optional = volumes.filter(({ secret }) => secret?.optional === true).map((volume) => volume.name);
    expect([name, optional]).toEqual([name, name === 'server' ? ['secret'] : []]);
  }
});
