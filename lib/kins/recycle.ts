import { hashOf } from './config';
import type { KinsModel } from './model';
import { kinsName, kinsPaths } from './names';
import { containerResources, environment, hostDirectory, kinsDaemonSet, script } from './pod';
import { RECYCLE_SCRIPTS } from './scripts';
import { k8s } from 'cdk8s-plus-27';

/**
 * Takes the unit off its nodes at L3. A pod is ready when its node is clean, so the DaemonSet's count of ready pods is
 * the progress, and a node that was off is done when it returns.
 */
export function recycleDaemonSet(model: KinsModel): unknown {
  const { unit, nodes, image } = model;
  return kinsDaemonSet(model, {
    part: 'recycle',
    nodes,
    configHash: hashOf(RECYCLE_SCRIPTS),
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString('100%') } },
    pod: {
      // It ends processes of other pods, so it must see them.
      hostPid: true,
      terminationGracePeriodSeconds: 5,
      containers: [
        {
          name: 'recycle',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: script('recycle.sh'),
          env: environment({ UNIT: unit, CGROUP: kinsPaths(unit).cgroup }),
          readinessProbe: { exec: { command: ['/bin/test', '-f', '/tmp/recycled'] }, periodSeconds: 5 },
          resources: containerResources({ cpuRequest: '10m', memoryRequest: '32Mi' }),
          securityContext: { privileged: true },
          volumeMounts: [
            { name: 'lib', mountPath: '/var/lib/kins', mountPropagation: 'Bidirectional' },
            { name: 'run', mountPath: '/run/kins', mountPropagation: 'Bidirectional' },
            { name: 'sys', mountPath: '/host/sys', mountPropagation: 'HostToContainer' },
            { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
          ],
        },
      ],
      volumes: [
        hostDirectory('lib', '/var/lib/kins'),
        hostDirectory('run', '/run/kins'),
        { name: 'sys', hostPath: { path: '/sys', type: 'Directory' } },
        { name: 'scripts', configMap: { name: kinsName(unit, 'recycle'), defaultMode: 0o555 } },
      ],
    },
  });
}
