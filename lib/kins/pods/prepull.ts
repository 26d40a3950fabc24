import type { KinsModel } from '../model';
import { kinsPaths } from '../names';
import {
  containerResources,
  environment,
  hostDirectory,
  kinsDaemonSet,
  memory,
  PROBE_SECONDS,
  script,
  unitEnvironment,
  UNPRIVILEGED,
} from './pod';
import { ALL_AT_ONCE } from './replacement';
import { scriptsVolume } from './unit-scripts';

const STAGED = '/run/kins-prepull';

/**
 * Copies the programs of the next release to all nodes of the unit. A pod is ready when its node has them. Runs as root,
 * because nobody else may own what root executes, but without capabilities, and sees two folders of the node.
 * @param image image of the next release
 */
export function prepullDaemonSet(model: KinsModel, image: string): unknown {
  const { unit, nodes } = model;
  const { lib } = kinsPaths(unit);
  const folders = [hostDirectory('releases', `${lib}/releases`), hostDirectory('standby', `${lib}/standby`)];
  return kinsDaemonSet(model, {
    part: 'prepull',
    nodes,
    // A node that is switched off gets the release when it returns, and does not hold up the others.
    replacement: ALL_AT_ONCE,
    pod: {
      // When a node is short of anything, what runs is more important than what may run some day.
      priorityClassName: undefined,
      terminationGracePeriodSeconds: 5,
      containers: [
        {
          name: 'prepull',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: script('prepull.sh'),
          env: environment({ ...unitEnvironment(unit), KINS_STAGED: `${STAGED}/staged` }),
          readinessProbe: {
            exec: { command: ['/bin/test', '-f', `${STAGED}/staged`] },
            periodSeconds: 10,
            timeoutSeconds: PROBE_SECONDS,
          },
          resources: containerResources({ cpuRequest: '10m', memoryRequest: '16Mi' }),
          securityContext: { ...UNPRIVILEGED, runAsUser: 0, runAsGroup: 0, runAsNonRoot: false },
          volumeMounts: [
            ...folders.map(({ name, hostPath }) => ({ name, mountPath: hostPath?.path ?? '' })),
            { name: 'staged', mountPath: STAGED },
            { name: 'scripts', mountPath: '/etc/kins/scripts', readOnly: true },
          ],
        },
      ],
      volumes: [...folders, memory('staged'), scriptsVolume('prepull')],
    },
  });
}
