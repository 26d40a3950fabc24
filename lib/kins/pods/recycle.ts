import { k8s } from 'cdk8s-plus-27';
import type { KinsModel } from '../model';
import { nodeNetwork } from '../node-network';
import { kinsLabels, kinsName, kinsPaths, kinsSelector, KINS_NAMESPACE, type KinsPart } from '../names';
import {
  containerResources,
  environment,
  hostDirectory,
  kinsDaemonSet,
  PACKET_FILTER_LOCK_MOUNT,
  packetFilterLock,
  PROBE_SECONDS,
  script,
  UNPRIVILEGED,
} from './pod';
import { ALL_AT_ONCE } from './replacement';
import { scriptsVolume } from './unit-scripts';

/**
 * Removes the unit from its nodes at L3. A pod is ready when its node is clean, so the DaemonSet's number of ready pods
 * shows the progress. A node that was switched off is cleaned when it returns.
 */
export function recycleDaemonSet(model: KinsModel): unknown {
  const { unit, nodes, image } = model;
  return kinsDaemonSet(model, {
    part: 'recycle',
    nodes,
    replacement: ALL_AT_ONCE,
    pod: {
      // It ends processes of the unit's earlier pods, so it must see them.
      hostPid: true,
      terminationGracePeriodSeconds: 5,
      containers: [
        {
          name: 'recycle',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: script('recycle.sh'),
          env: environment({ UNIT: unit, CGROUP: kinsPaths(unit).cgroup, LINK: nodeNetwork(unit).link }),
          readinessProbe: {
            exec: { command: ['/bin/test', '-f', '/tmp/recycled'] },
            periodSeconds: 5,
            timeoutSeconds: PROBE_SECONDS,
          },
          resources: containerResources({ cpuRequest: '10m', memoryRequest: '32Mi' }),
          securityContext: { privileged: true },
          volumeMounts: [
            { name: 'lib', mountPath: '/var/lib/kins', mountPropagation: 'Bidirectional' },
            { name: 'run', mountPath: '/run/kins', mountPropagation: 'Bidirectional' },
            { name: 'sys', mountPath: '/host/sys', mountPropagation: 'HostToContainer' },
            PACKET_FILTER_LOCK_MOUNT,
            { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
            { name: 'guard', mountPath: '/etc/kins/guard', readOnly: true },
          ],
        },
      ],
      volumes: [
        hostDirectory('lib', '/var/lib/kins'),
        hostDirectory('run', '/run/kins'),
        { name: 'sys', hostPath: { path: '/sys', type: 'Directory' } },
        packetFilterLock(),
        scriptsVolume('recycle'),
        { name: 'guard', configMap: { name: kinsName(unit, 'guard'), items: [{ key: 'level', path: 'level' }] } },
      ],
    },
  });
}

/**
 * A DaemonSet of the unit that no longer runs anywhere. It is rendered at L3, because clients that remove nothing (`kubectl
 * apply`) would otherwise leave the pods of L4 and L5 running. This way nobody needs the right to delete DaemonSets.
 */
export function endedDaemonSet({ unit, image }: KinsModel, part: KinsPart): unknown {
  // Matches no node, whatever its labels.
  const never = ['Exists', 'DoesNotExist'].map((operator) => ({ key: 'kubernetes.io/os', operator }));
  return k8s.KubeDaemonSet.manifest({
    metadata: {
      name: kinsName(unit, part),
      namespace: KINS_NAMESPACE,
      labels: kinsLabels(unit, part),
    },
    spec: {
      selector: { matchLabels: kinsSelector(unit, part) },
      template: {
        metadata: { labels: kinsLabels(unit, part) },
        spec: {
          automountServiceAccountToken: false,
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: never }] },
            },
          },
          containers: [{ name: 'ended', image, command: ['/bin/true'], securityContext: UNPRIVILEGED }],
        },
      },
    },
  });
}
